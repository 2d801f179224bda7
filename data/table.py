"""The base of every table: named constraints, tenant columns, column types that both databases hold alike."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, MetaData, String
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Table(SQLModel, registry=registry(metadata=MetaData(naming_convention=NAMING))):
    """The base of all tables. Table classes do not validate: build rows from validated schemas only."""


class TenantTable(Table):
    """The base of tables that an organisation owns: the primary key starts with the tenant."""

    tenant_owned: ClassVar[bool] = True

    organization_id: UUID = Field(primary_key=True)


def tenant_tables() -> dict[str, type[TenantTable]]:
    """Return the mapped tenant-owned classes by table name."""
    found: dict[str, type[TenantTable]] = {}
    pending = list(TenantTable.__subclasses__())
    while pending:
        mapped = pending.pop()
        pending.extend(mapped.__subclasses__())
        if hasattr(mapped, "__table__"):
            found[str(mapped.__tablename__)] = mapped
    return found


def choice(**extra: Any) -> Any:
    """Return a field that stores an enum as its value; pair it with `one_of` in the table's arguments."""
    return Field(sa_type=String(24), **extra)


def one_of(column: str, values: Iterable[StrEnum]) -> CheckConstraint:
    """Return the CHECK that keeps `column` to the values."""
    # SQLite would build a table of an IN list for every row that it checks.
    return CheckConstraint(" OR ".join(f"{column} = '{value.value}'" for value in values), name=column)


def big_integer(**extra: Any) -> Any:
    """Return a 64-bit integer field; a plain int would become 32 bits on PostgreSQL."""
    return Field(sa_type=BigInteger, **extra)


def digest(*, nullable: bool = False, primary_key: bool = False, **extra: Any) -> Any:
    """Return a field for a SHA-256 digest."""
    return Field(sa_column=Column(LargeBinary(32), nullable=nullable, primary_key=primary_key), **extra)
