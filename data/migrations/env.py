"""How Alembic meets the database: every table known, one migration at a time."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine, text
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from data import (
    access,
    accounts,
    adverse_events,
    attention,
    audit,
    consents,
    daily_progress,
    erased_sessions,
    erasures,
    function_scores,
    holds,
    issuers,
    link_invitations,
    overrides,
    own_exercises,
    person_rows,
    programs,
    recommendations,
    releases,
    session_changes,
    session_entries,
    session_logs,
    shared_progress,
    shared_sessions,
    sign_ins,
)
from data.table import Table

TABLES = (
    access, accounts, adverse_events, attention, audit, consents, daily_progress, erased_sessions, erasures,
    function_scores, holds, issuers, link_invitations, overrides, own_exercises, person_rows, programs,
    recommendations, releases, session_changes, session_entries, session_logs, shared_progress, shared_sessions,
    sign_ins,
)  # fmt: skip
ONE_AT_A_TIME = 727001
"""The PostgreSQL advisory lock that lets one of several starting processes migrate."""


def render_item(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Return plain SQLAlchemy source for SQLModel's own column types, which revisions would name without importing."""
    if kind != "type":
        return False
    if isinstance(item, AutoString):
        return f"sa.String(length={item.length})" if getattr(item, "length", None) else "sa.String()"
    if isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run(engine: Engine) -> None:
    """Run the migrations in one transaction."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        context.configure(
            connection=connection,
            target_metadata=Table.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            render_item=render_item,
            transaction_per_migration=False,
        )
        context.run_migrations()


run(context.config.attributes["engine"])
