"""The walls between tenants under attack by Core selects: each tenant table is bound, or nothing runs."""

from typing import Any

import pytest
from sqlalchemy import (
    String,
    and_,
    column,
    exists,
    false,
    not_,
    or_,
    select,
    true,
    union_all,
    values,
)
from sqlmodel import Session

from tests.data.walls import Attack, P, PersonRow, S, Walls, assert_refused, foreign, kept_in, own

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")

REFUSED: dict[str, Attack] = {}
refused = kept_in(REFUSED)


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


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused(walls: Walls, name: str) -> None:
    assert_refused(walls, REFUSED[name])
