"""What a search found, and what it was found by."""

from dataclasses import dataclass
from typing import Final

from api.rules.search_meaning import NOTHING_MEANT, Meant


@dataclass(frozen=True, slots=True)
class Ranked:
    """What a search found: (number, score), best first; the words looked for, what they mean, who answers a topic, who
    likely answers as far as was learned."""

    hits: tuple[tuple[int, float], ...]
    terms: tuple[str, ...]
    meant: Meant = NOTHING_MEANT
    of_topics: frozenset[int] = frozenset()
    likely: frozenset[int] = frozenset()


NOTHING: Final = Ranked((), ())
NOBODY: Final[frozenset[int]] = frozenset()
