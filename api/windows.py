"""Counters that live for a minute, as a storage of the `limits` library: bounded, without threads and without locks.

The library's own memory storage walks all its counters every ten milliseconds in a thread: with a million addresses it
held 340 MB and stopped the server for a tenth of a second at a time. The server counts on its event loop alone, and
all windows last equally long, so that those which opened first are the first to go.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from limits.storage import Storage

CAPACITY: Final = 65_536
"""Counters that are held at most, some 20 MB; past it the one that ends soonest is forgotten."""

FORGOTTEN_AT_ONCE: Final = 2
"""Ended windows that go when one opens: more than come, and never so many that a request waits for it."""


class _Window:
    __slots__ = ("closes", "used")

    def __init__(self, closes: float) -> None:
        self.closes = closes
        self.used = 0


class Windows(Storage):
    """Fixed windows that open with the first hit. All must last equally long. `clock` gives seconds."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float], capacity: int = CAPACITY) -> None:
        super().__init__()
        self._clock = clock
        self._capacity = capacity
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the storage may raise by itself: nothing is beyond it but memory."""
        return MemoryError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Add to a counter and return what it stands at; `expiry` is the length of its window in seconds."""
        now = self._clock()
        window = self._windows.get(key)
        if window is None or window.closes <= now:
            window = self._open(key, now, expiry)
        window.used += amount
        return window.used

    def get(self, key: str) -> int:
        """Return what a counter stands at; 0 when its window has ended."""
        window = self._windows.get(key)
        return 0 if window is None or window.closes <= self._clock() else window.used

    def get_expiry(self, key: str) -> float:
        """Return when the window of a counter ends, in seconds of the clock; now when it has none."""
        window = self._windows.get(key)
        return self._clock() if window is None else window.closes

    def check(self) -> bool:
        """Return true: memory is always there."""
        return True

    def reset(self) -> int:
        """Forget every counter and return how many there were."""
        held = len(self._windows)
        self._windows.clear()
        return held

    def clear(self, key: str) -> None:
        """Forget one counter."""
        self._windows.pop(key, None)

    def _open(self, key: str, now: float, expiry: float) -> _Window:
        windows = self._windows
        windows.pop(key, None)
        for _ in range(FORGOTTEN_AT_ONCE):
            first = next(iter(windows), None)
            if first is None or (windows[first].closes > now and len(windows) < self._capacity):
                break
            del windows[first]
        window = windows[key] = _Window(now + expiry)
        return window
