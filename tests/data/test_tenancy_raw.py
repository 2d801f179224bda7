"""The walls between tenants under attack by raw SQL in all its disguises, and by tables that no tenant owns."""

from typing import Any

import pytest
from sqlalchemy import (
    DDL,
    Column,
    MetaData,
    String,
    Uuid,
    column,
    delete,
    func,
    literal_column,
    select,
    table,
    text,
    update,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import quoted_name
from sqlmodel import Session

from data.access import OrganizationRow
from data.releases import ExerciseRow
from tests.data.walls import Attack, P, Walls, assert_refused, connection_of, kept_in, own

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

REFUSED: dict[str, Attack] = {}
refused = kept_in(REFUSED)


# Raw SQL, in all its disguises.


@refused
def raw_text(session: Session, w: Walls) -> Any:
    return session.execute(text("SELECT * FROM person")).all()


@refused
def raw_text_in_a_condition(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(own(P, w), text("1 = 1 OR 1 = 1"))).all()


@refused
def raw_columns(session: Session, w: Walls) -> Any:
    return session.execute(text("SELECT external_id FROM person").columns(column("external_id"))).all()


@refused
def raw_literal_column(session: Session, w: Walls) -> Any:
    return session.execute(select(literal_column("(SELECT max(external_id) FROM person)"))).all()


@refused
def raw_unquoted_name(session: Session, w: Walls) -> Any:
    sneaky: Any = column(quoted_name("1 = 1 OR 1", quote=False))
    return session.execute(select(P).where(own(P, w), sneaky == 1)).all()


@refused
def raw_operator(session: Session, w: Walls) -> Any:
    sneaky = P.c.external_id.op("= '' OR 1 = 1 OR 1 =")(1)
    return session.execute(select(P).where(own(P, w), sneaky)).all()


@refused
def raw_statement_hint(session: Session, w: Walls) -> Any:
    return session.execute(
        select(P.c.external_id).where(own(P, w)).with_statement_hint("UNION SELECT external_id FROM person")
    ).all()


@refused
def raw_prefix(session: Session, w: Walls) -> Any:
    return session.execute(select(P.c.external_id).where(own(P, w)).prefix_with("DISTINCT")).all()


@refused
def raw_function(session: Session, w: Walls) -> Any:
    return session.execute(select(func.query_to_xml("SELECT * FROM person", True, False, ""))).all()


@refused
def raw_driver_sql(session: Session, w: Walls) -> Any:
    return connection_of(session).exec_driver_sql("SELECT * FROM person").all()


@refused
def raw_ddl(session: Session, w: Walls) -> Any:
    session.execute(DDL("DELETE FROM session_exercise"))  # type: ignore[no-untyped-call]


@refused
def drop_of_a_table(session: Session, w: Walls) -> Any:
    connection_of(session).execute(DropTable(P))


@refused
def lightweight_table(session: Session, w: Walls) -> Any:
    light = table("person", column("organization_id"), column("external_id"))
    return session.execute(select(light.c.external_id).where(light.c.organization_id == w.other.organization_id)).all()


@refused
def lightweight_table_of_the_database(session: Session, w: Walls) -> Any:
    return session.execute(select(table("sqlite_master", column("sql")).c.sql)).all()


@refused
def second_table_object(session: Session, w: Walls) -> Any:
    second = CoreTable("PERSON", MetaData(), Column("external_id", String), Column("organization_id", Uuid))
    return session.execute(select(second)).all()


# Tables that no tenant owns.


@refused
def reading_organisations(session: Session, w: Walls) -> Any:
    return session.execute(select(OrganizationRow)).all()


@refused
def renaming_an_organisation(session: Session, w: Walls) -> Any:
    session.execute(update(OrganizationRow).values(name="taken"))


@refused
def changing_the_shared_catalogue(session: Session, w: Walls) -> Any:
    session.execute(delete(ExerciseRow))


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(walls: Walls, name: str) -> None:
    assert_refused(walls, REFUSED[name])
