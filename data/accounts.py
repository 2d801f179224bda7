"""Accounts: who can sign in, as a member of the organisation or as one of its people."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint, update
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data import audit, people
from data.table import TenantTable, choice, digest, one_of
from data.tenancy import tenant_of
from schemas.access import Role
from schemas.accounts import Account
from schemas.audit import AuditAction
from schemas.people import Person, PersonCreate

RECORD = "account"


class AccountRow(TenantTable, table=True):
    """An account: a member's, which has a role, or a person's own, which has a person."""

    __tablename__ = "account"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        UniqueConstraint("organization_id", "email"),
        UniqueConstraint("organization_id", "person_id"),
        UniqueConstraint("organization_id", "issuer", "subject"),
        UniqueConstraint("invitation_digest"),
        one_of("role", Role),
        CheckConstraint(
            "(role IS NULL AND person_id IS NOT NULL) OR (role IS NOT NULL AND person_id IS NULL)", name="whose"
        ),
        CheckConstraint("(issuer IS NULL) = (subject IS NULL)", name="identity"),
        CheckConstraint("version >= 1", name="version"),
    )

    id: UUID = Field(primary_key=True)
    email: str | None = None
    password_hash: str | None = None
    role: str | None = choice(default=None, nullable=True)
    person_id: UUID | None = None
    issuer: str | None = None
    subject: str | None = None
    invitation_digest: bytes | None = digest(nullable=True, default=None)
    invitation_expires_at: datetime | None = None
    version: int
    created_at: datetime
    updated_at: datetime


class AccountOutcome(StrEnum):
    """What became of a write to an account."""

    DONE = "done"
    TAKEN = "taken"
    STALE = "stale"
    NOT_FOUND = "not_found"
    LAST_OWNER = "last_owner"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in by password is checked against, and the account as it was then."""

    account: Account
    password_hash: str | None


@dataclass(frozen=True, slots=True)
class SignUp:
    """How a new person's account can be entered later: by nothing but its device, a password, or an issuer's word."""

    person_id: UUID | None = None
    email: str | None = None
    password_hash: str | None = None
    issuer: str | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Owned:
    """A person and the account of their own; neither when the id or the e-mail is taken."""

    account_id: UUID | None = None
    person: Person | None = None


def sign_up(session: Session, body: SignUp, now: datetime) -> Owned:
    """Store a new person with an account of their own. Their external id is their id: nobody gave them another."""
    if body.email is not None and _by_email(session, body.email) is not None:
        return Owned()
    person_id = body.person_id or uuid7()
    added = people.add(session, PersonCreate(id=person_id, external_id=str(person_id)), now)
    if added.person is None or not added.created:
        return Owned()
    row = new_account(session, now, person_id=person_id)
    row.email, row.password_hash = body.email, body.password_hash
    row.issuer, row.subject = body.issuer, body.subject
    session.add(row)
    session.flush()
    audit.by_themselves(session, AuditAction.WRITE, RECORD, person_id)
    return Owned(row.id, added.person)


def known_by_issuer(session: Session, issuer: str, subject: str, now: datetime) -> Owned:
    """Return the person whom the issuer knows by this subject: always the same one, made when new."""
    row = session.exec(
        select(AccountRow).where(AccountRow.issuer == issuer, AccountRow.subject == subject)
    ).one_or_none()
    if row is None:
        return sign_up(session, SignUp(issuer=issuer, subject=subject), now)
    return Owned(row.id, person_of(session, row))


def upgrade(session: Session, account_id: UUID, email: str, password_hash: str, now: datetime) -> Owned:
    """Give an anonymous person's account an e-mail and a password; the person stays who they are."""
    row = session.get(AccountRow, (tenant_of(session), account_id))
    if row is None or row.email is not None or _by_email(session, email) is not None:
        return Owned()
    row.email, row.password_hash = email, password_hash
    row.version, row.updated_at = row.version + 1, now
    session.flush()
    audit.note(session, AuditAction.WRITE, RECORD, [row.person_id] if row.person_id is not None else [])
    return Owned(row.id, person_of(session, row))


def owned(session: Session, account_id: UUID) -> Owned:
    """Return the person of an account, with the account's id; neither when there is none."""
    row = session.get(AccountRow, (tenant_of(session), account_id))
    return Owned() if row is None else Owned(row.id, person_of(session, row))


def find(session: Session, account_id: UUID) -> Credentials | None:
    """Return the account, or None."""
    row = session.get(AccountRow, (tenant_of(session), account_id))
    if row is None:
        return None
    audit.note(session, AuditAction.READ, RECORD, [row.person_id] if row.person_id is not None else [])
    return Credentials(_shape(row), row.password_hash)


def by_email(session: Session, email: str) -> Credentials | None:
    """Return the account with this e-mail, or None."""
    row = _by_email(session, email)
    return None if row is None else Credentials(_shape(row), row.password_hash)


def change(
    session: Session, before: Account, email: str | None, password_hash: str | None, now: datetime
) -> AccountOutcome:
    """Change the e-mail, the password or both of an account that is still as `before`."""
    taken = _by_email(session, email) if email is not None else None
    if taken is not None and taken.id != before.id:
        return AccountOutcome.TAKEN
    values: dict[str, Any] = {"version": before.version + 1, "updated_at": now}
    if email is not None:
        values["email"] = email
    if password_hash is not None:
        values["password_hash"] = password_hash
    statement = (
        update(AccountRow)
        .where(col(AccountRow.id) == before.id, col(AccountRow.version) == before.version)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    changed = session.exec(statement).rowcount == 1
    if changed and before.person_id is not None:
        audit.note(session, AuditAction.WRITE, RECORD, [before.person_id])
    return AccountOutcome.DONE if changed else AccountOutcome.STALE


def new_account(session: Session, now: datetime, *, role: Role | None = None, person_id: UUID | None = None) -> Any:
    """Return the row of a new account; nothing is stored yet. For units of work only."""
    return AccountRow(
        organization_id=tenant_of(session),
        id=uuid7(),
        role=None if role is None else role.value,
        person_id=person_id,
        version=1,
        created_at=now,
        updated_at=now,
    )


def person_of(session: Session, row: AccountRow) -> Person | None:
    """Return the person of an account, None for a member's."""
    return None if row.person_id is None else people.known(session, row.person_id)


def _by_email(session: Session, email: str) -> AccountRow | None:
    return session.exec(select(AccountRow).where(AccountRow.email == email)).one_or_none()


def _shape(row: AccountRow) -> Account:
    return Account(
        id=row.id,
        organization_id=row.organization_id,
        email=row.email,
        role=None if row.role is None else Role(row.role),
        person_id=row.person_id,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
