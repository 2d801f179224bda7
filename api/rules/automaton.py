"""All phrases as one automaton, which finds every one of them in a single pass over the tokens of a text."""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Final

from api.rules.lines import Arc, Line, Table
from api.rules.phrases import GAPS, Item, PhraseError, parse

FIRST_KEY: Final = 8
"""Keys are numbered from here: a smaller number is the width of a gap. 0 is a join, a gap without words."""

_BASE: Final = 1 << 20
_JOIN: Final = 0
_JOIN_FROM: Final = 3


@dataclass(frozen=True, slots=True)
class PhraseHit:
    """A phrase found: the number of its owner and the tokens [start, end) that it covers."""

    owner: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Automaton:
    """A trie over keys with gaps, held as arrays, for it has many nodes. Node 0 is the root.

    The edges from a node are those from `firsts[node]` up to `firsts[node + 1]`, gaps first, by key: the key of edge
    `at` is `keys[at]`, and it leads to the node `targets[at]`. A phrase of each owner in `owners[owned[node]]` ends at
    a node.
    """

    firsts: "array[int]"
    keys: "array[int]"
    targets: "array[int]"
    owned: "array[int]"
    owners: tuple[tuple[int, ...], ...]

    def scan(self, line: Line) -> list[PhraseHit]:
        """Return every hit, by start, then end, then owner."""
        hits: set[tuple[int, int, int]] = set()
        for start in range(len(line.arcs)):
            self._follow(start, line, hits)
        return [PhraseHit(owner, start, end) for start, end, owner in sorted(hits)]

    def _follow(self, start: int, line: Line, hits: set[tuple[int, int, int]]) -> None:
        first, end = self.firsts[1], line.ends[start]
        reached: list[Arc] = []
        for key, after in line.arcs[start]:
            at = bisect_left(self.keys, key, 0, first)
            if at < first and self.keys[at] == key:
                reached.append((self.targets[at], after))
        seen: set[Arc] = set()
        while reached:
            state = reached.pop()
            if state in seen:
                continue
            seen.add(state)
            node, position = state
            for owner in self.owners[self.owned[node]]:
                hits.add((start, position, owner))
            if position < end:
                self._step(node, position, line, reached)

    def _step(self, node: int, position: int, line: Line, reached: list[Arc]) -> None:
        """Add the states that are one word further; gaps lead on to more nodes that the word may follow."""
        firsts, keys = self.firsts, self.keys
        places: list[tuple[int, tuple[int, ...]]] = [(node, ())]
        for place, gaps in places:
            first, last = firsts[place], firsts[place + 1]
            while first < last and (words := keys[first]) < FIRST_KEY:
                places.append((self.targets[first], (*gaps, words)))
                first += 1
            if first < last and not line.keys.isdisjoint(keys[first:last]):
                self._enter(first, last, line.within(position, gaps), reached)

    def _enter(self, first: int, last: int, table: Table, reached: list[Arc]) -> None:
        """Add the states behind those of the edges [first, last) whose keys are within reach."""
        keys, targets = self.keys, self.targets
        if last - first <= len(table):
            for at in range(first, last):
                positions = table.get(keys[at])
                if positions is not None:
                    reached.extend((targets[at], after) for after in positions)
            return
        for key, positions in table.items():
            at = bisect_left(keys, key, first, last)
            if at < last and keys[at] == key:
                reached.extend((targets[at], after) for after in positions)


@dataclass(slots=True)
class Keys:
    """The numbers of all words, exact words and sets that phrases use."""

    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, key: str) -> int:
        """Return the number of `key`, a new one when it is unknown."""
        return self.numbers.setdefault(key, len(self.numbers) + FIRST_KEY)

    def packed(self) -> dict[str, int]:
        """Return the numbers as new objects, which lie close together: the old ones lie among those of the edges, and
        would keep the memory around them from being used again."""
        return {key: number for number, key in enumerate(self.numbers, FIRST_KEY)}


@dataclass(slots=True)
class AutomatonBuilder:
    """The automaton while phrases are added to it: its edges by node and key, its gaps by node, and which owners each
    node has, by the number of that set of owners.
    """

    keys: Keys
    _edges: dict[int, int] = field(default_factory=dict)
    _gaps: dict[int, tuple[Arc, ...]] = field(default_factory=dict)
    _owned: "array[int]" = field(default_factory=lambda: array("I", [0]))
    _sets: list[tuple[int, ...]] = field(default_factory=lambda: [()])
    _numbers: dict[tuple[int, ...], int] = field(default_factory=lambda: {(): 0})

    def add(self, phrase: str, owner: int) -> None:
        """Add one phrase for `owner`; raises PhraseError."""
        for sequence in parse(phrase):
            sources: dict[int, list[int]] = {}
            ends = self._insert([0], sequence, sources)
            accepted = sorted({node for end in ends for node in _origins(end, sources)} - {0})
            if not accepted:
                raise PhraseError(f"an empty phrase: {phrase}")
            for node in accepted:
                self._own(node, owner)

    def built(self) -> Automaton:
        """Return the automaton of the phrases; no more can be added."""
        # One number says all of an edge, for there are many: node, key, target.
        edges = [edge * _BASE + target for edge, target in self._edges.items()]
        edges += [
            (node * _BASE + width) * _BASE + target for node, gaps in self._gaps.items() for width, target in gaps
        ]
        self._edges.clear()
        self._gaps.clear()
        edges.sort()
        counts = array("I", bytes(4 * len(self._owned)))
        for edge in edges:
            counts[edge // _BASE // _BASE] += 1
        return Automaton(
            firsts=array("I", accumulate(counts, initial=0)),
            keys=array("I", (edge // _BASE % _BASE for edge in edges)),
            targets=array("I", (edge % _BASE for edge in edges)),
            owned=self._owned,
            owners=tuple(self._sets),
        )

    def _own(self, node: int, owner: int) -> None:
        held = self._sets[self._owned[node]]
        if owner not in held:
            self._owned[node] = self._number_of((*held, owner))

    def _number_of(self, owners: tuple[int, ...]) -> int:
        number = self._numbers.get(owners)
        if number is None:
            number = self._numbers[owners] = len(self._sets)
            self._sets.append(owners)
        return number

    def _insert(self, nodes: list[int], sequence: Sequence[Item], sources: dict[int, list[int]]) -> list[int]:
        """Lead every path of `sequence` from `nodes` on; `sources` says which nodes gaps and joins came from."""
        for item in sequence:
            if len(nodes) > _JOIN_FROM:
                nodes = [self._join(nodes, sources)]
            if isinstance(item, tuple):
                ends = [self._insert(nodes, inner, sources) for inner in item]
                nodes = list(dict.fromkeys(chain.from_iterable(ends)))
            elif item in GAPS:
                nodes = list(dict.fromkeys([self._gap_from(node, GAPS[item], sources) for node in nodes]))
            else:
                key = self.keys.number(item)
                # An edge leads from one node only, so different nodes lead to different ones.
                nodes = [self._edge(node, key) for node in nodes]
        return nodes

    def _join(self, nodes: list[int], sources: dict[int, list[int]]) -> int:
        # A gap of no words leads many alternatives to one node of this phrase's own, so that they do not multiply.
        joined = self._new_node()
        for node in nodes:
            self._gaps[node] = (*self._gaps.get(node, ()), (_JOIN, joined))
        sources[joined] = nodes
        return joined

    def _gap_from(self, node: int, width: int, sources: dict[int, list[int]]) -> int:
        if node == 0:
            return node
        following = self._gap(node, width)
        sources.setdefault(following, []).append(node)
        return following

    def _edge(self, node: int, key: int) -> int:
        edge = node * _BASE + key
        following = self._edges.get(edge)
        if following is None:
            following = self._edges[edge] = self._new_node()
        return following

    def _gap(self, node: int, width: int) -> int:
        held = self._gaps.get(node, ())
        following = next((target for words, target in held if words == width), None)
        if following is None:
            following = self._new_node()
            self._gaps[node] = (*held, (width, following))
        return following

    def _new_node(self) -> int:
        self._owned.append(0)
        return len(self._owned) - 1


def _origins(node: int, sources: Mapping[int, list[int]]) -> Iterator[int]:
    """Yield the nodes that words lead to: an end behind a gap or a join stands for those before it."""
    if node not in sources:
        yield node
        return
    for source in sources[node]:
        yield from _origins(source, sources)
