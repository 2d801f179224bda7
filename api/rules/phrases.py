"""The phrase notation, compiled once into an automaton that finds every phrase in one pass over the tokens.

Notation: words in order; `(a|b c|)` alternatives; `~` a gap of 0 to 3 words, `~~` of 0 to 6; `=word` exactly this word;
`@set` any word or phrase of that set; `A <> B` both orders with a gap of 0 to 6.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from api.rules.tokens import fold, stem

Item: TypeAlias = "str | tuple[list[Item], ...]"
"""A symbol of a phrase, or a group of alternatives."""

Arc = tuple[int, int]
"""A key of the automaton and the token position behind it."""

_SYMBOL: Final = re.compile(r"\(|\)|\||~~|~|<>|@[a-z_]+|=?[^\s()|~@<>=]+")
_WORD: Final = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_GAPS: Final = {"~": 3, "~~": 6}
_BASE: Final = 1 << 20
_WIDTHS: Final = 8
"""A gap is kept as one number: the node behind it times this, and how many words it holds at most."""

JOIN_FROM: Final = 3
MOST_SKIPPED: Final = 4


class PhraseError(ValueError):
    """A phrase that does not follow the notation; the message names the phrase."""


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A phrase found: the number of its owner and the tokens [start, end) it covers."""

    owner: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """What the automaton walks over: the arcs of each token, whether it may be skipped, the token behind its part, and
    the last token that a gap which begins here may lead to.
    """

    arcs: Sequence[Sequence[Arc]]
    skippable: Sequence[bool]
    ends: Sequence[int]
    reaches: Sequence[int]


@dataclass(slots=True)
class Keys:
    """The numbers of all words, exact words and sets that phrases use."""

    numbers: dict[str, int] = field(default_factory=dict)
    owners: dict[tuple[int, ...], tuple[int, ...]] = field(default_factory=dict)

    def shared(self, owners: tuple[int, ...]) -> tuple[int, ...]:
        """Return the one tuple of these owners: most nodes have few owners, and few do not share them."""
        return self.owners.setdefault(owners, owners)

    def number(self, key: str) -> int:
        """Return the number of `key`, a new one when it is unknown."""
        return self.numbers.setdefault(key, len(self.numbers) + 1)


@dataclass(slots=True)
class Automaton:
    """A trie over keys with gap edges, kept flat: one dictionary from (node, key) to node."""

    keys: Keys
    edges: dict[int, int] = field(default_factory=dict)
    gaps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    owners: dict[int, tuple[int, ...]] = field(default_factory=dict)
    nodes: int = 1

    def add(self, phrase: str, owner: int) -> None:
        """Add one phrase for `owner`; raises PhraseError."""
        for sequence in parse(phrase):
            sources: dict[int, list[int]] = {}
            ends = self._insert([0], sequence, sources)
            accepted = sorted({node for end in ends for node in _origins(end, sources)} - {0})
            if not accepted:
                raise PhraseError(f"an empty phrase: {phrase}")
            for node in accepted:
                held = self.owners.get(node, ())
                if owner not in held:
                    self.owners[node] = self.keys.shared((*held, owner))

    def _insert(self, nodes: list[int], sequence: "Sequence[Item]", sources: dict[int, list[int]]) -> list[int]:
        """Lead every path of `sequence` from `nodes` on; `sources` says which nodes gaps and joins came from."""
        for item in sequence:
            if len(nodes) > JOIN_FROM:
                nodes = [self._join(nodes, sources)]
            if isinstance(item, tuple):
                nodes = _each_once(end for inner in item for end in self._insert(nodes, inner, sources))
            elif item in _GAPS:
                nodes = _each_once(self._gap_from(node, _GAPS[item], sources) for node in nodes)
            else:
                nodes = _each_once(self._edge(node, item) for node in nodes)
        return nodes

    def _join(self, nodes: list[int], sources: dict[int, list[int]]) -> int:
        # A gap of no words leads many alternatives to one node of this phrase's own, so that they do not multiply.
        joined = self.nodes
        self.nodes += 1
        for node in nodes:
            self.gaps[node] = (*self.gaps.get(node, ()), joined * _WIDTHS)
        sources[joined] = nodes
        return joined

    def _gap_from(self, node: int, width: int, sources: dict[int, list[int]]) -> int:
        if node == 0:
            return node
        following = self._gap(node, width)
        sources.setdefault(following, []).append(node)
        return following

    def _edge(self, node: int, symbol: str) -> int:
        edge = node * _BASE + self.keys.number(symbol)
        following = self.edges.get(edge)
        if following is None:
            following = self.edges[edge] = self.nodes
            self.nodes += 1
        return following

    def _gap(self, node: int, width: int) -> int:
        for gap in self.gaps.get(node, ()):
            if gap % _WIDTHS == width:
                return gap // _WIDTHS
        following = self.nodes
        self.nodes += 1
        self.gaps[node] = (*self.gaps.get(node, ()), following * _WIDTHS + width)
        return following

    def scan(self, line: Line) -> list[PhraseHit]:
        """Return every hit, by start, then end, then owner."""
        hits: set[tuple[int, int, int]] = set()
        for start, arcs in enumerate(line.arcs):
            if any(key in self.edges for key, _ in arcs):
                self._follow(start, line, hits)
        return [PhraseHit(owner, start, end) for start, end, owner in sorted(hits)]

    def _follow(self, start: int, line: Line, hits: set[tuple[int, int, int]]) -> None:
        owners, steps = self.owners, self.gaps
        end = line.ends[start]
        stack = [(0, start)]
        seen: set[Arc] = set()
        while stack:
            node, position = stack.pop()
            reached = self._step(node, position, line)
            beyond = [
                (gap // _WIDTHS, to) for gap in steps.get(node, ()) for to in _gap_ends(position, gap % _WIDTHS, line)
            ]
            for target, to in beyond:
                reached += self._step(target, to, line)
                if target in steps:
                    stack.append((target, to))
            for state in reached:
                if state in seen:
                    continue
                seen.add(state)
                for owner in owners.get(state[0], ()):
                    hits.add((start, state[1], owner))
                if state[1] < end:
                    stack.append(state)

    def _step(self, node: int, position: int, line: Line) -> list[Arc]:
        """Return the states one word further; small words that phrases leave out may stand before it."""
        edges, arcs, base = self.edges, line.arcs, node * _BASE
        reached: list[Arc] = []
        first = position
        while True:
            for key, after in arcs[position]:
                following = edges.get(base + key)
                if following is not None:
                    reached.append((following, after))
            if not node or not line.skippable[position] or position - first >= MOST_SKIPPED:
                return reached
            position += 1
            if position >= line.ends[first]:
                return reached


def _gap_ends(position: int, words: int, line: Line) -> Iterable[int]:
    """Yield where a gap of at most `words` words may end; small words that phrases leave out do not count."""
    left = words
    for to in range(position, min(line.reaches[position], position + words + MOST_SKIPPED) + 1):
        yield to
        left -= not line.skippable[to]
        if left < 0:
            return


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


def _origins(node: int, sources: Mapping[int, list[int]]) -> Iterable[int]:
    """Yield the nodes that words lead to: an end behind a gap or a join stands for those before it."""
    if node not in sources:
        yield node
        return
    for source in sources[node]:
        yield from _origins(source, sources)


def _each_once(nodes: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(nodes))


@lru_cache(maxsize=1 << 12)
def _keys_of(symbol: str) -> tuple[str, ...]:
    if symbol in _GAPS or symbol[0] == "@":
        return (symbol,)
    if symbol[0] == "=":
        return ("=" + fold(symbol[1:]),)
    return tuple(stem(fold(word)) for word in _WORD.findall(symbol))


def line_of(
    arcs: Sequence[Sequence[Arc]], skippable: Sequence[bool], stops: Sequence[bool], parts: Sequence[int]
) -> Line:
    """Return the line to walk over; `stops` are the tokens that no gap may hold."""
    total = len(parts)
    ends, reaches = [total] * total, [total - 1] * total
    for at in range(total - 2, -1, -1):
        joined = parts[at] == parts[at + 1]
        ends[at] = ends[at + 1] if joined else at + 1
        reaches[at] = at if stops[at] or not joined else reaches[at + 1]
    return Line(arcs, skippable, ends, reaches)


def arcs_of(words: Iterable[tuple[str, str]], numbers: Mapping[str, int]) -> list[list[Arc]]:
    """Return the arcs of each (stem, exact word) pair: its stem and its exact form, where phrases use them."""
    lines: list[list[Arc]] = []
    for position, (stemmed, word) in enumerate(words):
        arcs = [(numbers[key], position + 1) for key in (stemmed, "=" + word) if key in numbers]
        lines.append(arcs)
    return lines
