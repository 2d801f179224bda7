"""Whose secret it is: an organisation's key or somebody's access token, with what either may do."""

from datetime import datetime

from sqlmodel import Session, col, select

from data import own_exercises
from data.access import ApiKeyRow
from data.accounts import AccountRow
from data.api_keys import used_hour
from data.person_rows import PersonRow
from data.sign_ins import SignInRow
from schemas.access import PERSON_SCOPES, ROLE_SCOPES, Principal, Role


def principal(session: Session, digest: bytes, now: datetime) -> Principal | None:
    """Return whose secret it is; None when it is unknown, expired or revoked. For the system's door."""
    row = session.exec(select(ApiKeyRow).where(ApiKeyRow.key_digest == digest)).one_or_none()
    return _signed_in(session, digest, now) if row is None else _keyed(session, row, now)


def _keyed(session: Session, row: ApiKeyRow, now: datetime) -> Principal | None:
    if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
        return None
    return Principal(
        organization_id=row.organization_id,
        scopes=frozenset(row.scopes),
        own_revision=own_exercises.newest(session, row.organization_id),
        key_id=row.id,
        expires_at=row.expires_at,
        stale_mark=row.last_used_at is None or row.last_used_at < used_hour(now),
    )


def _signed_in(session: Session, digest: bytes, now: datetime) -> Principal | None:
    found = session.exec(
        select(SignInRow, AccountRow)
        .join(
            AccountRow,
            (col(AccountRow.organization_id) == SignInRow.organization_id)
            & (col(AccountRow.id) == SignInRow.account_id),
        )
        .where(SignInRow.access_digest == digest)
    ).one_or_none()
    if found is None:
        return None
    sign_in, account = found
    if sign_in.revoked_at is not None or sign_in.access_expires_at <= now:
        return None
    person = session.get(PersonRow, (account.organization_id, account.person_id)) if account.person_id else None
    return Principal(
        organization_id=sign_in.organization_id,
        scopes=PERSON_SCOPES if account.role is None else ROLE_SCOPES[Role(account.role)],
        own_revision=own_exercises.newest(session, sign_in.organization_id),
        account_id=account.id,
        sign_in_id=sign_in.id,
        person_id=account.person_id,
        pseudonym=None if person is None else person.pseudonym,
        expires_at=sign_in.access_expires_at,
        stale_mark=not sign_in.presented,
    )
