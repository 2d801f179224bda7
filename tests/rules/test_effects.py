"""What helps and what hurts: each session once, each place of pain once, and no verdict on too little."""

from uuid import UUID

import pytest

from api.rules.effects import effects
from api.rules.tuning import Numbers
from schemas.progress import Effect, ExercisePain

Values = tuple[int | None, int | None, int | None]
EASED, SAME, MORE, BAD_MORNING, UNTOLD = (5, 3, None), (5, 5, None), (5, 6, None), (5, 4, 7), (None, 3, 3)


def rows(*sessions: Values, hurt: int = 0, exercise: str = "a-stretch") -> list[ExercisePain]:
    return [
        ExercisePain(UUID(int=number), exercise, number < hurt, 0, *values) for number, values in enumerate(sessions)
    ]


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
    session = UUID(int=1)
    places = [(0, 6, 2, None), (1, 4, 4, 4)]
    twice = [ExercisePain(session, "a-stretch", False, *place) for place in places for _ in range(2)]
    (found,) = effects([*twice, ExercisePain(UUID(int=2), "a-stretch", False, None, None, None, None)], numbers)
    assert (found.sessions, found.known, found.change, found.eased, found.worsened) == (2, 1, -2, 1, 0)


def test_what_was_done_most_stands_first(numbers: Numbers) -> None:
    found = effects([*rows(SAME, exercise="b"), *rows(SAME, SAME, exercise="c"), *rows(SAME, exercise="a")], numbers)
    assert [each.exercise_id for each in found] == ["c", "a", "b"]
