"""The OpenID Connect issuers whose identity tokens an organisation trusts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, Session, col, select
from uuid_utils.compat import uuid7

from data.table import TenantTable
from data.tenancy import tenant_of
from schemas.base import PageQuery
from schemas.organizations import TrustedIssuer, TrustedIssuerCreate


class TrustedIssuerRow(TenantTable, table=True):
    """One issuer and the audience that its tokens must be made for."""

    __tablename__ = "trusted_issuer"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id"], ["organization.id"]),
        UniqueConstraint("organization_id", "issuer", "audience"),
    )

    id: UUID = Field(primary_key=True)
    issuer: str
    audience: str
    jwks_url: str
    created_at: datetime


def page(session: Session, query: PageQuery, after: UUID | None) -> list[TrustedIssuer]:
    """Return up to `limit` + 1 issuers after the given id, in the order of their ids."""
    statement = select(TrustedIssuerRow).order_by(col(TrustedIssuerRow.id)).limit(query.limit + 1)
    if after is not None:
        statement = statement.where(col(TrustedIssuerRow.id) > after)
    return [_shape(row) for row in session.exec(statement)]


def named(session: Session, issuer: str) -> list[TrustedIssuer]:
    """Return what is trusted of the issuer with this name, one entry for each audience."""
    return [_shape(row) for row in session.exec(select(TrustedIssuerRow).where(TrustedIssuerRow.issuer == issuer))]


def add(session: Session, body: TrustedIssuerCreate, now: datetime) -> TrustedIssuer | None:
    """Store an issuer; None when this issuer and audience are trusted already."""
    same = select(TrustedIssuerRow.id).where(
        TrustedIssuerRow.issuer == body.issuer, TrustedIssuerRow.audience == body.audience
    )
    if session.exec(same).first() is not None:
        return None
    row = TrustedIssuerRow(
        organization_id=tenant_of(session),
        id=uuid7(),
        issuer=body.issuer,
        audience=body.audience,
        jwks_url=body.jwks_url,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _shape(row)


def remove(session: Session, issuer_id: UUID) -> bool:
    """Trust an issuer no longer; False when there is none."""
    row = session.get(TrustedIssuerRow, (tenant_of(session), issuer_id))
    if row is not None:
        session.delete(row)
    return row is not None


def _shape(row: TrustedIssuerRow) -> TrustedIssuer:
    return TrustedIssuer(
        id=row.id, issuer=row.issuer, audience=row.audience, jwks_url=row.jwks_url, created_at=row.created_at
    )
