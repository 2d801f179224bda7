"""How pain went with each exercise: what helps and what hurts, as far as sessions can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Final
from uuid import UUID

from api.rules.tuning import Numbers
from schemas.progress import Effect, ExercisePain, ExerciseProgress

TWICE: Final = 2
"""So often an exercise is marked as hurting before it counts as one that hurts: progression leaves it out then too."""


@dataclass
class _Session:
    """One session as one exercise saw it: each place of pain once."""

    hurt: bool = False
    changes: dict[int, int] = field(default_factory=dict)
    rises: dict[int, int] = field(default_factory=dict)


def effects(pain: Iterable[ExercisePain], numbers: Numbers) -> list[ExerciseProgress]:
    """Return each exercise with what became of pain around it, what was done most first."""
    sessions: dict[str, dict[UUID, _Session]] = {}
    for row in pain:
        session = sessions.setdefault(row.exercise_id, {}).setdefault(row.session_id, _Session())
        session.hurt |= row.hurt
        if row.place is None or row.before is None:
            continue
        if row.after is not None:
            session.changes[row.place] = row.after - row.before
        if row.next_morning is not None:
            session.rises[row.place] = row.next_morning - row.before
    found = [_told(exercise_id, list(done.values()), numbers) for exercise_id, done in sessions.items()]
    return sorted(found, key=lambda each: (-each.sessions, each.exercise_id))


def _told(exercise_id: str, sessions: Sequence[_Session], numbers: Numbers) -> ExerciseProgress:
    changes = [fmean(session.changes.values()) for session in sessions if session.changes]
    known = sum(1 for session in sessions if session.changes or session.rises)
    worsened = sum(1 for session in sessions if _worsened(session, numbers))
    eased = sum(1 for session in sessions if _eased(session) and not _worsened(session, numbers))
    hurt = sum(session.hurt for session in sessions)
    return ExerciseProgress(
        exercise_id=exercise_id,
        sessions=len(sessions),
        known=known,
        change=round(fmean(changes), 2) + 0.0 if changes else None,
        eased=eased,
        worsened=worsened,
        hurt=hurt,
        effect=_effect(known, eased, worsened, hurt, numbers),
    )


def _eased(session: _Session) -> bool:
    return bool(session.changes) and fmean(session.changes.values()) < 0


def _worsened(session: _Session, numbers: Numbers) -> bool:
    more_after = bool(session.changes) and fmean(session.changes.values()) > 0
    return more_after or any(rise >= numbers.morning_rise for rise in session.rises.values())


def _effect(known: int, eased: int, worsened: int, hurt: int, numbers: Numbers) -> Effect:
    enough = known >= numbers.effect_sessions
    if hurt >= TWICE or (enough and worsened >= known * numbers.effect_share):
        return Effect.HURTS
    if enough and not hurt and eased >= known * numbers.effect_share:
        return Effect.HELPS
    return Effect.UNCLEAR
