"""What helps and what hurts: each session once, each place of pain once, and no verdict on too little."""

import pytest

from api.rules.effects import effects
from api.rules.tuning import Numbers
from schemas.progress import Effect
from schemas.session_logs import ExerciseLog, PainLog, SessionLog

Values = tuple[int | None, int | None, int | None]
EASED, SAME, MORE, BAD_MORNING, UNTOLD = (5, 3, None), (5, 5, None), (5, 6, None), (5, 4, 7), (None, 3, 3)


def session(*places: Values, hurt: bool = False, exercise: str = "a-stretch", sides: int = 1) -> SessionLog:
    pain = [
        PainLog(region=f"place_{number}", before=before, after=after, next_morning=morning)
        for number, (before, after, morning) in enumerate(places)
    ]
    exercises = [ExerciseLog(exercise_id=exercise, hurt=hurt)] * sides
    return SessionLog.model_construct(pain=pain, exercises=exercises)


def rows(*sessions: Values, hurt: int = 0, exercise: str = "a-stretch") -> list[SessionLog]:
    return [session(values, hurt=number < hurt, exercise=exercise) for number, values in enumerate(sessions)]


@pytest.mark.parametrize(
    ("sessions", "hurt", "effect"),
    [
        ([EASED] * 3, 0, Effect.HELPS),
        ([EASED] * 2, 0, Effect.UNCLEAR),
        ([EASED, EASED, SAME], 0, Effect.HELPS),
        ([EASED, SAME, SAME], 0, Effect.UNCLEAR),
        ([EASED] * 9, 1, Effect.UNCLEAR),
        ([EASED] * 9, 2, Effect.HURTS),
        ([UNTOLD] * 2, 2, Effect.HURTS),
        ([MORE, MORE, EASED], 0, Effect.HURTS),
        ([BAD_MORNING] * 3, 0, Effect.HURTS),
        ([UNTOLD] * 9, 0, Effect.UNCLEAR),
        ([EASED, EASED, EASED, UNTOLD, UNTOLD], 0, Effect.HELPS),
    ],
)
def test_a_verdict_needs_sessions_that_tell(
    sessions: list[Values], hurt: int, effect: Effect, numbers: Numbers
) -> None:
    (found,) = effects(rows(*sessions, hurt=hurt), numbers)
    assert (found.effect, found.sessions, found.hurt) == (effect, len(sessions), hurt)


def test_two_places_and_two_sides_are_one_session(numbers: Numbers) -> None:
    twice = session((6, 2, None), (4, 4, 4), sides=2)
    (found,) = effects([twice, session()], numbers)
    assert (found.sessions, found.known, found.change, found.eased, found.worsened) == (2, 1, -2, 1, 0)


def test_what_was_done_most_stands_first(numbers: Numbers) -> None:
    found = effects([*rows(SAME, exercise="b"), *rows(SAME, SAME, exercise="c"), *rows(SAME, exercise="a")], numbers)
    assert [each.exercise_id for each in found] == ["c", "a", "b"]
