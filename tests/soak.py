"""How hard the tests of endurance are run: short with the suite, at their full figures by `make soak`."""

import os


def soaking() -> bool:
    """Return True when the tests run at their full figures."""
    return os.environ.get("LIMBER_SOAK") == "1"


def scaled(quick: int, soak: int) -> int:
    """Return the figure of this run."""
    return soak if soaking() else quick
