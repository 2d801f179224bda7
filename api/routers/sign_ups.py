"""The room where accounts begin: `/auth/anonymous`, `/auth/register` and `/auth/accept`."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from api import entrance, token_answers
from api.access_problems import OPEN, EmailTaken, SignInRefused, SignUpClosed
from api.dependencies import OptionalCaller
from api.limits import charge_login
from api.passwords import passwords_of
from api.problems import (
    BODIED,
    KEYED,
    Busy,
    IdConflict,
    InvalidRequest,
    MissingScope,
    TooManyRequests,
    Unavailable,
    declared,
)
from api.replies import entity
from api.routing import StrictRoute
from api.security import Caller
from data import accounts, members, sign_ins
from data.access import key_digest
from data.accounts import Owned, SignUp
from data.sign_ins import TokenPair
from schemas.accounts import AnonymousSignUp, InvitationAcceptance, Registration, SignedUp, Tokens

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.post(
    "/auth/anonymous",
    operation_id="signUpAnonymously",
    summary="Begin on a new device, without e-mail or password",
    status_code=201,
    response_model=SignedUp,
    responses=declared(*BODIED, InvalidRequest, SignUpClosed, IdConflict, TooManyRequests, Busy, Unavailable),
)
async def sign_up_anonymously(body: AnonymousSignUp, request: Request) -> Response:
    """Make a person and sign this device in. Each call is a new device, a retry too; register later to keep it all."""
    doors = await entrance.for_sign_up(request, body.organization_id)
    pair, now = token_answers.new_pair(request)
    owned = await doors.write(sign_ins.begin_for, pair, now, accounts.sign_up, SignUp(person_id=body.id), now)
    if owned.account_id is None:
        raise IdConflict.at("/id", "this id is taken")
    return token_answers.signed_up(owned, pair, status=201)


@router.post(
    "/auth/register",
    operation_id="registerAccount",
    summary="Sign up with e-mail and password, or give them to an anonymous account",
    status_code=201,
    response_model=SignedUp,
    responses=declared(*BODIED, *KEYED, SignUpClosed, EmailTaken, Busy),
)
async def register_account(body: Registration, request: Request, caller: OptionalCaller) -> Response:
    """Make an account with a person; with an anonymous person's token, that person stays and nothing is lost.

    The same upgrade again, with the same password, is answered with tokens again.
    """
    charge_login(request, body.email)
    pair, now = token_answers.new_pair(request)
    if caller is None:
        doors = await entrance.for_sign_up(request, body.organization_id)
        added = SignUp(email=body.email, password_hash=await passwords_of(request).hash(body.password))
        owned = await doors.write(sign_ins.begin_for, pair, now, accounts.sign_up, added, now)
    else:
        owned = await _upgraded(caller, body, pair, now, request)
    if owned.account_id is None:
        raise EmailTaken.at("/email", "there is an account with this e-mail")
    return token_answers.signed_up(owned, pair, status=201)


@router.post(
    "/auth/accept",
    operation_id="acceptInvitation",
    summary="Accept an invitation as a member by choosing a password",
    response_model=Tokens,
    responses=declared(*BODIED, *OPEN),
)
async def accept_invitation(body: InvitationAcceptance, request: Request) -> Response:
    """Return tokens for this device. An invitation can be accepted once, within seven days."""
    digest = key_digest(body.token)
    pair, now = token_answers.new_pair(request)
    doors = await entrance.for_invitation(request, digest, now)
    if doors is None:
        raise SignInRefused
    hashed = await passwords_of(request).hash(body.password)
    owned = await doors.write(sign_ins.begin_for, pair, now, members.accept, digest, hashed, now)
    if owned.account_id is None:
        raise SignInRefused
    return entity(token_answers.tokens(pair))


async def _upgraded(caller: Caller, body: Registration, pair: TokenPair, now: datetime, request: Request) -> Owned:
    """Return the person of an anonymous account that now has the e-mail and the password; none when it is taken."""
    if caller.person_id is None or caller.account_id is None:
        raise MissingScope("register without credentials, or with the token of an anonymous person")
    if body.organization_id not in {None, caller.organization_id}:
        raise InvalidRequest.at("/organization_id", "must be the organisation of the token, or be left out")
    passwords, before = passwords_of(request), await entrance.own_account(caller)
    if before.account.email is None:
        hashed = await passwords.hash(body.password)
        return await caller.write(
            sign_ins.begin_for, pair, now, accounts.upgrade, caller.account_id, body.email, hashed, now
        )
    # The answer to the first upgrade may have been lost.
    if before.account.email == body.email and await passwords.matches(body.password, before.password_hash):
        return await caller.write(sign_ins.begin_for, pair, now, accounts.owned, caller.account_id)
    return Owned()
