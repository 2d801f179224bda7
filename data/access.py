"""Organisations and their API keys. Keys are stored as SHA-256 digests; the secret itself is never kept."""

import hashlib
import secrets
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint
from sqlmodel import Field, Session, select
from uuid_utils.compat import uuid7

from data import own_exercises
from data.table import Table, TenantTable, digest
from data.tenant_binds import SYSTEM_ONLY
from schemas.access import Principal, Scope

KEY_PREFIX = "limber_"


class OrganizationRow(Table, table=True):
    """A tenant: an app vendor or a clinic."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("name"), {"info": {SYSTEM_ONLY: True}})

    id: UUID = Field(primary_key=True)
    name: str
    created_at: datetime


class ApiKeyRow(TenantTable, table=True):
    """A key of an organisation, with what it may do."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_digest"),)

    organization_id: UUID = Field(primary_key=True, foreign_key="organization.id")
    id: UUID = Field(primary_key=True)
    key_digest: bytes = digest()
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


def key_digest(secret: str) -> bytes:
    """Return the digest under which a key is stored. Keys carry 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def add_key(session: Session, organization: str, scopes: list[Scope], now: datetime) -> tuple[UUID, str]:
    """Return the organisation's id and a new secret key; makes the organisation when its name is new."""
    found = session.exec(select(OrganizationRow).where(OrganizationRow.name == organization)).one_or_none()
    if found is None:
        found = OrganizationRow(id=uuid7(), name=organization, created_at=now)
        session.add(found)
        session.flush()
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    session.add(
        ApiKeyRow(
            organization_id=found.id,
            id=uuid7(),
            key_digest=key_digest(secret),
            scopes=sorted({scope.value for scope in scopes}),
            created_at=now,
        )
    )
    return found.id, secret


def principal(session: Session, digest_: bytes, now: datetime) -> Principal | None:
    """Return whose key it is; None when it is unknown, expired or revoked."""
    row = session.exec(select(ApiKeyRow).where(ApiKeyRow.key_digest == digest_)).one_or_none()
    if row is None or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    return Principal(
        organization_id=row.organization_id,
        key_id=row.id,
        scopes=frozenset(row.scopes),
        own_revision=own_exercises.newest(session, row.organization_id),
    )


def organization(session: Session, name: str) -> UUID | None:
    """Return the id of the organisation with this name, None when there is none."""
    return session.exec(select(OrganizationRow.id).where(OrganizationRow.name == name)).one_or_none()


def is_empty(session: Session) -> bool:
    """Return True when no organisation exists yet."""
    return session.exec(select(OrganizationRow.id).limit(1)).first() is None
