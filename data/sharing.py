"""Writing what people share: the one way in for sessions and recommendations, which copies them along the links of
their person in the same transaction.

A clinic sees a session exactly while the link stands and the newest consent covers it. Copies rather than a window into
the other organisation: so each room of the clinic, its followers and its figures know shared sessions without a word
of their own about links, and whoever has no link pays nothing for those who have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from data import (
    audit,
    consents,
    holds,
    person_rows,
    recommendations,
    session_changes,
    session_logs,
    session_rows,
    session_writes,
    shared_progress,
    shared_sessions,
)
from data.consents import Sharing
from data.crossing import across
from data.recommendations import Answered
from data.session_writes import NO_TRIAGES, Outcome, SignsHeard, Written
from data.tenancy import tenant_of
from schemas.audit import AuditAction
from schemas.session_logs import SessionLog, SessionLogCreate, SessionLogUpdate
from schemas.session_triage import SessionTriage
from schemas.vocabulary import Disposition


def add(
    session: Session, body: SessionLogCreate, person_id: UUID, now: datetime, triage: SessionTriage | None = None
) -> Written:
    """Store a session once, as `session_writes.add` does, and share it."""
    written = session_writes.add(session, body, person_id, now, triage)
    if written.linked and written.log is not None:
        _share_new(session, person_id, [written.log], now)
    return written


def add_many(
    session: Session,
    bodies: Sequence[SessionLogCreate],
    now: datetime,
    triages: Mapping[int, SessionTriage] = NO_TRIAGES,
) -> list[Written]:
    """Store many sessions in one go, as `session_writes.add_many` does, and share them."""
    outcomes = session_writes.add_many(session, bodies, now, triages)
    linked: dict[UUID, list[SessionLog]] = {}
    for written in outcomes:
        if written.linked and written.log is not None:
            linked.setdefault(written.log.person_id, []).append(written.log)
    for person_id in sorted(linked):
        _share_new(session, person_id, linked[person_id], now)
    return outcomes


def change(
    session: Session,
    session_id: UUID,
    versions: frozenset[str],
    patch: SessionLogUpdate,
    now: datetime,
    heard: SignsHeard | None = None,
    whose: UUID | None = None,
) -> Written:
    """Change a session, as `session_writes.change` does, and what is shared of it."""
    written = session_writes.change(session, session_id, versions, patch, now, heard, whose)
    if written.outcome is Outcome.CHANGED and written.before is not None:
        _share_change(session, written.before, written.log, now)
    return written


def remove(
    session: Session, session_id: UUID, versions: frozenset[str], now: datetime, whose: UUID | None = None
) -> Written:
    """Delete a session, as `session_writes.remove` does, and what is shared of it."""
    written = session_writes.remove(session, session_id, versions, now, whose)
    if written.outcome is Outcome.CHANGED and written.before is not None:
        _share_change(session, written.before, None, now)
    return written


def keep(session: Session, person_id: UUID, answered: Answered, hold: holds.Change, now: datetime) -> None:
    """Keep a recommendation with the hold that it places or lifts, as `recommendations.keep` does, and share it.

    What sessions and overrides had a part in is shared without them: that is another consent. A hold that is lifted
    here stays at a clinic, whose own screen must lift it.
    """
    # The counter stands for all of what a person shares: no link is made or ended meanwhile.
    session_changes.take(session)
    recommendations.keep(session, person_id, answered, hold, now)
    for sharing in _standing(session, person_id):
        if sharing.recommendations and sharing.covers(now, now):
            with across(session, sharing.clinic_id) as there:
                recommendations.put_copy(there, sharing, answered, now, now)


def hold(session: Session, person_id: UUID, disposition: Disposition, flags: list[str], now: datetime) -> None:
    """Put a person on hold for signs in an answer that is not kept."""
    session_changes.take(session)
    holds.place(session, person_id, disposition, flags, now)
    audit.note(session, AuditAction.WRITE, "hold", [person_id])


def share(session: Session, sharing: Sharing, now: datetime) -> None:
    """Bring what the clinic holds by a link to what its consent covers now: no more and no less."""
    person_id, since = sharing.person_id, sharing.covers_from
    logs = _covered(sharing, session_logs.all_since(session, person_id, since)) if sharing.progress else []
    answers = recommendations.all_since(session, person_id, since) if sharing.recommendations else []
    origin = tenant_of(session)
    with across(session, sharing.clinic_id) as there:
        session_changes.take(there)
        shared_sessions.note(there, sharing, origin, now)
        holds.forget_shared(there, sharing.clinic_person_id, sharing.link_id, keep_lifted=True)
        _match_sessions(there, sharing, logs if sharing.sessions else [], now)
        shared_progress.remake(there, sharing, None, logs if sharing.figures_only else [])
        recommendations.drop_copies(there, sharing)
        for kept in answers:
            covered = [at for at in (kept.answered_at, kept.told_at) if sharing.covers(at, at)]
            if covered:
                recommendations.put_copy(there, sharing, kept.answered, covered[0], covered[-1])


def withdraw(session: Session, sharing: Sharing, now: datetime) -> None:
    """Take back everything that a link brought, as if it had never been; followers are told that it is gone."""
    share(session, replace(sharing, sessions=False, progress=False, recommendations=False), now)
    with across(session, sharing.clinic_id) as there:
        holds.forget_shared(there, sharing.clinic_person_id, sharing.link_id, keep_lifted=False)
        shared_sessions.forget(there, sharing)


def expire(session: Session, person_id: UUID, now: datetime) -> None:
    """Take back what the person did and links brought, because it is forgotten here by age. Links and holds stay."""
    for sharing in _standing(session, person_id):
        with across(session, sharing.clinic_id) as there:
            session_changes.take(there)
            shared_sessions.drop(there, sharing, shared_sessions.copies(there, sharing.link_id).keys(), now)
            shared_progress.remake(there, sharing, None, [])
            recommendations.drop_copies(there, sharing)


def _standing(session: Session, person_id: UUID) -> list[Sharing]:
    person = person_rows.known(session, person_id)
    return consents.standing(session, person_id) if person is not None and person.linked else []


def _match_sessions(there: Session, sharing: Sharing, logs: Sequence[SessionLog], now: datetime) -> None:
    held = shared_sessions.copies(there, sharing.link_id)
    shared_sessions.drop(there, sharing, held.keys() - {log.id for log in logs}, now)
    for log in logs:
        if log.id in held:
            session_rows.hold(there, shared_sessions.copied(sharing, log, now), now)
    shared_sessions.put(there, sharing, [log for log in logs if log.id not in held], now)


def _share_new(session: Session, person_id: UUID, logs: Sequence[SessionLog], now: datetime) -> None:
    for sharing in consents.standing(session, person_id):
        covered = _covered(sharing, logs)
        if covered and sharing.sessions:
            with across(session, sharing.clinic_id) as there:
                shared_sessions.put(there, sharing, covered, now)
        elif covered and sharing.progress:
            _share_days(session, sharing, {log.local_day for log in covered})


def _share_change(session: Session, before: SessionLog, after: SessionLog | None, now: datetime) -> None:
    for sharing in _standing(session, before.person_id):
        covered = [] if after is None else _covered(sharing, [after])
        if sharing.sessions:
            with across(session, sharing.clinic_id) as there:
                _share_changed(there, sharing, before.id, covered, now)
        elif sharing.progress:
            _share_days(session, sharing, {log.local_day for log in (before, after) if log is not None})


def _share_changed(
    there: Session, sharing: Sharing, session_id: UUID, covered: Sequence[SessionLog], now: datetime
) -> None:
    held = shared_sessions.holds_copy(there, sharing.link_id, session_id)
    if held and covered:
        shared_sessions.rewrite(there, sharing, covered[0], now)
    elif held:
        shared_sessions.drop(there, sharing, {session_id}, now)
    elif covered:
        shared_sessions.put(there, sharing, covered, now)


def _share_days(session: Session, sharing: Sharing, days: set[str]) -> None:
    ordered = sorted(days)
    logs = _covered(sharing, session_logs.of_days(session, sharing.person_id, ordered))
    with across(session, sharing.clinic_id) as there:
        shared_progress.remake(there, sharing, ordered, logs)


def _covered(sharing: Sharing, logs: Sequence[SessionLog]) -> list[SessionLog]:
    # What came by a link itself goes no further: nobody consented to that.
    return [log for log in logs if log.link_id is None and sharing.covers(log.started_at, log.ended_at)]
