"""What a unit of work may do within its own organisation."""

from typing import Any

import pytest
from sqlalchemy import (
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from data.releases import ExerciseRow
from tests.data.walls import Attack, P, PersonRow, S, SessionLogRow, Walls, kept_in, own, person, row, upsert

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

LEGAL: dict[str, Attack] = {}
legal = kept_in(LEGAL)


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
    return session.execute(select(col(ExerciseRow.id)).limit(1)).all()


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
    session.execute(delete(PersonRow).where(PersonRow.id.in_(added)))
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
    fresh.organization_id = None
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


@pytest.mark.parametrize("name", LEGAL)
def test_it_passes(walls: Walls, name: str) -> None:
    before, mine = walls.holdings(walls.other), walls.holdings(walls.mine)
    assert walls.attack(LEGAL[name])
    assert walls.holdings(walls.other) == before
    assert walls.holdings(walls.mine) == mine
