"""The walls between tenants under attack, on both databases."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    DDL,
    Column,
    MetaData,
    String,
    Uuid,
    and_,
    bindparam,
    column,
    create_engine,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    true,
    union_all,
    update,
    values,
)
from sqlalchemy import Table as CoreTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, defer, make_transient_to_detached
from sqlalchemy.schema import DropTable
from sqlalchemy.sql.elements import quoted_name
from sqlmodel import Session

from data import people, session_writes
from data.access import ApiKeyRow, OrganizationRow
from data.database import Database
from data.people import PersonRow
from data.prepared import Prepared
from data.releases import ExerciseRow
from data.session_entries import SessionExerciseRow, SessionPainRow
from data.session_logs import SessionLogRow
from data.table import tenant_tables
from data.tenancy import UnitSession
from data.tenant_binds import TenantViolation
from schemas.people import PersonCreate
from tests.conftest import BACKENDS, TEMPLATE, Tenant, make_tenant
from tests.data.making import NOW, log

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

P: Any = PersonRow.__table__
S: Any = SessionLogRow.__table__
E: Any = SessionExerciseRow.__table__
K: Any = ApiKeyRow.__table__
DIALECT_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class Walls:
    """Two tenants with a session each, and what the attacked one holds."""

    database: Database
    mine: Tenant
    other: Tenant
    session_id: UUID

    def holdings(self, tenant: Tenant) -> dict[str, list[tuple[Any, ...]]]:
        def read(session: Session) -> dict[str, list[tuple[Any, ...]]]:
            found = {}
            for name, mapped in sorted(tenant_tables().items()):
                core: Any = mapped.__table__  # type: ignore[attr-defined]
                rows = session.execute(select(core).where(core.c.organization_id == tenant.organization_id))
                found[name] = sorted((tuple(row) for row in rows), key=repr)
            return found

        return self.database.system.read_now(read)

    def attack(self, unit: Callable[..., Any]) -> Any:
        return self.database.bound_to(self.mine.organization_id).write_now(unit, self)


def made(url: str) -> Iterator[Walls]:
    database = Database(url)
    database.open()
    mine, other = make_tenant(database, "clinic"), make_tenant(database, "other clinic")
    session_id = uuid4()
    for tenant in (mine, other):
        created = log(tenant.person_id, id=str(session_id))
        database.bound_to(tenant.organization_id).write_now(session_writes.add, created, tenant.person_id, NOW)
    yield Walls(database, mine, other, session_id)
    database.close()


@pytest.fixture(scope="module", params=BACKENDS)
def walls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walls]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("walls") / "limber.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield from made(f"sqlite:///{path}")
        return
    server = request.getfixturevalue("postgres_template")
    admin = create_engine(
        server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
    )
    name = f"walls_{uuid4().hex}"
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
    admin.dispose()
    yield from made(server.get_uri(name))


def person(organization_id: UUID, **changes: Any) -> PersonRow:
    row = {"organization_id": organization_id, "id": uuid4(), "external_id": uuid4().hex, "created_at": NOW}
    return PersonRow(**{**row, **changes})


def row(tenant: UUID, **changes: Any) -> dict[str, Any]:
    made = {"organization_id": tenant, "id": uuid4(), "external_id": uuid4().hex, "created_at": NOW}
    return {**made, **changes}


def upsert(session: Session, core: Any) -> Any:
    bind: Any = session.bind
    return DIALECT_INSERT[bind.dialect.name](core)


def own(core: Any, walls: Walls) -> Any:
    return core.c.organization_id == walls.mine.organization_id


def foreign(core: Any, walls: Walls) -> Any:
    return core.c.organization_id == walls.other.organization_id


def connection_of(session: Session) -> Any:
    return session.connection()


REFUSED: dict[str, Callable[[Session, Walls], Any]] = {}
EMPTY: dict[str, Callable[[Session, Walls], Any]] = {}
LEGAL: dict[str, Callable[[Session, Walls], Any]] = {}


def refused(attack: Callable[[Session, Walls], Any]) -> Callable[[Session, Walls], Any]:
    REFUSED[attack.__name__] = attack
    return attack


def empty(attack: Callable[[Session, Walls], Any]) -> Callable[[Session, Walls], Any]:
    EMPTY[attack.__name__] = attack
    return attack


def legal(statement: Callable[[Session, Walls], Any]) -> Callable[[Session, Walls], Any]:
    LEGAL[statement.__name__] = statement
    return statement


# Reading through the ORM: the other tenant's rows are not there.


@empty
def orm_select(session: Session, w: Walls) -> Any:
    return session.execute(select(PersonRow).where(PersonRow.id == w.other.person_id)).all()


@empty
def orm_select_that_names_the_other(session: Session, w: Walls) -> Any:
    return session.execute(select(PersonRow).where(PersonRow.organization_id == w.other.organization_id)).all()


@empty
def orm_or(session: Session, w: Walls) -> Any:
    either = or_(
        PersonRow.organization_id == w.other.organization_id, PersonRow.organization_id == w.mine.organization_id
    )
    found = session.execute(select(PersonRow).where(either)).scalars()
    return [one for one in found if one.organization_id != w.mine.organization_id]


@empty
def orm_count(session: Session, w: Walls) -> Any:
    return session.execute(
        select(func.count()).select_from(PersonRow).where(PersonRow.id == w.other.person_id)
    ).scalar_one()


@empty
def orm_exists(session: Session, w: Walls) -> Any:
    return session.execute(select(PersonRow.id).where(PersonRow.id == w.other.person_id).limit(1)).first()


@empty
def orm_get(session: Session, w: Walls) -> Any:
    return session.get(PersonRow, (w.other.organization_id, w.other.person_id))


@empty
def orm_alias(session: Session, w: Walls) -> Any:
    other = aliased(PersonRow)
    return session.execute(select(other).where(other.id == w.other.person_id)).all()


@empty
def orm_join(session: Session, w: Walls) -> Any:
    joined = select(SessionLogRow, PersonRow).join(PersonRow, PersonRow.id == w.other.person_id)
    return session.execute(joined).all()


@empty
def orm_outer_join(session: Session, w: Walls) -> Any:
    joined = (
        select(PersonRow.external_id).select_from(SessionLogRow).outerjoin(PersonRow, PersonRow.id == w.other.person_id)
    )
    return [found for (found,) in session.execute(joined) if found is not None]


@empty
def orm_update(session: Session, w: Walls) -> Any:
    statement: Any = update(PersonRow).where(PersonRow.id == w.other.person_id).values(external_id="taken")
    return session.execute(statement).rowcount  # type: ignore[attr-defined]


@empty
def orm_delete(session: Session, w: Walls) -> Any:
    statement: Any = delete(SessionExerciseRow).where(SessionExerciseRow.organization_id == w.other.organization_id)
    return session.execute(statement).rowcount  # type: ignore[attr-defined]


@empty
def merge_of_a_foreign_row_that_is_refreshed(session: Session, w: Walls) -> Any:
    stranger = person(w.other.organization_id, id=w.other.person_id, external_id="taken")
    make_transient_to_detached(stranger)
    session.add(stranger)
    session.expire(stranger)
    try:
        return stranger.external_id
    except Exception as error:
        assert "taken" not in str(error)
        session.expunge_all()
        return None


@empty
def deferred_column_of_a_foreign_row(session: Session, w: Walls) -> Any:
    return session.execute(
        select(PersonRow).options(defer(PersonRow.external_id)).where(PersonRow.id == w.other.person_id)  # type: ignore[arg-type]
    ).all()


# Writing through the ORM.


@refused
def flush_of_a_foreign_row(session: Session, w: Walls) -> Any:
    session.add(person(w.other.organization_id))
    session.flush()


@refused
def a_row_left_for_the_flush_at_the_end(session: Session, w: Walls) -> Any:
    session.add(person(w.other.organization_id))


@refused
def change_of_a_rows_tenant(session: Session, w: Walls) -> Any:
    mine = session.get(PersonRow, (w.mine.organization_id, w.mine.person_id))
    assert mine is not None
    mine.organization_id = w.other.organization_id
    session.flush()


@refused
def merge_of_a_foreign_row(session: Session, w: Walls) -> Any:
    session.merge(person(w.other.organization_id, id=w.other.person_id, external_id="taken"))
    session.flush()


@refused
def update_of_a_detached_foreign_row(session: Session, w: Walls) -> Any:
    stranger = person(w.other.organization_id, id=w.other.person_id)
    make_transient_to_detached(stranger)
    session.add(stranger)
    stranger.external_id = "taken"
    session.flush()


@refused
def delete_of_a_detached_foreign_row(session: Session, w: Walls) -> Any:
    stranger = person(w.other.organization_id, id=w.other.person_id)
    make_transient_to_detached(stranger)
    session.delete(stranger)
    session.flush()


@refused
def bulk_save(session: Session, w: Walls) -> Any:
    session.bulk_save_objects([person(w.mine.organization_id), person(w.other.organization_id)])


@refused
def bulk_insert_mappings(session: Session, w: Walls) -> Any:
    session.bulk_insert_mappings(PersonRow, [row(w.other.organization_id)])  # type: ignore[arg-type]


@refused
def bulk_update_mappings(session: Session, w: Walls) -> Any:
    change = {"organization_id": w.other.organization_id, "id": w.other.person_id, "external_id": "taken"}
    session.bulk_update_mappings(PersonRow, [change])  # type: ignore[arg-type]


@refused
def orm_bulk_insert(session: Session, w: Walls) -> Any:
    session.execute(insert(PersonRow), [row(w.mine.organization_id), row(w.other.organization_id)])


@refused
def orm_bulk_update_by_key(session: Session, w: Walls) -> Any:
    change = {"organization_id": w.other.organization_id, "id": w.other.person_id, "external_id": "taken"}
    session.execute(update(PersonRow), [change])


@refused
def orm_update_that_moves_a_row(session: Session, w: Walls) -> Any:
    session.execute(update(PersonRow).values(organization_id=w.other.organization_id))


# Core on the tables: each tenant table is bound to the tenant, or nothing runs.


@refused
def core_select(session: Session, w: Walls) -> Any:
    return session.execute(select(P)).all()


@refused
def core_select_of_the_other(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(foreign(P, w))).all()


@refused
def core_or(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(or_(own(P, w), foreign(P, w)))).all()


@refused
def core_or_true(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(or_(own(P, w), P.c.id == P.c.id))).all()


@refused
def core_and_hidden_in_or(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(or_(and_(own(P, w), true()), not_(false())))).all()


@refused
def core_not(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(not_(own(P, w)))).all()


@refused
def core_in(session: Session, w: Walls) -> Any:
    both = [w.mine.organization_id, w.other.organization_id]
    return session.execute(select(P).where(P.c.organization_id.in_(both))).all()


@refused
def core_comparison_as_a_value(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(own(P, w).is_(False))).all()


@refused
def core_having(session: Session, w: Walls) -> Any:
    grouped = select(P.c.organization_id).group_by(P.c.organization_id).having(own(P, w))
    return session.execute(grouped).all()


@refused
def core_two_bindings(session: Session, w: Walls) -> Any:
    return session.execute(select(P, S).where(own(P, w), P.c.id == S.c.person_id)).all()


@refused
def core_equality_with_another_column(session: Session, w: Walls) -> Any:
    return session.execute(select(P, S).where(own(P, w), P.c.organization_id == S.c.person_id)).all()


@refused
def core_alias(session: Session, w: Walls) -> Any:
    other = P.alias("mine")
    return session.execute(select(P, other).where(own(P, w))).all()


@refused
def core_alias_of_an_alias(session: Session, w: Walls) -> Any:
    return session.execute(select(P.alias("one").alias("two"))).all()


@refused
def core_sampled_table(session: Session, w: Walls) -> Any:
    return session.execute(select(P.tablesample(100))).all()


@refused
def core_inner_join(session: Session, w: Walls) -> Any:
    return session.execute(select(S, P).join_from(S, P, S.c.person_id != P.c.id).where(own(S, w))).all()


@refused
def core_outer_join_bound_on_the_wrong_side(session: Session, w: Walls) -> Any:
    joined = P.outerjoin(S, and_(own(P, w), own(S, w)))
    return session.execute(select(P).select_from(joined)).all()


@refused
def core_outer_join_unbound_inside(session: Session, w: Walls) -> Any:
    joined = S.outerjoin(P, P.c.id == w.other.person_id)
    return session.execute(select(P).select_from(joined).where(own(S, w))).all()


@refused
def core_full_join(session: Session, w: Walls) -> Any:
    joined = P.join(S, and_(own(P, w), own(S, w)), full=True)
    return session.execute(select(P).select_from(joined)).all()


@refused
def core_subquery(session: Session, w: Walls) -> Any:
    inner = select(P.c.external_id).where(foreign(P, w)).subquery()
    return session.execute(select(inner)).all()


@refused
def core_cte(session: Session, w: Walls) -> Any:
    inner = select(P.c.external_id).cte()
    return session.execute(select(inner)).all()


@refused
def core_recursive_cte(session: Session, w: Walls) -> Any:
    start = select(P.c.external_id).where(own(P, w)).cte(recursive=True)
    return session.execute(select(start.union_all(select(P.c.external_id)))).all()


@refused
def core_union(session: Session, w: Walls) -> Any:
    both = union_all(select(P.c.external_id).where(own(P, w)), select(P.c.external_id).where(foreign(P, w)))
    return session.execute(both).all()


@refused
def orm_union(session: Session, w: Walls) -> Any:
    both = union_all(select(PersonRow.external_id), select(PersonRow.external_id))
    return session.execute(both).all()


@refused
def core_exists(session: Session, w: Walls) -> Any:
    return session.execute(select(exists().where(P.c.id == w.other.person_id))).scalar_one()


@refused
def orm_exists_without_the_tenant(session: Session, w: Walls) -> Any:
    return session.execute(select(exists().where(PersonRow.id == w.other.person_id))).scalar_one()


@refused
def scalar_subquery(session: Session, w: Walls) -> Any:
    return session.execute(select(select(P.c.external_id).where(P.c.id == w.other.person_id).scalar_subquery())).all()


@refused
def scalar_subquery_in_an_orm_select(session: Session, w: Walls) -> Any:
    inner = select(P.c.external_id).where(P.c.id == w.other.person_id).scalar_subquery()
    return session.execute(select(PersonRow.id, inner)).all()


@refused
def correlated_table_that_is_not_correlated(session: Session, w: Walls) -> Any:
    inner = select(P.c.external_id).where(P.c.id == w.other.person_id).correlate(None).scalar_subquery()
    return session.execute(select(P.c.id, inner).where(own(P, w))).all()


@refused
def lateral_subquery(session: Session, w: Walls) -> Any:
    inner = select(P.c.external_id).where(P.c.id == w.other.person_id).lateral()
    return session.execute(select(S.c.id, inner.c.external_id).where(own(S, w))).all()


@refused
def values_with_a_subquery(session: Session, w: Walls) -> Any:
    stolen = select(P.c.external_id).where(P.c.id == w.other.person_id).scalar_subquery()
    rows = values(column("external_id", String), name="stolen").data([(stolen,)])
    return session.execute(select(rows.c.external_id)).all()


@refused
def core_insert(session: Session, w: Walls) -> Any:
    session.execute(insert(P).values(**row(w.other.organization_id)))


@refused
def core_insert_of_many(session: Session, w: Walls) -> Any:
    connection_of(session).execute(insert(P), [row(w.mine.organization_id), row(w.other.organization_id)])


@refused
def core_insert_without_a_tenant(session: Session, w: Walls) -> Any:
    session.execute(insert(P).values(id=uuid4(), external_id="x", created_at=NOW))


@refused
def core_insert_of_several_rows(session: Session, w: Walls) -> Any:
    session.execute(insert(P).values([row(w.mine.organization_id), row(w.other.organization_id)]))


@refused
def core_insert_of_several_rows_with_an_expression(session: Session, w: Walls) -> Any:
    strange = row(w.mine.organization_id, organization_id=literal(w.other.organization_id))
    session.execute(insert(P).values([row(w.mine.organization_id), strange]))


@refused
def core_insert_of_several_rows_with_a_stolen_value(session: Session, w: Walls) -> Any:
    stolen = select(K.c.key_digest).where(foreign(K, w)).scalar_subquery()
    session.execute(insert(P).values([row(w.mine.organization_id), row(w.mine.organization_id, external_id=stolen)]))


@refused
def core_insert_with_a_stolen_value(session: Session, w: Walls) -> Any:
    stolen = select(P.c.external_id).where(foreign(P, w)).scalar_subquery()
    session.execute(insert(P).values(**row(w.mine.organization_id, external_id=stolen)))


@refused
def core_insert_with_a_computed_tenant(session: Session, w: Walls) -> Any:
    tenant = select(literal(w.other.organization_id)).scalar_subquery()
    session.execute(insert(P).values(**row(w.mine.organization_id, organization_id=tenant)))


@refused
def core_insert_with_a_renamed_bind(session: Session, w: Walls) -> Any:
    tenant = bindparam("tenant", w.other.organization_id)
    session.execute(insert(P).values(**row(w.mine.organization_id, organization_id=tenant)))


@refused
def insert_from_select(session: Session, w: Walls) -> Any:
    source = select(P.c.organization_id, P.c.created_at, P.c.external_id).where(foreign(P, w))
    session.execute(insert(P).from_select(["organization_id", "created_at", "external_id"], source))


@refused
def upsert_on_a_foreign_key(session: Session, w: Walls) -> Any:
    statement = upsert(session, P).values(**row(w.other.organization_id, id=w.other.person_id))
    session.execute(
        statement.on_conflict_do_update(index_elements=["organization_id", "id"], set_={"external_id": "taken"})
    )


@refused
def upsert_that_moves_a_row(session: Session, w: Walls) -> Any:
    statement = upsert(session, P).values(**row(w.mine.organization_id, id=w.mine.person_id))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["organization_id", "id"], set_={"organization_id": w.other.organization_id}
        )
    )


@refused
def upsert_on_a_key_without_the_tenant(session: Session, w: Walls) -> Any:
    digest = session_digest(w)
    statement = upsert(session, K).values(
        organization_id=w.mine.organization_id, id=uuid4(), key_digest=digest, scopes=[], created_at=NOW
    )
    session.execute(statement.on_conflict_do_update(index_elements=["key_digest"], set_={"scopes": ["stolen"]}))


@refused
def upsert_that_reads_the_other(session: Session, w: Walls) -> Any:
    stolen = select(P.c.external_id).where(P.c.id == w.other.person_id).scalar_subquery()
    statement = upsert(session, P).values(**row(w.mine.organization_id, id=w.mine.person_id))
    session.execute(
        statement.on_conflict_do_update(index_elements=["organization_id", "id"], set_={"external_id": stolen})
    )


@refused
def core_update(session: Session, w: Walls) -> Any:
    session.execute(update(P).values(external_id="taken"))


@refused
def core_update_of_the_other(session: Session, w: Walls) -> Any:
    session.execute(update(P).where(foreign(P, w)).values(external_id="taken"))


@refused
def core_update_that_moves_a_row(session: Session, w: Walls) -> Any:
    session.execute(update(P).where(own(P, w)).values(organization_id=w.other.organization_id))


@refused
def core_update_that_moves_a_row_by_its_parameters(session: Session, w: Walls) -> Any:
    connection_of(session).execute(update(P).where(own(P, w)), {"organization_id": w.other.organization_id})


@refused
def core_update_in_order_that_moves_a_row(session: Session, w: Walls) -> Any:
    moved = update(P).where(own(P, w)).ordered_values((P.c.organization_id, w.other.organization_id))
    session.execute(moved)


@refused
def core_update_from_the_other(session: Session, w: Walls) -> Any:
    statement = update(P).where(own(P, w), S.c.person_id == w.other.person_id).values(external_id=S.c.title)
    session.execute(statement)


@refused
def core_update_of_many(session: Session, w: Walls) -> Any:
    statement = update(P).where(P.c.organization_id == bindparam("o")).values(external_id="taken")
    both = [{"o": w.mine.organization_id}, {"o": w.other.organization_id}]
    connection_of(session).execute(statement, both)


@refused
def core_delete(session: Session, w: Walls) -> Any:
    session.execute(delete(E))


@refused
def core_delete_of_the_other(session: Session, w: Walls) -> Any:
    session.execute(delete(E).where(foreign(E, w)))


@refused
def core_delete_or(session: Session, w: Walls) -> Any:
    session.execute(delete(E).where(or_(own(E, w), foreign(E, w))))


@refused
def core_delete_through_an_alias(session: Session, w: Walls) -> Any:
    session.execute(delete(E.alias("e")))


@refused
def change_inside_a_cte(session: Session, w: Walls) -> Any:
    gone = delete(E).where(foreign(E, w)).returning(E.c.exercise_id).cte()
    return session.execute(select(gone)).all()


@refused
def returning_that_reads_the_other(session: Session, w: Walls) -> Any:
    stolen = select(K.c.key_digest).where(foreign(K, w)).scalar_subquery()
    return session.execute(update(P).where(own(P, w)).values(external_id="p-1").returning(stolen)).all()


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
    sneaky = column(quoted_name("1 = 1 OR 1", quote=False))
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
    session.execute(DDL("DELETE FROM session_exercise"))


@refused
def drop_of_a_table(session: Session, w: Walls) -> Any:
    connection_of(session).execute(DropTable(SessionPainRow.__table__))  # type: ignore[attr-defined]


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


# What a unit of work may do.


@legal
def orm_reading(session: Session, w: Walls) -> Any:
    return session.execute(select(PersonRow).where(PersonRow.external_id == "p-1")).all()


@legal
def orm_counting(session: Session, w: Walls) -> Any:
    return session.execute(select(func.count()).select_from(PersonRow)).scalar_one()


@legal
def orm_joining(session: Session, w: Walls) -> Any:
    joined = select(SessionLogRow, PersonRow).join(PersonRow, PersonRow.id == SessionLogRow.person_id)
    return session.execute(joined).all()


@legal
def orm_outer_joining(session: Session, w: Walls) -> Any:
    joined = select(SessionLogRow, PersonRow).outerjoin(PersonRow, PersonRow.id == SessionLogRow.person_id)
    return [second for _, second in session.execute(joined) if second is not None]


@legal
def orm_self_joining(session: Session, w: Walls) -> Any:
    one, two = aliased(PersonRow), aliased(PersonRow)
    return session.execute(select(one, two).join(two, one.id == two.id)).all()


@legal
def reading_the_catalogue(session: Session, w: Walls) -> Any:
    return session.execute(select(ExerciseRow.id).limit(1)).all()


@legal
def locking(session: Session, w: Walls) -> Any:
    return session.execute(select(PersonRow.id).where(PersonRow.id == w.mine.person_id).with_for_update()).all()


@legal
def core_reading(session: Session, w: Walls) -> Any:
    return session.execute(select(P).where(own(P, w), P.c.external_id == "p-1")).all()


@legal
def core_joining(session: Session, w: Walls) -> Any:
    same = and_(S.c.organization_id == P.c.organization_id, S.c.person_id == P.c.id)
    return session.execute(select(S, P).join_from(S, P, same).where(own(S, w))).all()


@legal
def core_outer_joining(session: Session, w: Walls) -> Any:
    same = and_(S.c.organization_id == P.c.organization_id, S.c.person_id == P.c.id)
    return session.execute(select(S, P).join_from(P, S, same, isouter=True).where(own(P, w))).all()


@legal
def correlated_exists(session: Session, w: Walls) -> Any:
    done = exists().where(own(S, w), S.c.person_id == P.c.id)
    return session.execute(select(P).where(own(P, w), done)).all()


@legal
def subquery_and_cte(session: Session, w: Walls) -> Any:
    inner = select(S.c.person_id).where(own(S, w)).cte()
    return session.execute(select(P).where(own(P, w), P.c.id.in_(select(inner.c.person_id)))).all()


@legal
def union_of_own(session: Session, w: Walls) -> Any:
    one = select(P.c.id).where(own(P, w))
    return session.execute(union_all(one, select(S.c.id).where(own(S, w)))).all()


@legal
def orm_inserting_with_returning(session: Session, w: Walls) -> Any:
    added = session.scalars(insert(PersonRow).returning(PersonRow.id), [row(w.mine.organization_id)]).all()
    session.execute(delete(PersonRow).where(PersonRow.id.in_(added)))  # type: ignore[attr-defined]
    return added


@legal
def core_inserting_several(session: Session, w: Walls) -> Any:
    rows = [row(w.mine.organization_id), row(w.mine.organization_id)]
    session.execute(insert(P).values(rows))
    gone: Any = session.execute(delete(P).where(own(P, w), P.c.id.in_([one["id"] for one in rows])))
    return gone.rowcount == 2


@legal
def upserting(session: Session, w: Walls) -> Any:
    statement = upsert(session, P).values(**row(w.mine.organization_id, id=w.mine.person_id))
    statement = statement.on_conflict_do_update(index_elements=["organization_id", "id"], set_={"external_id": "p-1"})
    session.execute(statement)
    return True


@legal
def updating(session: Session, w: Walls) -> Any:
    done: Any = session.execute(update(PersonRow).where(PersonRow.id == w.mine.person_id).values(external_id="p-1"))
    return done.rowcount == 1


@legal
def updating_from_another_own_table(session: Session, w: Walls) -> Any:
    statement = update(P).where(own(P, w), own(S, w), S.c.person_id == P.c.id).values(external_id="p-1")
    done: Any = session.execute(statement)
    return done.rowcount == 1


@legal
def changing_a_row(session: Session, w: Walls) -> Any:
    mine = session.get(PersonRow, (w.mine.organization_id, w.mine.person_id))
    assert mine is not None
    mine.external_id = "p-2"
    session.flush()
    mine.external_id = "p-1"
    session.flush()
    return mine


@legal
def stamping_a_new_row(session: Session, w: Walls) -> Any:
    fresh = person(w.mine.organization_id)
    fresh.organization_id = None  # type: ignore[assignment]
    session.add(fresh)
    session.flush()
    stamped = fresh.organization_id == w.mine.organization_id
    session.delete(fresh)
    return stamped


@legal
def nested_transaction(session: Session, w: Walls) -> Any:
    with session.begin_nested():
        session.execute(select(PersonRow)).all()
    return True


def session_digest(w: Walls) -> bytes:
    def read(session: Session) -> bytes:
        return session.execute(
            select(K.c.key_digest).where(K.c.organization_id == w.other.organization_id)
        ).scalar_one()

    return w.database.system.read_now(read)


@pytest.mark.parametrize("name", REFUSED)
def test_what_reaches_for_another_tenant_is_refused(walls: Walls, name: str) -> None:
    before, mine = walls.holdings(walls.other), walls.holdings(walls.mine)
    with pytest.raises(TenantViolation):
        walls.attack(REFUSED[name])
    assert walls.holdings(walls.other) == before
    assert walls.holdings(walls.mine) == mine


@pytest.mark.parametrize("name", EMPTY)
def test_what_another_tenant_owns_is_not_there(walls: Walls, name: str) -> None:
    before = walls.holdings(walls.other)
    assert not walls.attack(EMPTY[name])
    assert walls.holdings(walls.other) == before


@pytest.mark.parametrize("name", LEGAL)
def test_what_is_ones_own_passes(walls: Walls, name: str) -> None:
    before, mine = walls.holdings(walls.other), walls.holdings(walls.mine)
    assert walls.attack(LEGAL[name])
    assert walls.holdings(walls.other) == before
    assert walls.holdings(walls.mine) == mine


def test_the_same_refusals_hold_on_the_reading_door(walls: Walls) -> None:
    doors = walls.database.bound_to(walls.mine.organization_id)
    for attack in (core_select, core_or, raw_text, lightweight_table, core_exists, reading_organisations):
        with pytest.raises(TenantViolation):
            doors.read_now(attack, walls)


def test_a_second_run_of_a_cached_statement_is_checked_again(walls: Walls) -> None:
    mine, other = walls.mine.organization_id, walls.other.organization_id

    def of(session: Session, tenant: UUID) -> int:
        return len(session.execute(select(P).where(P.c.organization_id == tenant)).all())

    doors = walls.database.bound_to(mine)
    assert doors.read_now(of, mine) >= 1
    with pytest.raises(TenantViolation):
        doors.read_now(of, other)
    assert doors.read_now(of, mine) >= 1
    assert walls.database.bound_to(other).read_now(of, other) >= 1


def test_a_statement_cached_by_the_system_is_checked_for_a_tenant(walls: Walls) -> None:
    def everybody(session: Session) -> int:
        return len(session.execute(select(P.c.id, P.c.external_id, P.c.created_at)).all())

    assert walls.database.system.read_now(everybody) >= 2
    with pytest.raises(TenantViolation):
        walls.database.bound_to(walls.mine.organization_id).read_now(everybody)


def test_a_session_without_a_tenant_does_nothing(walls: Walls) -> None:
    second = Database(walls.database.url.render_as_string(hide_password=False))
    second.open()
    with second.write_engine.connect() as connection, UnitSession(bind=connection) as session:
        with pytest.raises(TenantViolation):
            session.execute(select(PersonRow))
        session.add(person(walls.mine.organization_id))
        with pytest.raises(TenantViolation):
            session.flush()
    second.close()


def test_units_of_one_batch_never_share_an_identity_map(walls: Walls) -> None:
    def both_sessions(session: Session) -> str | None:
        found = session.execute(select(SessionLogRow).where(SessionLogRow.id == walls.session_id)).scalars().all()
        assert len(found) == 1
        return str(found[0].person_id)

    def get(session: Session, tenant: Tenant) -> Any:
        found = session.get(SessionLogRow, (tenant.organization_id, walls.session_id))
        return None if found is None else found.person_id

    pairs = [(walls.mine, walls.other), (walls.other, walls.mine)] * 20
    futures = []
    for caller, target in pairs:
        submit = walls.database.submit
        futures.append((caller, submit(caller.organization_id, both_sessions)))
        assert submit(caller.organization_id, get, caller).result() == caller.person_id
        assert submit(caller.organization_id, get, target).result() is None
    for caller, future in futures:
        assert future.result() == str(caller.person_id)


@pytest.mark.parametrize(
    "build",
    [
        lambda _: select(P.c.id).where(P.c.id == bindparam("id")),
        lambda _: select(P.c.id).where(or_(P.c.organization_id == bindparam("organization_id"), true())),
        lambda _: select(P.c.id).where(P.c.organization_id == bindparam("tenant")),
        lambda _: select(P.c.id).where(text("organization_id = :organization_id")),
        lambda _: select(P.c.id, S.c.id).where(P.c.organization_id == bindparam("organization_id")),
        lambda insert_: insert_(K).on_conflict_do_update(index_elements=["key_digest"], set_={"scopes": []}),
        lambda _: update(P).values(external_id="x"),
    ],
)
def test_a_prepared_statement_that_is_not_bound_is_refused(walls: Walls, build: Any) -> None:
    with pytest.raises(TenantViolation):
        walls.attack(lambda session, w: Prepared(build).run(session, [{"id": w.other.person_id}]))


def test_a_prepared_statement_cannot_be_handed_another_tenant(walls: Walls) -> None:
    prepared = Prepared(
        lambda _: select(P.c.id).where(P.c.organization_id == bindparam("organization_id"), P.c.id == bindparam("id"))
    )
    stolen = {"id": walls.other.person_id, "organization_id": walls.other.organization_id}
    assert not walls.attack(lambda session, _: prepared.exists(session, **stolen))
    assert walls.attack(lambda session, w: prepared.exists(session, id=w.mine.person_id))


def test_the_functions_of_the_rooms_never_meet_another_tenants_person(walls: Walls) -> None:
    doors = walls.database.bound_to(walls.mine.organization_id)
    assert doors.read_now(people.find, walls.other.person_id) is None
    assert not doors.read_now(people.exists, walls.other.person_id)
    written = doors.write_now(session_writes.add, log(walls.other.person_id), walls.other.person_id, NOW)
    assert written.outcome is session_writes.Outcome.NO_PERSON
    taken = doors.write_now(people.add, PersonCreate(id=walls.other.person_id, external_id="mine"), NOW)
    assert taken.created
