"""Members of an organisation: invited by e-mail, with a role; one owner always stays."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from data.access import key_digest
from data.accounts import AccountOutcome, AccountRow, Owned, new_account
from data.tenancy import tenant_of
from schemas.access import ROLE_SCOPES, Role
from schemas.base import PageQuery
from schemas.organizations import Member, MemberInvite

INVITATION_PREFIX = "limber_in_"
INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class MemberWritten:
    """What became of a member, the member as it now stands, and the scopes that the one who asked lacks for it."""

    outcome: AccountOutcome
    member: Member | None = None
    lacking: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Invitation:
    """The secret of an invitation and when it ends."""

    token: str
    expires_at: datetime


def new_invitation(now: datetime) -> Invitation:
    """Return a fresh invitation of 256 random bits."""
    return Invitation(INVITATION_PREFIX + secrets.token_urlsafe(32), now + INVITATION_LASTS)


def page(session: Session, query: PageQuery, after: UUID | None) -> list[Member]:
    """Return up to `limit` + 1 members after the given id, in the order of their ids."""
    statement = select(AccountRow).where(col(AccountRow.role).is_not(None))
    if after is not None:
        statement = statement.where(col(AccountRow.id) > after)
    return [_shape(row) for row in session.exec(statement.order_by(col(AccountRow.id)).limit(query.limit + 1))]


def add_owner(session: Session, email: str, password_hash: str, now: datetime) -> None:
    """Store an owner who can sign in at once; for the command line."""
    row = new_account(session, now, role=Role.OWNER)
    row.email, row.password_hash = email, password_hash
    session.add(row)


def invite(session: Session, body: MemberInvite, invitation: Invitation, now: datetime) -> MemberWritten:
    """Store an invited member. Whoever has not accepted yet is invited anew; an e-mail that is in use is taken."""
    row = session.exec(select(AccountRow).where(AccountRow.email == body.email)).one_or_none()
    if row is None:
        row = new_account(session, now, role=body.role)
        row.email = body.email
        session.add(row)
    elif row.role != body.role.value or row.password_hash is not None:
        return MemberWritten(AccountOutcome.TAKEN)
    row.invitation_digest, row.invitation_expires_at = key_digest(invitation.token), invitation.expires_at
    session.flush()
    return MemberWritten(AccountOutcome.DONE, _shape(row))


def organization_inviting(session: Session, invitation: bytes, now: datetime) -> UUID | None:
    """Return the organisation of an invitation that still stands, or None. For the system's door."""
    return session.exec(
        select(AccountRow.organization_id).where(
            AccountRow.invitation_digest == invitation, col(AccountRow.invitation_expires_at) > now
        )
    ).one_or_none()


def accept(session: Session, invitation: bytes, password_hash: str, now: datetime) -> Owned:
    """Turn an invitation into a password and return the account's id; none when it does not stand any more."""
    row = session.exec(
        select(AccountRow).where(
            AccountRow.invitation_digest == invitation, col(AccountRow.invitation_expires_at) > now
        )
    ).one_or_none()
    if row is None:
        return Owned()
    row.password_hash, row.invitation_digest, row.invitation_expires_at = password_hash, None, None
    row.version, row.updated_at = row.version + 1, now
    session.flush()
    return Owned(row.id)


def set_role(session: Session, account_id: UUID, role: Role, scopes: frozenset[str], now: datetime) -> MemberWritten:
    """Give a member another role, on the word of somebody with `scopes`."""
    row, refused = _changeable(session, account_id, ROLE_SCOPES[role] - scopes, scopes, keeps_owner=role is Role.OWNER)
    if row is None:
        return refused
    row.role = role.value
    row.version, row.updated_at = row.version + 1, now
    session.flush()
    return MemberWritten(AccountOutcome.DONE, _shape(row))


def remove(session: Session, account_id: UUID, scopes: frozenset[str]) -> MemberWritten:
    """Take a member out, and sign all their devices out, on the word of somebody with `scopes`."""
    row, refused = _changeable(session, account_id, frozenset(), scopes, keeps_owner=False)
    if row is None:
        return refused
    session.delete(row)
    return MemberWritten(AccountOutcome.DONE, _shape(row))


def _changeable(
    session: Session, account_id: UUID, lacking: frozenset[str], scopes: frozenset[str], *, keeps_owner: bool
) -> tuple[AccountRow | None, MemberWritten]:
    row = session.get(AccountRow, (tenant_of(session), account_id))
    if row is None or row.role is None:
        return None, MemberWritten(AccountOutcome.NOT_FOUND)
    lacking |= ROLE_SCOPES[Role(row.role)] - scopes
    if lacking:
        return None, MemberWritten(AccountOutcome.DONE, lacking=lacking)
    if row.role == Role.OWNER and not keeps_owner and not _other_owner(session, account_id):
        return None, MemberWritten(AccountOutcome.LAST_OWNER)
    return row, MemberWritten(AccountOutcome.DONE)


def _other_owner(session: Session, account_id: UUID) -> bool:
    # All owners are held until the commit, so that two of them cannot take each other out at once.
    owners = session.exec(
        select(AccountRow.id)
        .where(AccountRow.role == Role.OWNER.value, col(AccountRow.password_hash).is_not(None))
        .order_by(col(AccountRow.id))
        .with_for_update()
    ).all()
    return any(owner != account_id for owner in owners)


def _shape(row: AccountRow) -> Member:
    return Member(
        id=row.id,
        email=row.email or "",
        role=Role(row.role or Role.VIEWER),
        invited=row.password_hash is None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
