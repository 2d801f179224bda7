"""The review of the pain after some weeks: clinical facts 4.2, rule 7."""

import pytest

from api.rules.progression import Past
from api.rules.reviews import ReviewOutcome, review_of, told
from api.rules.tuning import Numbers
from schemas.catalog import Tuning
from tests.rules.sessions import days

NOWHERE: frozenset[str] = frozenset()


def past(*before: int, every: float = 3.5) -> Past:
    """Sessions twice a week with the pain before each, seen a day after the last one."""
    logs = days(*({"before": pain, "during_max": 1} for pain in before), every=every)
    return Past(logs, logs[-1].started_at.replace(hour=23))


@pytest.mark.parametrize(
    ("before", "trend", "clinician"),
    [
        ([5, 5, 5, 5], None, False),
        ([5, 5, 4, 4, 4, 3], ReviewOutcome.BETTER, False),
        ([5, 5, 5, 5, 5, 5], ReviewOutcome.UNCHANGED, False),
        ([5, 5, 5, 5, 5, 5, 5, 5], ReviewOutcome.UNCHANGED, False),
        ([5, 5, 5, 5, 5, 5, 5, 5, 5, 5], ReviewOutcome.UNCHANGED, True),
        ([5, 5, 6, 6, 7, 7], ReviewOutcome.WORSE, True),
        ([4, 4, 4, 4, 5, 5], ReviewOutcome.UNCHANGED, False),
        ([3, 3, 3, 3, 3, 2, 2, 2, 2, 2], ReviewOutcome.BETTER, False),
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], ReviewOutcome.BETTER, False),
        ([9, 9, 9, 9, 8, 8, 7, 7, 7, 7], ReviewOutcome.BETTER, False),
        ([0, 0, 0, 2, 2, 2], ReviewOutcome.WORSE, True),
    ],
)
def test_the_review(
    before: list[int], trend: ReviewOutcome | None, clinician: bool, numbers: Numbers, tuning: Tuning
) -> None:
    found = review_of(past(*before), NOWHERE, numbers)
    assert (None if found is None else found.outcome) == trend
    assert bool(told(found, numbers, tuning.texts)) == clinician


def test_it_says_the_numbers(numbers: Numbers, tuning: Tuning) -> None:
    (sentence,) = told(review_of(past(*[5] * 10), NOWHERE, numbers), numbers, tuning.texts)
    assert sentence.startswith("After 4 weeks your pain before the sessions is 5 out of 10, where it was 5")
    (worse,) = told(review_of(past(4, 4, 5, 6, 7, 7), NOWHERE, numbers), numbers, tuning.texts)
    assert "7 out of 10 now, where it was 4" in worse


def test_places_that_nobody_asks_of_do_not_count_where_the_asked_ones_are_told(numbers: Numbers) -> None:
    one = past(*[5] * 10)
    assert review_of(one, {"knee"}, numbers) == review_of(one, {"mid_back"}, numbers)
    assert review_of(Past([], one.now), NOWHERE, numbers) is None


def test_after_a_gap_there_is_nothing_to_compare(numbers: Numbers) -> None:
    one = past(*[5] * 10)
    assert review_of(Past(one.logs, one.now.replace(year=2027)), NOWHERE, numbers) is None
