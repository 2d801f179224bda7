"""Organisations and their API keys. Keys are stored as SHA-256 digests; the secret itself is never kept."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, UniqueConstraint, false
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data.table import Table, TenantTable, digest
from data.tenancy import tenant_of
from data.tenant_binds import SYSTEM_ONLY
from schemas.access import Scope
from schemas.organizations import Organization

KEY_PREFIX = "limber_"
SHOWN_CHARACTERS = len(KEY_PREFIX) + 4
"""So much of a secret is shown beside its key, for people to tell keys apart."""


class OrganizationRow(Table, table=True):
    """A tenant: an app vendor or a clinic."""

    __tablename__ = "organization"
    __table_args__ = (UniqueConstraint("name"), {"info": {SYSTEM_ONLY: True}})

    id: UUID = Field(primary_key=True)
    name: str
    open_sign_up: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    created_at: datetime


class ApiKeyRow(TenantTable, table=True):
    """A key of an organisation, with what it may do."""

    __tablename__ = "api_key"
    __table_args__ = (UniqueConstraint("key_digest"),)

    organization_id: UUID = Field(primary_key=True, foreign_key="organization.id")
    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column_kwargs={"server_default": ""})
    prefix: str = Field(sa_column_kwargs={"server_default": ""})
    key_digest: bytes = digest()
    scopes: list[str] = Field(sa_type=JSON)
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


def key_digest(secret: str) -> bytes:
    """Return the digest under which a secret is stored. It carries 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def new_key(
    organization_id: UUID, name: str, scopes: Iterable[str], now: datetime, expires_at: datetime | None = None
) -> tuple[ApiKeyRow, str]:
    """Return the row of a new key and its secret; nothing is stored yet."""
    secret = KEY_PREFIX + secrets.token_urlsafe(32)
    row = ApiKeyRow(
        organization_id=organization_id,
        id=uuid7(),
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        key_digest=key_digest(secret),
        scopes=sorted({str(scope) for scope in scopes}),
        created_at=now,
        expires_at=expires_at,
    )
    return row, secret


def add_key(
    session: Session, organization: str, scopes: list[Scope], now: datetime, name: str = "command line"
) -> tuple[UUID, str]:
    """Return the organisation's id and a new secret key; makes the organisation when its name is new."""
    known = session.exec(select(OrganizationRow.id).where(OrganizationRow.name == organization)).one_or_none()
    organization_id = known or add_organization(session, organization, now).id
    row, secret = new_key(organization_id, name, scopes, now)
    session.add(row)
    return organization_id, secret


def add_organization(session: Session, name: str, now: datetime, *, open_sign_up: bool = False) -> Organization:
    """Store an organisation under a name that is not taken yet, and return it."""
    row = OrganizationRow(id=uuid7(), name=name, open_sign_up=open_sign_up, created_at=now)
    session.add(row)
    session.flush()
    return _shape(row)


def open_to_strangers(session: Session, organization_id: UUID) -> None:
    """Let strangers sign up as people of the organisation."""
    row = session.get(OrganizationRow, organization_id)
    if row is not None:
        row.open_sign_up = True


def organization(session: Session, name: str) -> UUID | None:
    """Return the id of the organisation with this name, None when there is none."""
    return session.exec(select(OrganizationRow.id).where(OrganizationRow.name == name)).one_or_none()


def find_organization(session: Session, organization_id: UUID) -> Organization | None:
    """Return the organisation, or None."""
    row = session.get(OrganizationRow, organization_id)
    return None if row is None else _shape(row)


def only_open_organization(session: Session) -> Organization | None:
    """Return the organisation that is open for sign-up, None when none or several are."""
    found = session.exec(select(OrganizationRow).where(col(OrganizationRow.open_sign_up)).limit(2)).all()
    return _shape(found[0]) if len(found) == 1 else None


def key_of(session: Session, key_id: UUID) -> ApiKeyRow | None:
    """Return the row of a key of this organisation, or None; for units of work only."""
    return session.get(ApiKeyRow, (tenant_of(session), key_id))


def is_empty(session: Session) -> bool:
    """Return True when no organisation exists yet."""
    return session.exec(select(OrganizationRow.id).limit(1)).first() is None


def _shape(row: OrganizationRow) -> Organization:
    return Organization(id=row.id, name=row.name, open_sign_up=row.open_sign_up, created_at=row.created_at)
