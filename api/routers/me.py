"""The room of `/me`: the account of whoever is signed in."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from api import entrance
from api.access_problems import EmailTaken
from api.dependencies import IfMatch, SignedInCaller
from api.limits import charge_login
from api.passwords import passwords_of
from api.problems import BODIED, KEYED, Busy, InvalidRequest, StaleVersion, VersionRequired, declared
from api.replies import entity, named_versions
from api.routing import StrictRoute
from data import sign_ins
from data.accounts import AccountOutcome
from data.versions import Mismatch, etag, mismatch
from schemas.accounts import Account, AccountUpdate

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.get(
    "/me",
    operation_id="getMe",
    summary="The account of whoever is signed in",
    response_model=Account,
    responses=declared(*KEYED),
)
async def get_me(caller: SignedInCaller) -> Response:
    """Return the account with its ETag, which a change must name."""
    account = (await entrance.own_account(caller)).account
    return entity(account, etag=etag(account.version))


@router.patch(
    "/me",
    operation_id="updateMe",
    summary="Change the e-mail or the password of your account",
    response_model=Account,
    responses=declared(*KEYED, *BODIED, Busy, EmailTaken, StaleVersion, VersionRequired),
)
async def update_me(
    body: AccountUpdate, request: Request, caller: SignedInCaller, if_match: IfMatch = None
) -> Response:
    """Change what is named, on the current password. A new password signs every other device out."""
    before = await entrance.own_account(caller)
    _require_version(before.account, if_match)
    charge_login(request, before.account.email or str(before.account.id))
    passwords = passwords_of(request)
    if not await passwords.matches(body.current_password, before.password_hash):
        raise InvalidRequest.at("/current_password", "is not the current password")
    hashed = await passwords.hash(body.password) if body.password is not None else None
    _, here = caller.device()
    now: datetime = request.app.state.clock()
    outcome = await caller.write(sign_ins.change_credentials, before.account, body.email, hashed, here, now)
    if outcome is AccountOutcome.TAKEN:
        raise EmailTaken.at("/email", "there is an account with this e-mail")
    after = (await entrance.own_account(caller)).account
    if outcome is AccountOutcome.STALE:
        raise _stale(after)
    return entity(after, etag=etag(after.version))


def _require_version(account: Account, if_match: str | None) -> None:
    match mismatch(account.version, named_versions(if_match)):
        case Mismatch.UNNAMED:
            raise VersionRequired.at("If-Match", "send the ETag of the version that you saw")
        case Mismatch.STALE:
            raise _stale(account)


def _stale(account: Account) -> StaleVersion:
    return StaleVersion("somebody changed it meanwhile", current=account, headers={"ETag": etag(account.version)})
