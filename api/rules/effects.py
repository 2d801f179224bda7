"""How pain went with each exercise: what helps and what hurts, as far as sessions can tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from api.rules.tuning import Numbers
from schemas.progress import Effect, ExerciseProgress
from schemas.session_logs import SessionLog

TWICE: Final = 2
"""So often an exercise is marked as hurting before it counts as one that hurts: progression leaves it out then too."""


@dataclass(frozen=True, slots=True)
class _Session:
    """One session as one exercise saw it: each place of pain once."""

    hurt: bool
    changes: Sequence[int]
    rises: Sequence[int]


def effects(logs: Iterable[SessionLog], numbers: Numbers) -> list[ExerciseProgress]:
    """Return each exercise with what became of pain around it, what was done most first."""
    sessions: dict[str, list[_Session]] = {}
    for log in logs:
        changes = [each.after - each.before for each in log.pain if each.before is not None and each.after is not None]
        mornings = [(each.before, each.next_morning) for each in log.pain]
        rises = [morning - before for before, morning in mornings if before is not None and morning is not None]
        for exercise_id in {entry.exercise_id for entry in log.exercises}:
            hurt = any(entry.hurt for entry in log.exercises if entry.exercise_id == exercise_id)
            sessions.setdefault(exercise_id, []).append(_Session(hurt, changes, rises))
    found = [_told(exercise_id, done, numbers) for exercise_id, done in sessions.items()]
    return sorted(found, key=lambda each: (-each.sessions, each.exercise_id))


def _told(exercise_id: str, sessions: Sequence[_Session], numbers: Numbers) -> ExerciseProgress:
    changes = [fmean(session.changes) for session in sessions if session.changes]
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
    return bool(session.changes) and fmean(session.changes) < 0


def _worsened(session: _Session, numbers: Numbers) -> bool:
    more_after = bool(session.changes) and fmean(session.changes) > 0
    return more_after or any(rise >= numbers.morning_rise for rise in session.rises)


def _effect(known: int, eased: int, worsened: int, hurt: int, numbers: Numbers) -> Effect:
    enough = known >= numbers.effect_sessions
    if hurt >= TWICE or (enough and worsened >= known * numbers.effect_share):
        return Effect.HURTS
    if enough and not hurt and eased >= known * numbers.effect_share:
        return Effect.HELPS
    return Effect.UNCLEAR
