"""The walls between tenants under attack through the ORM."""

from typing import Any

import pytest
from sqlalchemy import (
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import aliased, defer, make_transient_to_detached
from sqlmodel import Session

from tests.data.walls import (
    Attack,
    PersonRow,
    SessionExerciseRow,
    SessionLogRow,
    Walls,
    assert_refused,
    kept_in,
    person,
    row,
)

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

REFUSED: dict[str, Attack] = {}
refused = kept_in(REFUSED)
EMPTY: dict[str, Attack] = {}
empty = kept_in(EMPTY)


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
    done: Any = session.execute(statement)
    return done.rowcount


@empty
def orm_delete(session: Session, w: Walls) -> Any:
    statement: Any = delete(SessionExerciseRow).where(SessionExerciseRow.organization_id == w.other.organization_id)
    done: Any = session.execute(statement)
    return done.rowcount


@refused
def a_detached_foreign_row_that_is_refreshed(session: Session, w: Walls) -> Any:
    stranger = person(w.other.organization_id, id=w.other.person_id, external_id="taken")
    make_transient_to_detached(stranger)
    session.add(stranger)
    session.expire(stranger)
    return stranger.external_id


@empty
def deferred_column_of_a_foreign_row(session: Session, w: Walls) -> Any:
    return session.execute(
        select(PersonRow).options(defer(PersonRow.external_id)).where(PersonRow.id == w.other.person_id)
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
    session.bulk_insert_mappings(PersonRow, [row(w.other.organization_id)])


@refused
def bulk_update_mappings(session: Session, w: Walls) -> Any:
    change = {"organization_id": w.other.organization_id, "id": w.other.person_id, "external_id": "taken"}
    session.bulk_update_mappings(PersonRow, [change])


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


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(walls: Walls, name: str) -> None:
    assert_refused(walls, REFUSED[name])


@pytest.mark.parametrize("name", EMPTY)
def test_it_is_not_there(walls: Walls, name: str) -> None:
    before = walls.holdings(walls.other)
    assert not walls.attack(EMPTY[name])
    assert walls.holdings(walls.other) == before
