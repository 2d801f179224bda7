"""Adverse events: an exercise that somebody marked as hurting in a session, as a report that is as true as the session.

A report is written, changed and deleted in the transaction of its session. What the person was prescribed and had told
stands in the recommendation that the session names, else in the newest one from before it. Copies that links brought
are reported where they come from, and nowhere else.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import JSON, ForeignKeyConstraint, Index, delete
from sqlmodel import Field, Session, col, select

from data import audit, releases
from data.catalog.checks import PRIVATE_PREFIX
from data.prepared import PreparedStatement
from data.recommendations import RecommendationRow
from data.table import TenantTable
from schemas.audit import AuditAction
from schemas.session_logs import ExerciseLog, SessionLog
from schemas.vocabulary import Status

RECORD: Final = "adverse_event"
CLAIMED: Final = frozenset({Status.PRESENT.value, Status.UNCERTAIN.value})


class AdverseEventRow(TenantTable, table=True):
    """One exercise of one session that hurt: under which release, at which dose, with which conditions.

    `done` are the entries of the session that were marked; `prescribed` and `conditions` are null when no
    recommendation tells.
    """

    __tablename__ = "adverse_event"
    __table_args__ = (
        ForeignKeyConstraint(["organization_id", "person_id"], ["person.organization_id", "person.id"]),
        ForeignKeyConstraint(
            ["organization_id", "session_id"], ["session_log.organization_id", "session_log.id"], ondelete="CASCADE"
        ),
        Index(None, "organization_id", "person_id"),
        Index(None, "exercise_id", "occurred_at"),
    )

    session_id: UUID = Field(primary_key=True)
    exercise_id: str = Field(primary_key=True)
    person_id: UUID
    occurred_at: datetime
    reported_at: datetime
    catalog: str
    ruleset: str
    done: list[dict[str, Any]] = Field(sa_type=JSON)
    prescribed: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    conditions: list[str] | None = Field(default=None, sa_type=JSON(none_as_null=True))


_add = PreparedStatement(lambda insert: insert(AdverseEventRow.__table__))  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Background:
    """What is known of a person at the time of a session: the release, what was prescribed, what they had told."""

    catalog: str
    ruleset: str
    dosages: dict[str, dict[str, Any]]
    conditions: list[str] | None


@dataclass(slots=True)
class EventCount:
    """The reports of one exercise: how many, by how many people, from when to when, with what.

    `organization_id` is whose own exercise it is; None for those that all share.
    """

    exercise_id: str
    organization_id: UUID | None = None
    events: int = 0
    people: set[tuple[UUID, UUID]] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None
    releases: set[str] = field(default_factory=set)
    conditions: dict[str, int] = field(default_factory=dict)


def report(session: Session, logs: Sequence[SessionLog], now: datetime) -> None:
    """Write down what hurt in sessions that were stored just now."""
    for log in logs:
        _write(session, log, hurting(log), now)


def follow(session: Session, before: SessionLog, after: SessionLog | None, now: datetime) -> None:
    """Bring the reports of a session to what it says now; None when it is deleted.

    What was reported before keeps when, and under which release it was.
    """
    was, marked = hurting(before), {} if after is None else hurting(after)
    if not was and not marked:
        return
    for row in _rows(session, before.id):
        if after is None or row.exercise_id not in marked:
            session.delete(row)
        else:
            row.done, row.occurred_at = [_plain(entry) for entry in marked[row.exercise_id]], after.started_at
    session.flush()
    if after is not None:
        _write(session, after, {key: entries for key, entries in marked.items() if key not in was}, now)
    audit.note(session, AuditAction.WRITE if marked else AuditAction.DELETE, RECORD, [before.person_id])


def forget(session: Session, person_id: UUID) -> None:
    """Delete every report about a person."""
    gone = delete(AdverseEventRow).where(col(AdverseEventRow.person_id) == person_id)
    session.exec(gone.execution_options(synchronize_session=False))


def by_exercise(session: Session, since: datetime | None = None) -> list[EventCount]:
    """Return the reports by exercise, those of most people first; of all organisations through the system's door."""
    statement = select(AdverseEventRow).order_by(col(AdverseEventRow.exercise_id), col(AdverseEventRow.occurred_at))
    if since is not None:
        statement = statement.where(col(AdverseEventRow.occurred_at) >= since)
    found: dict[tuple[str, UUID | None], EventCount] = {}
    for row in session.exec(statement.execution_options(yield_per=500)):
        # Organisations may give the same name to exercises of their own.
        key = row.exercise_id, row.organization_id if row.exercise_id.startswith(PRIVATE_PREFIX) else None
        _count(found.setdefault(key, EventCount(*key)), row)
    return sorted(found.values(), key=lambda count: (-len(count.people), -count.events, count.exercise_id))


def hurting(log: SessionLog) -> dict[str, list[ExerciseLog]]:
    """Return the entries of a session that are marked as hurting, by exercise; none of what a link brought."""
    found: dict[str, list[ExerciseLog]] = {}
    for entry in log.exercises:
        if entry.hurt and log.link_id is None:
            found.setdefault(entry.exercise_id, []).append(entry)
    return found


def _write(session: Session, log: SessionLog, marked: dict[str, list[ExerciseLog]], now: datetime) -> None:
    if not marked:
        return
    known, many = _background(session, log), len(marked)
    _add.run(
        session,
        {
            "session_id": [log.id] * many,
            "exercise_id": list(marked),
            "person_id": [log.person_id] * many,
            "occurred_at": [log.started_at] * many,
            "reported_at": [now] * many,
            "catalog": [known.catalog] * many,
            "ruleset": [known.ruleset] * many,
            "done": [[_plain(entry) for entry in entries] for entries in marked.values()],
            "prescribed": [known.dosages.get(exercise_id) for exercise_id in marked],
            "conditions": [known.conditions] * many,
        },
    )


def _background(session: Session, log: SessionLog) -> Background:
    answer = _answer(session, log)
    if answer is None:
        served = session.get(releases.ReleaseRow, 1)
        return Background(
            served.catalog_hash if served else "", served.ruleset_hash if served else "", dosages={}, conditions=None
        )
    told = answer["understood"]["conditions"]
    return Background(
        answer["release"]["catalog"],
        answer["release"]["ruleset"],
        {offer["exercise"]["id"]: offer["dosage"] for offer in answer["exercises"]},
        sorted({term["id"] for term in told if term["status"] in CLAIMED}),
    )


def _answer(session: Session, log: SessionLog) -> dict[str, Any] | None:
    # What a link brought goes with the link: a report would keep it.
    own = col(RecommendationRow.link_id).is_(None)
    theirs = select(RecommendationRow).where(RecommendationRow.person_id == log.person_id, own)
    found = None
    if log.recommendation_id is not None:
        found = session.exec(theirs.where(RecommendationRow.id == log.recommendation_id)).one_or_none()
    if found is None:
        earlier = theirs.where(col(RecommendationRow.answered_at) <= log.ended_at)
        newest = earlier.order_by(col(RecommendationRow.answered_at).desc(), col(RecommendationRow.id)).limit(1)
        found = session.exec(newest).one_or_none()
    if found is None:
        return None
    answer: dict[str, Any] = json.loads(zlib.decompress(found.answer))
    return answer


def _rows(session: Session, session_id: UUID) -> Sequence[AdverseEventRow]:
    return session.exec(select(AdverseEventRow).where(AdverseEventRow.session_id == session_id)).all()


def _plain(entry: ExerciseLog) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude={"exercise_id", "hurt"}, exclude_none=True)


def _count(count: EventCount, row: AdverseEventRow) -> None:
    count.events += 1
    count.people.add((row.organization_id, row.person_id))
    count.first, count.last = count.first or row.occurred_at, row.occurred_at
    count.releases.add(row.catalog)
    for condition in row.conditions or ():
        count.conditions[condition] = count.conditions.get(condition, 0) + 1
