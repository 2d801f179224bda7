"""People's words out of the phrase notation: the plain phrases that it stands for, and the words in it."""

import re
from itertools import product
from typing import Final

_SYMBOL: Final = re.compile(r"\(|\)|\||[^()|]+")
_WORD: Final = re.compile(r"\d+|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_NAMED_SET: Final = re.compile(r"@[a-z_]+")
_MARKS: Final = str.maketrans(dict.fromkeys("~=<>()|", " "))
MOST_VARIANTS: Final = 12


def words(phrase: str) -> list[str]:
    """Return every word that stands in the phrase, alternatives included, in order; named sets are left out."""
    if "@" in phrase:
        phrase = _NAMED_SET.sub(" ", phrase)
    return _WORD.findall(phrase)


def plain(phrase: str) -> list[str]:
    """Return the phrase as people would say it, at most 12 ways; none when it needs a named set."""
    if "@" in phrase:
        return []
    ways, _ = _ways(_SYMBOL.findall(phrase), 0)
    spoken = (" ".join(way.translate(_MARKS).split()) for way in ways)
    return list(dict.fromkeys(way for way in spoken if way))[:MOST_VARIANTS]


def _ways(symbols: list[str], at: int) -> tuple[list[str], int]:
    choices: list[str] = []
    current = [""]
    while at < len(symbols) and symbols[at] != ")":
        symbol = symbols[at]
        if symbol == "|":
            choices.extend(current)
            current = [""]
        elif symbol == "(":
            inner, at = _ways(symbols, at + 1)
            current = [left + right for left, right in product(current, inner)][:MOST_VARIANTS]
        else:
            current = [left + symbol for left in current]
        at += 1
    return [*choices, *current], at
