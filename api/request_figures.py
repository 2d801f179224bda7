"""How many requests were answered, how, and how fast. Written by the event loop alone, read by the metrics."""

from bisect import bisect_left
from typing import Final

BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds of the classes of duration, in seconds; the last class has none."""

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Durations:
    """The durations of the requests of one kind: how many of each class, not summed up, and their sum in seconds."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0


class RequestFigures:
    """Durations by route template, method and class of status (`2xx`)."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, int], Durations] = {}

    def add(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        key = (route, method if method in METHODS else "other", status // 100)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = Durations()
        kind.counts[bisect_left(BOUNDS, seconds)] += 1
        kind.seconds += seconds

    def kinds(self) -> list[tuple[tuple[str, str, str], Durations]]:
        """Return route, method and status class of every kind that was met, with its durations."""
        # Copied in one step: the event loop may add a kind meanwhile.
        met = list(self._kinds.items())
        return [((route, method, f"{hundreds}xx"), kind) for (route, method, hundreds), kind in met]
