"""One release in one language: its exercises as bytes, its orders, its search and its pages."""

from collections.abc import Sequence
from dataclasses import replace
from threading import Lock
from typing import Final

from api.catalog_changes import export_cursor
from api.catalog_pages import PAGES, export, page_of
from api.exercise_bodies import WrittenExercises, body_in, not_translated
from api.ready import Ready, ready
from api.rules.filters import Filters
from api.rules.reader import Reader
from api.rules.search import TextIndex, build_index
from api.wording import Wording
from data.own_exercises import OwnCatalog
from data.releases import Release
from schemas.exercises import ExerciseSort
from schemas.translations import SOURCE_LANGUAGE, Translated

SortKey = tuple[str | int, str]

EXPORT: Final = "export"
LARGE: Final = frozenset({EXPORT, "lexicon"})


class Edition:
    """Exercises are numbered in id order, as in the bit masks. English ones are ready, others are made when asked for:
    the cache of responses in front keeps what is asked for often."""

    __slots__ = (
        "_bodies",
        "_filters",
        "_own",
        "_pages",
        "_reader",
        "_release",
        "_search",
        "_searching",
        "orders",
        "sort_keys",
        "wording",
    )

    def __init__(
        self,
        release: Release,
        own: OwnCatalog,
        filters: Filters,
        language: str,
        bodies: Sequence[Ready],
        reader: Reader | None = None,
    ) -> None:
        """`bodies` are the English exercises in id order; a reader of `language` lets the search find what is meant."""
        self._release, self._own, self._filters, self._bodies = release, own, filters, bodies
        self._reader = reader
        self.wording = Wording(language, release.catalog.translations)
        self.sort_keys = _sort_keys(self.names, release, filters.ids)
        self.orders = {sort: _ordered(sort, keys) for sort, keys in self.sort_keys.items()}
        self._pages: dict[str, Ready] = {}
        self._search: TextIndex | None = None
        self._searching = Lock()

    @property
    def language(self) -> str:
        """The language, such as `de`."""
        return self.wording.language

    @property
    def names(self) -> list[str]:
        """The names of the exercises in id order."""
        exercises = self._release.catalog.exercises
        found = [(self.wording.of(Translated.EXERCISE, id_), id_) for id_ in self._filters.ids]
        return [(text and text.name) or exercises[id_].name for text, id_ in found]

    @property
    def search(self) -> TextIndex:
        """The index over the words of this language and the English ones, made when it is first asked for."""
        if self._search is None:
            # Two threads that both made it would take the memory of two, and twice the time.
            with self._searching:
                self._search = self._search or self._index()
        return self._search

    def _index(self) -> TextIndex:
        release = self._release
        catalog = replace(release.catalog, exercises=WrittenExercises(self._filters.ids, self._bodies))
        return build_index(catalog, release.rules, release.lexicon, self.language, self._reader)

    @property
    def searchable(self) -> bool:
        """True once the index is made; making it takes some tenths of a second, which belong on another thread."""
        return self._search is not None

    def exercise(self, number: int, served: bool = True) -> Ready:
        """Return an exercise as bytes. `served` is false when a language was asked for that this release has not: the
        English one says so then."""
        body = self._bodies[number]
        if self.language != SOURCE_LANGUAGE:
            return body_in(self.wording, self._filters.ids[number], body)
        return body if served else not_translated(body)

    def page(self, name: str, served: bool = True) -> Ready:
        """Return a page that no question changes: `catalog_pages.PAGES`, `export` or `lexicon`."""
        if name in LARGE:
            # The cache of responses holds it compressed: that is enough of a copy.
            return self._export(served) if name == EXPORT else self._page(name)
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._page(name)
        return page

    def warm(self) -> None:
        """Make what is made on demand, so that nobody waits for it. On another thread too: twice made is the same."""
        self.search.search("stretch")
        for name in PAGES:
            self.page(name)

    def _page(self, name: str) -> Ready:
        return page_of(name, self._release, self._filters, self.wording)

    def _export(self, served: bool) -> Ready:
        bodies = [self.exercise(number, served).body for number in range(len(self._filters.ids))]
        cursor = export_cursor(self._release, self._own)
        return ready(export(self._release, self._filters, bodies, cursor, self.wording))


def _sort_keys(names: Sequence[str], release: Release, ids: Sequence[str]) -> dict[ExerciseSort, tuple[SortKey, ...]]:
    exercises = release.catalog.exercises
    by_name: tuple[SortKey, ...] = tuple((name.casefold(), id_) for name, id_ in zip(names, ids, strict=True))
    by_level: tuple[SortKey, ...] = tuple((exercises[id_].level, id_) for id_ in ids)
    return {
        ExerciseSort.NAME: by_name,
        ExerciseSort.NAME_DOWN: by_name,
        ExerciseSort.LEVEL: by_level,
        ExerciseSort.LEVEL_DOWN: by_level,
        ExerciseSort.ID: tuple((id_, id_) for id_ in ids),
    }


def _ordered(sort: ExerciseSort, keys: tuple[SortKey, ...]) -> tuple[int, ...]:
    numbers = sorted(range(len(keys)), key=lambda number: keys[number][1])
    numbers.sort(key=lambda number: keys[number][0], reverse=sort.value.startswith("-"))
    return tuple(numbers)
