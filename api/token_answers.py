"""The tokens of a device, made for a request and put into its answer."""

from datetime import datetime, timedelta

from fastapi import Request, Response

from api.access_problems import SignInRefused
from api.replies import entity
from api.settings import Settings
from data import sign_ins
from data.accounts import Owned
from data.sign_ins import TokenPair
from schemas.accounts import SignedUp, Tokens


def new_pair(request: Request) -> tuple[TokenPair, datetime]:
    """Return fresh tokens that last as the settings say, and the time that they begin at."""
    settings: Settings = request.app.state.settings
    now: datetime = request.app.state.clock()
    access, refresh = timedelta(minutes=settings.access_minutes), timedelta(days=settings.refresh_days)
    return sign_ins.new_pair(now, access, refresh), now


def tokens(pair: TokenPair) -> Tokens:
    """Return the shape that is sent."""
    return Tokens(
        access_token=pair.access,
        access_expires_at=pair.access_expires_at,
        refresh_token=pair.refresh,
        refresh_expires_at=pair.refresh_expires_at,
    )


def signed_up(owned: Owned, pair: TokenPair, *, status: int) -> Response:
    """Return the answer to whoever has just entered their own account. Raises SignInRefused when it is gone again."""
    if owned.person is None:
        raise SignInRefused
    return entity(SignedUp(person=owned.person, tokens=tokens(pair)), status=status)
