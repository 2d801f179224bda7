"""Keeping an organisation's API keys: listing, making, rotating with an overlap, revoking, and when each was used."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from data.access import ApiKeyRow, key_of, new_key
from data.tenancy import tenant_of
from schemas.access import Scope
from schemas.base import PageQuery
from schemas.organizations import ApiKey, ApiKeyCreate, ApiKeySecret


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new key with its secret; without one, what the caller lacks, or that there is no such living key."""

    made: ApiKeySecret | None = None
    lacking: frozenset[str] = frozenset()


def page(session: Session, query: PageQuery, after: UUID | None) -> list[ApiKey]:
    """Return up to `limit` + 1 keys after the given id, in the order of their ids, without their secrets."""
    statement = select(ApiKeyRow).order_by(col(ApiKeyRow.id)).limit(query.limit + 1)
    if after is not None:
        statement = statement.where(col(ApiKeyRow.id) > after)
    return [_shape(row) for row in session.exec(statement)]


def add(session: Session, body: ApiKeyCreate, now: datetime) -> ApiKeySecret:
    """Store a new key and return it with its secret."""
    return _stored(session, body.name, body.scopes, now, body.expires_at)


def rotate(session: Session, key_id: UUID, overlap: timedelta, scopes: Iterable[str], now: datetime) -> Rotated:
    """Make a key like this one, for a maker with `scopes`; the old one ends after the overlap.

    A key that was made for a time gets a successor for as long a time.
    """
    old = key_of(session, key_id)
    if old is None or not _is_alive(old, now):
        return Rotated()
    lacking = frozenset(old.scopes) - frozenset(scopes)
    if lacking:
        return Rotated(lacking=lacking)
    expires_at = None if old.expires_at is None else now + (old.expires_at - old.created_at)
    end = now + overlap
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    return Rotated(_stored(session, old.name, old.scopes, now, expires_at))


def revoke(session: Session, key_id: UUID, now: datetime) -> bool:
    """End a key for good; False when there is none. One that was revoked before stays as it was."""
    row = key_of(session, key_id)
    if row is None:
        return False
    row.revoked_at = row.revoked_at or now
    return True


def mark_used(session: Session, key_id: UUID, now: datetime) -> None:
    """Write down the hour in which a key was used."""
    hour = used_hour(now)
    unmarked = or_(col(ApiKeyRow.last_used_at).is_(None), col(ApiKeyRow.last_used_at) < hour)
    session.exec(
        update(ApiKeyRow)
        .where(col(ApiKeyRow.id) == key_id, unmarked)
        .values(last_used_at=hour)
        .execution_options(synchronize_session=False)
    )


def used_hour(now: datetime) -> datetime:
    """Return the hour that a use is written down as."""
    return now.replace(minute=0, second=0, microsecond=0)


def _is_alive(row: ApiKeyRow, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def _stored(
    session: Session, name: str, scopes: Sequence[Scope | str], now: datetime, expires_at: datetime | None
) -> ApiKeySecret:
    row, secret = new_key(tenant_of(session), name, scopes, now, expires_at)
    session.add(row)
    session.flush()
    return ApiKeySecret(key=_shape(row), secret=secret)


def _shape(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=list(row.scopes),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_on=row.last_used_at,
    )
