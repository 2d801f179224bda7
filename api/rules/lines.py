"""The tokens of a text as the automaton walks over them: which keys stand where, and which are within reach."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

Arc = tuple[int, int]
"""A key of the automaton and the token position behind it."""

Table = Mapping[int, Sequence[int]]
"""The keys within reach, each with the positions behind it."""

Place = tuple[int, tuple[int, ...]]
"""A position, and the gaps behind it."""

MOST_SKIPPED = 4


class Line:
    """A text to walk over. What is within reach of a position is worked out once, for many phrases ask for it."""

    __slots__ = ("_ends", "_reaches", "_skippable", "_tables", "arcs", "ends", "keys")

    def __init__(
        self, arcs: Sequence[Sequence[Arc]], skippable: Sequence[bool], stops: Sequence[bool], parts: Sequence[int]
    ) -> None:
        """`arcs` are those of each token; `skippable` those that phrases leave out, `stops` those that no gap may hold,
        `parts` the part of the text that each stands in: no phrase goes beyond it."""
        total = len(parts)
        self.arcs = arcs
        self.keys = {key for standing in arcs for key, _ in standing}
        self.ends, self._reaches = [total] * total, [total - 1] * total
        for at in range(total - 2, -1, -1):
            joined = parts[at] == parts[at + 1]
            self.ends[at] = self.ends[at + 1] if joined else at + 1
            self._reaches[at] = at if stops[at] or not joined else self._reaches[at + 1]
        self._skippable = skippable
        self._tables: dict[Place, Table] = {}
        self._ends: dict[Place, Sequence[int]] = {}

    def within(self, position: int, gaps: tuple[int, ...]) -> Table:
        """Return the keys that may stand behind these gaps, one after the other, each of at most so many words; also
        those behind small words that phrases leave out."""
        table = self._tables.get((position, gaps))
        if table is None:
            table = self._tables[position, gaps] = self._table(position, gaps)
        return table

    def _table(self, position: int, gaps: tuple[int, ...]) -> Table:
        table: dict[int, list[int]] = {}
        for at in dict.fromkeys(at for end in self._gap_ends(position, gaps) for at in self._run(end)):
            for key, after in self.arcs[at]:
                table.setdefault(key, []).append(after)
        return table

    def _gap_ends(self, position: int, gaps: tuple[int, ...]) -> Sequence[int]:
        if not gaps:
            return (position,)
        ends = self._ends.get((position, gaps))
        if ends is None:
            before = self._gap_ends(position, gaps[:-1])
            ends = tuple(dict.fromkeys(to for end in before for to in self._ends_of(end, gaps[-1])))
            self._ends[position, gaps] = ends
        return ends

    def _ends_of(self, position: int, words: int) -> Iterator[int]:
        """Yield where a gap of at most `words` words may end; small words that phrases leave out do not count."""
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


def arcs_of(words: Iterable[tuple[str, str]], numbers: Mapping[str, int]) -> list[list[Arc]]:
    """Return the arcs of each (stem, exact word) pair: its stem and its exact form, where phrases use them."""
    lines: list[list[Arc]] = []
    for position, (stemmed, word) in enumerate(words):
        arcs = [(numbers[key], position + 1) for key in (stemmed, "=" + word) if key in numbers]
        lines.append(arcs)
    return lines
