"""The tokens of a text as the automaton walks over them: which keys stand where, and which are within reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

Arc = tuple[int, int]
"""A key of the automaton and the token position behind it."""

Table = Mapping[int, Sequence[int]]
"""The keys within reach, each with the positions behind it."""

MOST_SKIPPED = 4


class Line:
    """A text to walk over. What is within reach of a position is worked out once, for many phrases ask for it."""

    __slots__ = ("_gap_ends", "_next", "_reaches", "_skippable", "_within", "arcs", "ends")

    def __init__(
        self, arcs: Sequence[Sequence[Arc]], skippable: Sequence[bool], stops: Sequence[bool], parts: Sequence[int]
    ) -> None:
        """`arcs` are those of each token; `skippable` those that phrases leave out, `stops` those that no gap may hold,
        `parts` the part of the text that each stands in: no phrase goes beyond it."""
        total = len(parts)
        self.arcs = arcs
        self.ends, self._reaches = [total] * total, [total - 1] * total
        for at in range(total - 2, -1, -1):
            joined = parts[at] == parts[at + 1]
            self.ends[at] = self.ends[at + 1] if joined else at + 1
            self._reaches[at] = at if stops[at] or not joined else self._reaches[at + 1]
        self._skippable = skippable
        self._next: dict[int, Table] = {}
        self._within: dict[Arc, Table] = {}
        self._gap_ends: dict[Arc, Sequence[int]] = {}

    def next(self, position: int) -> Table:
        """Return the keys that stand at `position`, or behind small words there that phrases leave out."""
        table = self._next.get(position)
        if table is None:
            table = self._next[position] = self._table(self._run(position))
        return table

    def within(self, position: int, words: int) -> Table:
        """Return the keys that may follow a gap of at most `words` words at `position`."""
        table = self._within.get((position, words))
        if table is None:
            ends = self.gap_ends(position, words)
            standing = dict.fromkeys(at for end in ends for at in self._run(end))
            table = self._within[position, words] = self._table(standing)
        return table

    def gap_ends(self, position: int, words: int) -> Sequence[int]:
        """Return where a gap of at most `words` words may end; small words that phrases leave out do not count."""
        ends = self._gap_ends.get((position, words))
        if ends is None:
            ends = self._gap_ends[position, words] = tuple(self._ends_of(position, words))
        return ends

    def _ends_of(self, position: int, words: int) -> Iterator[int]:
        left = words
        for to in range(position, min(self._reaches[position], position + words + MOST_SKIPPED) + 1):
            yield to
            left -= not self._skippable[to]
            if left < 0:
                return

    def _run(self, position: int) -> range:
        """The positions where the next word may stand."""
        last, most = position, min(position + MOST_SKIPPED, self.ends[position] - 1)
        while last < most and self._skippable[last]:
            last += 1
        return range(position, last + 1)

    def _table(self, positions: Iterable[int]) -> Table:
        table: dict[int, list[int]] = {}
        for position in positions:
            for key, after in self.arcs[position]:
                table.setdefault(key, []).append(after)
        return table


def arcs_of(words: Iterable[tuple[str, str]], numbers: Mapping[str, int]) -> list[list[Arc]]:
    """Return the arcs of each (stem, exact word) pair: its stem and its exact form, where phrases use them."""
    lines: list[list[Arc]] = []
    for position, (stemmed, word) in enumerate(words):
        arcs = [(numbers[key], position + 1) for key in (stemmed, "=" + word) if key in numbers]
        lines.append(arcs)
    return lines
