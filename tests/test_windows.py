"""The counters behind the rate limits: each ends with its window, and there are never too many."""

import pytest

from api.windows import Windows
from tests.limiting import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_counters_are_bounded_and_forget_what_has_ended(clock: Clock) -> None:
    windows = Windows(clock, capacity=1_000)
    for number in range(5_000):
        windows.incr(str(number), 60)
    assert len(windows) == 1_000
    assert (windows.get("3999"), windows.get("4000"), windows.get("4999")) == (0, 1, 1)
    clock.now += 60
    for number in range(600):
        windows.incr(f"later {number}", 60)
    assert len(windows) == 600


def test_windows_that_open_while_others_last_do_not_end_them(clock: Clock) -> None:
    windows = Windows(clock)
    windows.incr("a", 60, 7)
    clock.now += 30
    windows.incr("b", 60)
    assert (windows.incr("a", 60), windows.get_expiry("a"), windows.get_expiry("b")) == (8, 1_060.0, 1_090.0)
    clock.now += 30
    assert (windows.get("a"), windows.get("b"), windows.incr("a", 60)) == (0, 1, 1)
