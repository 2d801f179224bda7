"""Whether the long versions of the reliability tests run: `LIMBER_SOAK=1`."""

import os


def soaking() -> bool:
    """Return True when the figures of the soak are asked for."""
    return os.environ.get("LIMBER_SOAK", "") not in {"", "0"}


def scaled(quick: int, soak: int) -> int:
    """Return the figure of this run."""
    return soak if soaking() else quick
