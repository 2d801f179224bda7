"""The catalogue in memory: immutable, indexed, every exercise as ready bytes; swapped whole when a release changes."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sqlmodel import Session

from api.catalog_pages import LANGUAGE, PAGES, exercise_bytes, page_of
from api.problems import Unavailable
from api.ready import Ready, ready
from api.rules.filters import Filters, build_filters
from api.rules.reader import Reader
from api.rules.recommendation import Prepared, prepare
from api.rules.search import TextIndex, build_index
from api.rules.understanding import compile_reader
from data import releases
from data.database import Database
from data.releases import Release
from schemas.exercises import ExerciseSort

POLL_SECONDS: Final = 2.0
SYMPTOM_KINDS: Final = frozenset({"sign", "quality", "pattern", "timing"})

SortKey = tuple[str | int, str]

log = logging.getLogger("limber.snapshot")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One release, ready to be served. Exercises are numbered in id order, as in the bit masks."""

    release: Release
    languages: tuple[str, ...]
    numbers: Mapping[str, int]
    exercises: tuple[Ready, ...]
    filters: Filters
    orders: Mapping[ExerciseSort, tuple[int, ...]]
    sort_keys: Mapping[ExerciseSort, tuple[SortKey, ...]]
    known_exercises: frozenset[str]
    regions: frozenset[str]
    symptoms: frozenset[str]
    reader: Reader
    prepared: Prepared
    _pages: dict[str, Ready] = field(default_factory=dict)
    _search: list[TextIndex] = field(default_factory=list)

    @property
    def search(self) -> TextIndex:
        """The index over the words, made when it is first asked for."""
        if not self._search:
            release = self.release
            self._search.append(build_index(release.catalog, release.rules, release.lexicon))
        return self._search[0]

    def warm(self) -> None:
        """Make what is made on demand, so that nobody waits for it. On another thread too: twice made is the same."""
        self.search.search("stretch")
        for name in PAGES:
            self.page(name)

    def page(self, name: str) -> Ready:
        """Return a page that no question changes (`catalog_pages.page_of`), made when it is first asked for."""
        page = self._pages.get(name)
        if page is None:
            bodies = [exercise.body for exercise in self.exercises]
            page = self._pages[name] = page_of(name, self.release, self.filters, bodies)
        return page


def build(release: Release) -> Snapshot:
    """Return the snapshot of a release. Raises ValueError when its rules are not complete."""
    catalog, rules, lexicon = release.catalog, release.rules, release.lexicon
    prepared = prepare(catalog, rules)
    rulebook = prepared.rulebook
    filters = build_filters(catalog, rules, rulebook, release.changed_at)
    sort_keys = _sort_keys(release, filters.ids)
    return Snapshot(
        release=release,
        languages=(LANGUAGE,),
        numbers={id_: number for number, id_ in enumerate(filters.ids)},
        exercises=tuple(
            ready(exercise_bytes(catalog.exercises[id_], release, rulebook.traits(id_).properties))
            for id_ in filters.ids
        ),
        filters=filters,
        orders={sort: _ordered(sort, keys) for sort, keys in sort_keys.items()},
        sort_keys=sort_keys,
        known_exercises=frozenset(catalog.exercises) | release.retired,
        regions=frozenset(catalog.regions),
        symptoms=frozenset(key for key, concept in lexicon.concepts.items() if concept.kind in SYMPTOM_KINDS),
        reader=compile_reader(lexicon, catalog, rules),
        prepared=prepared,
    )


def _sort_keys(release: Release, ids: tuple[str, ...]) -> dict[ExerciseSort, tuple[SortKey, ...]]:
    definitions = [release.catalog.exercises[id_] for id_ in ids]
    names: tuple[SortKey, ...] = tuple((definition.name.casefold(), definition.id) for definition in definitions)
    levels: tuple[SortKey, ...] = tuple((definition.level, definition.id) for definition in definitions)
    return {
        ExerciseSort.NAME: names,
        ExerciseSort.NAME_DOWN: names,
        ExerciseSort.LEVEL: levels,
        ExerciseSort.LEVEL_DOWN: levels,
        ExerciseSort.ID: tuple((id_, id_) for id_ in ids),
    }


def _ordered(sort: ExerciseSort, keys: tuple[SortKey, ...]) -> tuple[int, ...]:
    numbers = sorted(range(len(keys)), key=lambda number: keys[number][1])
    numbers.sort(key=lambda number: keys[number][0], reverse=sort.value.startswith("-"))
    return tuple(numbers)


class SnapshotHolder:
    """Holds the snapshot that is served now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._current: Snapshot | None = None
        self._listeners: list[Callable[[], None]] = []
        self._failed = False

    @property
    def current(self) -> Snapshot:
        """The snapshot that is served now. Raises Unavailable before the first load."""
        if self._current is None:
            raise Unavailable("no catalogue is loaded yet", headers={"Retry-After": "5"})
        return self._current

    @property
    def number(self) -> int:
        """The number of the release that is served now, 0 before the first load."""
        return 0 if self._current is None else self._current.release.number

    def on_change(self, listener: Callable[[], None]) -> None:
        """Have `listener` called after each swap."""
        self._listeners.append(listener)

    def refresh(self) -> bool:
        """Serve the release that the database holds now; True when that changed something."""
        return self._swap(self._newer())

    async def watch(self) -> None:
        """Follow the database for ever: look every two seconds, build beside the loop, outlive every fault."""
        if self._current is not None:
            await asyncio.to_thread(self._current.warm)
        while True:
            await asyncio.sleep(POLL_SECONDS)
            try:
                await self._follow()
            except Exception as error:  # noqa: BLE001 - whatever is wrong with a new release, the old one is served on
                self._report(error)
            else:
                self._failed = False

    async def _follow(self) -> None:
        if await self._database.system.read(releases.number) != self.number:
            self._swap(await asyncio.to_thread(self._warmed))

    def _warmed(self) -> Snapshot | None:
        snapshot = self._newer()
        if snapshot is not None:
            snapshot.warm()
        return snapshot

    def _newer(self) -> Snapshot | None:
        release = self._database.system.read_now(_unlike, self.number)
        return None if release is None else build(release)

    def _swap(self, snapshot: Snapshot | None) -> bool:
        if snapshot is None:
            return False
        self._current = snapshot
        for listener in self._listeners:
            listener()
        return True

    def _report(self, error: Exception) -> None:
        # One line for each outage, not one every two seconds.
        if not self._failed:
            log.warning("the catalogue cannot be followed (%s); the last one is served on", type(error).__name__)
        self._failed = True


def _unlike(session: Session, number: int) -> Release | None:
    return None if releases.number(session) == number else releases.read(session)
