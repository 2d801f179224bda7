"""The one place where a unit of work steps from its organisation into another.

Both walls stay up: each statement is bound to exactly one organisation, whichever the unit stands in. What was written
on either side commits together, or not at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import Connection
from sqlmodel import Session

from data.tenancy import TENANT, bound_session, tenant_of


@contextmanager
def across(session: Session, organization_id: UUID) -> Iterator[Session]:
    """Yield a session in the same transaction that is bound to another organisation, to which a link leads.

    Meanwhile the first session may not be used: its statements would be refused by the second wall.
    """
    tenant, connection = tenant_of(session), session.bind
    if not isinstance(connection, Connection):
        raise TypeError("only a unit of work can cross")
    session.flush()
    try:
        with bound_session(connection, organization_id) as there:
            yield there
    finally:
        if not connection.invalidated:
            connection.info[TENANT] = tenant
