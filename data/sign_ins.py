"""Sign-ins: one device's session of an account, held by a short-lived access token and a refresh token that rotates.

Tokens are stored as digests. A refresh token that comes a second time was stolen, or its answer was lost: it counts as
lost only when it is the direct predecessor and nothing of its successor was ever presented. Otherwise the sign-in ends.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, UniqueConstraint, delete, or_, update
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import accounts, audit
from data.access import key_digest
from data.accounts import AccountOutcome, AccountRow, Credentials, Owned
from data.table import TenantTable, digest
from data.tenancy import tenant_of
from schemas.accounts import Account
from schemas.audit import AuditAction

ACCESS_PREFIX = "limber_at_"
REFRESH_PREFIX = "limber_rt_"


class SignInRow(TenantTable, table=True):
    """A device that is signed in. `presented` tells that the newest pair of tokens was used."""

    __tablename__ = "sign_in"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "account_id"], ["account.organization_id", "account.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("access_digest"),
        UniqueConstraint("refresh_digest"),
        Index(None, "organization_id", "account_id"),
    )

    id: UUID = Field(primary_key=True)
    account_id: UUID
    access_digest: bytes = digest()
    access_expires_at: datetime
    refresh_digest: bytes = digest()
    refresh_expires_at: datetime
    previous_digest: bytes | None = digest(nullable=True, default=None)
    presented: bool
    created_at: datetime
    revoked_at: datetime | None = None


class SpentRefreshRow(TenantTable, table=True):
    """A refresh token that was used, kept for as long as it could have been used."""

    __tablename__ = "spent_refresh"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "sign_in_id"], ["sign_in.organization_id", "sign_in.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("refresh_digest"),
        Index(None, "organization_id", "sign_in_id"),
    )

    refresh_digest: bytes = digest(primary_key=True)
    sign_in_id: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The secrets of one device and how long they last."""

    access: str
    access_expires_at: datetime
    refresh: str
    refresh_expires_at: datetime


def new_pair(now: datetime, access: timedelta, refresh: timedelta) -> TokenPair:
    """Return fresh tokens of 256 random bits each."""
    return TokenPair(
        access=ACCESS_PREFIX + secrets.token_urlsafe(32),
        access_expires_at=now + access,
        refresh=REFRESH_PREFIX + secrets.token_urlsafe(32),
        refresh_expires_at=now + refresh,
    )


def begin(session: Session, account_id: UUID, pair: TokenPair, now: datetime) -> bool:
    """Sign a device in, and forget those of the account that are over; False when the account is gone."""
    account = session.get(AccountRow, (tenant_of(session), account_id))
    if account is None:
        return False
    over = or_(col(SignInRow.revoked_at).is_not(None), col(SignInRow.refresh_expires_at) <= now)
    session.exec(delete(SignInRow).where(col(SignInRow.account_id) == account_id, over))
    row = SignInRow(
        organization_id=tenant_of(session),
        id=uuid7(),
        account_id=account_id,
        access_digest=key_digest(pair.access),
        access_expires_at=pair.access_expires_at,
        refresh_digest=key_digest(pair.refresh),
        refresh_expires_at=pair.refresh_expires_at,
        # Nothing came before this pair, so its first use need not be told.
        presented=True,
        created_at=now,
    )
    session.add(row)
    session.flush()
    if account.person_id is not None:
        audit.by_themselves(session, AuditAction.SIGN_IN, accounts.RECORD, account.person_id)
    return True


def begin_as(session: Session, known: Credentials, pair: TokenPair, now: datetime) -> bool:
    """Sign a device in to an account whose password is still the one that was checked; False when it is not."""
    found = accounts.find(session, known.account.id)
    # Whoever changes a password signs every other device out: none may slip in with the old one meanwhile.
    return (
        found is not None and found.password_hash == known.password_hash and begin(session, found.account.id, pair, now)
    )


def begin_for(session: Session, pair: TokenPair, now: datetime, unit: Callable[..., Owned], *arguments: Any) -> Owned:
    """Run a unit that finds or makes an account, and sign a device in to it in the same transaction."""
    owned = unit(session, *arguments)
    if owned.account_id is not None:
        begin(session, owned.account_id, pair, now)
    return owned


def change_credentials(
    session: Session, before: Account, email: str | None, password_hash: str | None, here: UUID, now: datetime
) -> AccountOutcome:
    """Change an account that is still as `before`; a new password signs every device out but the one `here`."""
    outcome = accounts.change(session, before, email, password_hash, now)
    if outcome is AccountOutcome.DONE and password_hash is not None:
        end_all(session, before.id, now, but=here)
    return outcome


def rotate(session: Session, spent: bytes, pair: TokenPair, now: datetime) -> bool:
    """Put the pair in the place of the one with the refresh token of this digest; False when it is refused.

    A token that was spent before ends the whole sign-in, unless its answer was lost.
    """
    row = session.exec(select(SignInRow).where(SignInRow.refresh_digest == spent).with_for_update()).one_or_none()
    if row is None:
        return _rotate_again(session, spent, pair, now)
    if row.revoked_at is not None or row.refresh_expires_at <= now:
        return False
    _replace(session, row, pair, now)
    row.previous_digest = spent
    return True


def organization_of(session: Session, refresh_digest: bytes) -> UUID | None:
    """Return whose refresh token it is or was; None when it is unknown. For the system's door."""
    current = session.exec(
        select(SignInRow.organization_id).where(SignInRow.refresh_digest == refresh_digest)
    ).one_or_none()
    if current is not None:
        return current
    return session.exec(
        select(SpentRefreshRow.organization_id).where(SpentRefreshRow.refresh_digest == refresh_digest)
    ).one_or_none()


def mark_presented(session: Session, access_digest: bytes) -> None:
    """Write down that the pair with this access token has reached its device, if it still is the newest."""
    session.exec(
        update(SignInRow)
        .where(col(SignInRow.access_digest) == access_digest)
        .values(presented=True)
        .execution_options(synchronize_session=False)
    )


def end(session: Session, sign_in_id: UUID, now: datetime) -> None:
    """Sign one device out."""
    _revoke(session, col(SignInRow.id) == sign_in_id, now)


def end_all(session: Session, account_id: UUID, now: datetime, *, but: UUID | None = None) -> None:
    """Sign every device of the account out, save the one named."""
    _revoke(session, col(SignInRow.account_id) == account_id, now, but=but)


def _rotate_again(session: Session, spent: bytes, pair: TokenPair, now: datetime) -> bool:
    owner = session.exec(
        select(SpentRefreshRow.sign_in_id).where(SpentRefreshRow.refresh_digest == spent)
    ).one_or_none()
    if owner is None:
        return False
    row = session.exec(select(SignInRow).where(SignInRow.id == owner).with_for_update()).one_or_none()
    if row is None or row.revoked_at is not None or row.refresh_expires_at <= now:
        return False
    if row.presented or row.previous_digest != spent:
        row.revoked_at = now
        return False
    _replace(session, row, pair, now)
    return True


def _replace(session: Session, row: SignInRow, pair: TokenPair, now: datetime) -> None:
    outlived = col(SpentRefreshRow.expires_at) <= now
    session.exec(delete(SpentRefreshRow).where(col(SpentRefreshRow.sign_in_id) == row.id, outlived))
    session.add(
        SpentRefreshRow(
            organization_id=row.organization_id,
            refresh_digest=row.refresh_digest,
            sign_in_id=row.id,
            expires_at=row.refresh_expires_at,
        )
    )
    row.access_digest, row.access_expires_at = key_digest(pair.access), pair.access_expires_at
    row.refresh_digest, row.refresh_expires_at = key_digest(pair.refresh), pair.refresh_expires_at
    row.presented = False


def _revoke(session: Session, which: ColumnElement[bool], now: datetime, but: UUID | None = None) -> None:
    statement = update(SignInRow).where(which, col(SignInRow.revoked_at).is_(None))
    if but is not None:
        statement = statement.where(col(SignInRow.id) != but)
    session.exec(statement.values(revoked_at=now).execution_options(synchronize_session=False))
