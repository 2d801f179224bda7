"""Session logs on their way into rows, with what is kept beside them in the same transaction: exercises and pain, the
daily figures, the reports of what hurt, the hold that a sign of danger places."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from data import adverse_events, attention, daily_progress, holds, session_entries, session_logs
from data.prepared import PreparedStatement
from data.session_entries import CHUNK
from data.session_logs import SessionLogRow
from schemas.session_logs import SessionLog
from schemas.vocabulary import STOPPING

_add_log = PreparedStatement(lambda insert: insert(SessionLogRow.__table__).on_conflict_do_nothing())  # type: ignore[attr-defined]


def insert(session: Session, logs: Sequence[SessionLog], digests: Sequence[bytes], numbers: Sequence[int]) -> int:
    """Store the sessions' own rows, save those whose id is taken, and return how many were stored."""
    return _add_log.run(session, session_logs.columns(logs, digests, numbers))


def insert_copies(
    session: Session, logs: Sequence[SessionLog], sources: Sequence[UUID], numbers: Sequence[int]
) -> None:
    """Store the rows of copies that came by a link, with the ids of what they are copies of."""
    # Nobody posted them, and no content has this digest.
    digests = [bytes(32)] * len(logs)
    _add_log.run(session, {**session_logs.columns(logs, digests, numbers), "source_id": sources})


def complete(session: Session, logs: Sequence[SessionLog], now: datetime) -> None:
    """Store what belongs to sessions whose own rows were stored just now."""
    session_entries.add(session, logs)
    daily_progress.count(session, logs)
    adverse_events.report(session, logs, now)
    attention.mark(session, [log.person_id for log in logs])
    for log in logs:
        hold(session, log, now)


def rewrite(session: Session, before: SessionLog, after: SessionLog | None, now: datetime) -> None:
    """Bring what belongs to a session to what it says now; None when it is deleted."""
    session_entries.drop(session, [before.id])
    if after is not None:
        session_entries.add(session, [after])
    adverse_events.follow(session, before, after, now)
    recount(session, before.person_id, {log.local_day for log in (before, after) if log is not None})


def recount(session: Session, person_id: UUID, days: set[str]) -> None:
    """Make the figures of a person's days anew from the sessions that there are."""
    attention.mark(session, [person_id])
    # What this session has read is from before the change.
    session.expire_all()
    ordered = sorted(days)
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        daily_progress.recount(session, person_id, some, session_logs.of_days(session, person_id, some))


def hold(session: Session, log: SessionLog, now: datetime) -> None:
    """Put the session's person on hold when it tells of a sign that stops everything."""
    if log.triage is not None and log.triage.disposition in STOPPING:
        # A device's clock may run ahead; nothing that was observed is newer than the server's now.
        observed_at = min(log.triage.observed_at, now)
        flags = sorted({flag.id for flag in log.triage.flags})
        holds.place(session, log.person_id, log.triage.disposition, flags, observed_at, log.link_id)
