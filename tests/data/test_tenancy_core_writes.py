"""The walls between tenants under attack by Core inserts, updates, deletes and upserts."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import (
    bindparam,
    delete,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Session

from tests.data.making import NOW
from tests.data.walls import (
    Attack,
    E,
    K,
    P,
    S,
    Walls,
    assert_refused,
    connection_of,
    foreign,
    kept_in,
    own,
    row,
    session_digest,
    upsert,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

REFUSED: dict[str, Attack] = {}
refused = kept_in(REFUSED)


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
    tenant: Any = bindparam("tenant", w.other.organization_id)
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


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(walls: Walls, name: str) -> None:
    assert_refused(walls, REFUSED[name])
