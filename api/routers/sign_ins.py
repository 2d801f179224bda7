"""The room where devices sign in and out: `/auth/token`, `/auth/oidc`, `/auth/refresh` and `/auth/logout`."""

from datetime import datetime

from fastapi import APIRouter, Request, Response

from api import entrance, identity_tokens, token_answers
from api.access_problems import OPEN, SignInRefused
from api.dependencies import SignedInCaller
from api.issuer_keys import IssuerKeys
from api.limits import charge_login
from api.passwords import passwords_of
from api.problems import BODIED, KEYED, Busy, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from data import accounts, issuers, sign_ins
from data.access import key_digest
from schemas.accounts import IssuerSignIn, PasswordSignIn, SignedUp, SignOut, TokenRefresh, Tokens

router = APIRouter(tags=["access"], route_class=StrictRoute)


@router.post(
    "/auth/token",
    operation_id="signIn",
    summary="Sign in by e-mail and password",
    response_model=Tokens,
    responses=declared(*BODIED, *OPEN),
)
async def sign_in(body: PasswordSignIn, request: Request) -> Response:
    """Return tokens for this device, for people and members alike. What is wrong with a refused sign-in is not told."""
    charge_login(request, body.email)
    doors = await entrance.for_sign_in(request, body.organization_id)
    known = await doors.read(accounts.by_email, body.email)
    fits = await passwords_of(request).matches(body.password, known.password_hash if known else None)
    pair, now = token_answers.new_pair(request)
    if not (fits and known and await doors.write(sign_ins.begin_as, known, pair, now)):
        raise SignInRefused
    return entity(token_answers.tokens(pair))


@router.post(
    "/auth/oidc",
    operation_id="signInByIssuer",
    summary="Sign in by the identity token of a trusted OpenID Connect issuer",
    response_model=SignedUp,
    responses=declared(*BODIED, *OPEN),
)
async def sign_in_by_issuer(body: IssuerSignIn, request: Request) -> Response:
    """Return the person whom the issuer names, always the same one, made at the first time, and tokens."""
    claim = identity_tokens.claimed(body.id_token)
    doors = await entrance.for_sign_in(request, body.organization_id)
    trusted = claim.trusted_by(await doors.read(issuers.named, claim.issuer))
    pair, now = token_answers.new_pair(request)
    keys: IssuerKeys = request.app.state.issuer_keys
    subject = identity_tokens.subject_of(claim, trusted, await keys.find(trusted.jwks_url, claim.key_id, now))
    owned = await doors.write(sign_ins.begin_for, pair, now, accounts.known_by_issuer, trusted.issuer, subject, now)
    return token_answers.signed_up(owned, pair, status=200)


@router.post(
    "/auth/refresh",
    operation_id="refreshTokens",
    summary="Exchange a refresh token for new tokens",
    response_model=Tokens,
    responses=declared(*BODIED, *OPEN),
)
async def refresh_tokens(body: TokenRefresh, request: Request) -> Response:
    """Return the next tokens; the old ones end. A refresh token that comes twice ends the whole sign-in.

    Only when the answer was lost, so that none of the next tokens was ever used, may the same one come again.
    """
    digest = key_digest(body.refresh_token)
    doors = await entrance.for_refresh(request, digest)
    pair, now = token_answers.new_pair(request)
    if doors is None or not await doors.write(sign_ins.rotate, digest, pair, now):
        raise SignInRefused
    return entity(token_answers.tokens(pair))


@router.post(
    "/auth/logout",
    operation_id="signOut",
    summary="Sign out here, or everywhere",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, *BODIED, Busy),
)
async def sign_out(body: SignOut, request: Request, caller: SignedInCaller) -> Response:
    """End the tokens of this device, or those of every device of the account, within a second."""
    now: datetime = request.app.state.clock()
    account_id, sign_in_id = caller.device()
    if body.everywhere:
        await caller.write(sign_ins.end_all, account_id, now)
    else:
        await caller.write(sign_ins.end, sign_in_id, now)
    return Response(status_code=204, headers=PRIVATE)
