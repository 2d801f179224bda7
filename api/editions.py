"""One release in one language: its exercises as bytes, its orders, its search and its pages."""

from collections.abc import Mapping, Sequence

from api.catalog_changes import export_cursor
from api.catalog_pages import PAGES, exercise_bytes, export, page_of
from api.ready import Ready, ready
from api.rules.filters import Filters
from api.rules.search import TextIndex, build_index
from api.wording import Wording
from data.own_exercises import OwnCatalog
from data.releases import Release
from schemas.exercises import ExerciseSort
from schemas.translations import SOURCE_LANGUAGE, Translated

SortKey = tuple[str | int, str]

EXPORT = "export"


class Edition:
    """Exercises are numbered in id order, as in the bit masks. English ones are ready, others are made when asked for:
    the cache of responses in front keeps what is asked for often."""

    __slots__ = ("_exercises", "_filters", "_own", "_pages", "_release", "_search", "orders", "sort_keys", "wording")

    def __init__(
        self, release: Release, own: OwnCatalog, filters: Filters, language: str, known: Mapping[str, Ready]
    ) -> None:
        """`known` holds English exercises that are ready already, by id."""
        self._release, self._own, self._filters = release, own, filters
        self.wording = Wording(language, release.catalog.translations)
        self.sort_keys = _sort_keys(self.names, release, filters.ids)
        self.orders = {sort: _ordered(sort, keys) for sort, keys in self.sort_keys.items()}
        self._pages: dict[str, Ready] = {}
        self._search: TextIndex | None = None
        self._exercises: tuple[Ready, ...] = ()
        if language == SOURCE_LANGUAGE:
            self._exercises = tuple(known.get(id_) or self._made(id_) for id_ in filters.ids)

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
            release = self._release
            self._search = build_index(release.catalog, release.rules, release.lexicon, self.wording.language)
        return self._search

    def exercise(self, number: int) -> Ready:
        """Return an exercise as bytes."""
        return self._exercises[number] if self._exercises else self._made(self._filters.ids[number])

    def page(self, name: str) -> Ready:
        """Return a page that no question changes, made when it is first asked for: `catalog_pages.PAGES`, `export`."""
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._export() if name == EXPORT else self._page(name)
        return page

    def warm(self) -> None:
        """Make what is made on demand, so that nobody waits for it. On another thread too: twice made is the same."""
        self.search.search("stretch")
        for name in (*PAGES, EXPORT):
            self.page(name)

    def _page(self, name: str) -> Ready:
        return page_of(name, self._release, self._filters, self.wording)

    def _export(self) -> Ready:
        bodies = [self.exercise(number).body for number in range(len(self._filters.ids))]
        cursor = export_cursor(self._release, self._own)
        return ready(export(self._release, self._filters, bodies, cursor, self.wording))

    def _made(self, id_: str) -> Ready:
        properties = self._filters.rulebook.traits(id_).properties
        return ready(exercise_bytes(self._release.catalog.exercises[id_], self._release, properties, self.wording))


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
