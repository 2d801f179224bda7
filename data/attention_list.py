"""Who of an organisation's people needs a look first, and why. Who is marked as changed is looked at anew before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, case, exists, false, func, not_
from sqlmodel import Session, col, or_, select

from data import audit
from data.attention import PersonAttentionRow
from data.holds import PersonHoldRow, SharedHoldRow
from data.person_rows import PersonRow
from data.tenancy import tenant_of
from schemas.attention import Attention, AttentionReason, PainRise
from schemas.audit import AuditAction
from schemas.people import PersonToSee
from schemas.vocabulary import Disposition

WEIGHTS: Final = {
    AttentionReason.ON_HOLD: 32,
    AttentionReason.RED_SESSIONS: 16,
    AttentionReason.EXERCISE_HURT: 8,
    AttentionReason.PAIN_RISING: 4,
    AttentionReason.LOW_ADHERENCE: 2,
    AttentionReason.NOTHING_FOR_LONG: 1,
}
"""Powers of two: the graver reason always comes first, and the sum tells which reasons there are."""


LAST_DAY: Final = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Since:
    """From when on bad sessions still count, and since when somebody must have done something or be new; today."""

    red_at: datetime
    done_at: datetime
    day: str


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Behind whom the list goes on."""

    weight: int
    person_id: UUID


@dataclass(frozen=True, slots=True)
class Listed:
    """One person of the list, and how much weighs on them."""

    person: PersonToSee
    weight: int


def page(session: Session, limit: int, since: Since, after: ListPlace | None) -> list[Listed]:
    """Return up to `limit` + 1 people behind a place, who needs a look first; alike ones in the order of their ids."""
    tenant, attention, hold = tenant_of(session), PersonAttentionRow, PersonHoldRow
    person, standing = col(PersonRow.id), col(hold.lifted_at).is_(None)
    weight = _weight(since, tenant).label("weight")
    statement: Any = (
        select(PersonRow, attention, hold.disposition, weight)
        .select_from(PersonRow)
        .outerjoin(attention, and_(col(attention.organization_id) == tenant, col(attention.person_id) == person))
        .outerjoin(hold, and_(col(hold.organization_id) == tenant, col(hold.person_id) == person, standing))
        .order_by(weight.desc(), person)
        .limit(limit + 1)
    )
    if after is not None:
        # The second wall counts what stands in the statement: each place needs an expression of its own.
        less, same = _weight(since, tenant) < after.weight, _weight(since, tenant) == after.weight
        statement = statement.where(or_(less, and_(same, person > after.person_id)))
    rows = session.execute(statement).all()
    audit.note(session, AuditAction.READ, "attention", [row[0].id for row in rows])
    shared = _shared_holds(session, [row[0].id for row in rows])
    return [Listed(_shape(row, kept, own or shared.get(row.id), weighs), weighs) for row, kept, own, weighs in rows]


def _weight(since: Since, tenant: UUID) -> Any:
    attention = PersonAttentionRow
    red = func.coalesce(col(attention.red_at) >= since.red_at, false())
    last_day = func.coalesce(col(attention.last_day), "")
    true = {
        AttentionReason.ON_HOLD: _on_hold(tenant),
        AttentionReason.RED_SESSIONS: red,
        AttentionReason.EXERCISE_HURT: col(attention.hurt_at) >= since.red_at,
        AttentionReason.PAIN_RISING: col(attention.rise_region).is_not(None),
        # Whoever is to do nothing does not do too little.
        AttentionReason.LOW_ADHERENCE: and_(
            not_(or_(_on_hold(tenant), red)),
            col(attention.low_from) <= since.day,
            func.coalesce(col(attention.low_until), LAST_DAY) > since.day,
        ),
        AttentionReason.NOTHING_FOR_LONG: and_(
            last_day < since.done_at.date().isoformat(),
            # Who has done nothing yet is new for as long; a history that was brought in counts as it is.
            or_(last_day != "", col(PersonRow.created_at) < since.done_at),
        ),
    }
    first, *others = (case((true[reason], weight), else_=0) for reason, weight in WEIGHTS.items())
    return sum(others, first)


def _on_hold(tenant: UUID) -> Any:
    hold, shared = PersonHoldRow, SharedHoldRow
    by_link = exists().where(
        col(shared.organization_id) == tenant,
        col(shared.person_id) == col(PersonRow.id),
        col(shared.lifted_at).is_(None),
    )
    return or_(col(hold.person_id).is_not(None), by_link)


def _shared_holds(session: Session, people: Sequence[UUID]) -> dict[UUID, str]:
    rows = session.exec(
        select(SharedHoldRow.person_id, SharedHoldRow.disposition).where(
            col(SharedHoldRow.person_id).in_(people), col(SharedHoldRow.lifted_at).is_(None)
        )
    ).all()
    return dict(rows)


def _shape(row: PersonRow, kept: PersonAttentionRow | None, held: str | None, weight: int) -> PersonToSee:
    reasons = [reason for reason, power in WEIGHTS.items() if weight & power]
    return PersonToSee(
        id=row.id,
        external_id=row.external_id,
        created_at=row.created_at,
        attention=Attention(
            reasons=reasons,
            hold=Disposition(held) if held and AttentionReason.ON_HOLD in reasons else None,
            red_at=kept.red_at if kept is not None and AttentionReason.RED_SESSIONS in reasons else None,
            hurt_at=kept.hurt_at if kept is not None and AttentionReason.EXERCISE_HURT in reasons else None,
            rise=_rise(kept),
            low_adherence_since=_low_since(kept) if AttentionReason.LOW_ADHERENCE in reasons else None,
            last_day=None if kept is None else kept.last_day,
        ),
    )


def _low_since(kept: PersonAttentionRow | None) -> date | None:
    return None if kept is None or kept.low_from is None else date.fromisoformat(kept.low_from)


def _rise(kept: PersonAttentionRow | None) -> PainRise | None:
    if kept is None or kept.rise_region is None or kept.rise_baseline is None or kept.rise_recent is None:
        return None
    return PainRise(region=kept.rise_region, baseline=kept.rise_baseline, recent=kept.rise_recent)
