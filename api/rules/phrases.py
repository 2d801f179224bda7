"""The phrase notation: what is written in the lexicon becomes sequences of keys, gaps and alternatives.

Notation: words in order; `(a|b c|)` alternatives; `~` a gap of 0 to 3 words, `~~` of 0 to 6; `=word` exactly this word;
`@set` any word or phrase of that set; `A <> B` both orders with a gap of 0 to 6.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Final, TypeAlias

from api.rules.tokens import fold, stem

Item: TypeAlias = "str | tuple[list[Item], ...]"
"""A symbol of a phrase, or a group of alternatives."""

GAPS: Final[Mapping[str, int]] = MappingProxyType({"~": 3, "~~": 6})
"""The gaps of the notation, and how many words each holds at most."""

_SYMBOL: Final = re.compile(r"\(|\)|\||~~|~|<>|@[a-z_]+|=?[^\s()|~@<>=]+")
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")


class PhraseError(ValueError):
    """A phrase that does not follow the notation; the message names the phrase."""


def parse(phrase: str) -> "list[list[Item]]":
    """Return the sequences that a phrase stands for, two for `A <> B`; raises PhraseError when it is malformed."""
    sides = [side.strip() for side in phrase.split("<>")]
    if len(sides) > 2:
        raise PhraseError(f"more than one <>: {phrase}")
    if len(sides) == 2:
        first, second = sides
        return [*parse(f"{first} ~~ {second}"), *parse(f"{second} ~~ {first}")]
    symbols = _SYMBOL.findall(phrase.lower())
    alternatives, rest = _alternatives(symbols, 0, phrase)
    if rest != len(symbols):
        raise PhraseError(f"malformed phrase: {phrase}")
    return [alternative for alternative in alternatives if alternative]


def _alternatives(symbols: Sequence[str], at: int, phrase: str) -> "tuple[list[list[Item]], int]":
    choices: list[list[Item]] = []
    current: list[Item] = []
    while at < len(symbols) and symbols[at] != ")":
        symbol = symbols[at]
        if symbol == "|":
            choices.append(current)
            current = []
        elif symbol == "(":
            inner, at = _alternatives(symbols, at + 1, phrase)
            if at >= len(symbols):
                raise PhraseError(f"unclosed parenthesis: {phrase}")
            current.append(tuple(inner))
        else:
            current.extend(_keys_of(symbol))
        at += 1
    return [*choices, current], at


@lru_cache(maxsize=1 << 12)
def _keys_of(symbol: str) -> tuple[str, ...]:
    if symbol in GAPS or symbol[0] == "@":
        return (symbol,)
    if symbol[0] == "=":
        return ("=" + fold(symbol[1:]),)
    return tuple(stem(fold(word)) for word in _WORD.findall(symbol))
