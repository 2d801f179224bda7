"""The catalogue in memory: immutable, indexed, every exercise as ready bytes; swapped whole when a release changes."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sqlmodel import Session

from api.catalog_changes import shared_feed
from api.editions import Edition
from api.exercise_bodies import Shelf
from api.problems import Unavailable
from api.ready import Ready
from api.rules.filters import Filters, build_filters
from api.rules.preparation import Prepared, prepare
from api.rules.reader import Reader
from api.rules.understanding import compile_reader
from api.wording import languages_of
from data import releases
from data.database import Database
from data.own_exercises import NOTHING, OwnCatalog
from data.releases import Entry, Release
from schemas.catalog import ReleaseStamp
from schemas.translations import SOURCE_LANGUAGE

POLL_SECONDS: Final = 2.0
SYMPTOM_KINDS: Final = frozenset({"sign", "quality", "pattern", "timing"})

log = logging.getLogger("limber.snapshot")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One release, ready to be served, with the exercises of one organisation beside the shared ones where it has any.
    Exercises are numbered in id order, as in the bit masks."""

    release: Release
    own: OwnCatalog
    languages: tuple[str, ...]
    numbers: Mapping[str, int]
    filters: Filters
    known_exercises: frozenset[str]
    regions: frozenset[str]
    symptoms: frozenset[str]
    reader: Reader
    prepared: Prepared
    bodies: tuple[Ready, ...]
    english: Edition
    _editions: dict[str, Edition] = field(default_factory=dict)
    _feed: list[tuple[Entry, ...]] = field(default_factory=list)

    def edition(self, language: str) -> Edition:
        """Return the release in a language; in English where it has no other."""
        if language == SOURCE_LANGUAGE or language not in self.languages:
            return self.english
        edition = self._editions.get(language)
        if edition is None:
            edition = self._editions[language] = Edition(self.release, self.own, self.filters, language, self.bodies)
        return edition

    @property
    def feed(self) -> tuple[Entry, ...]:
        """What clients that follow are told of the shared catalogue, made when it is first asked for."""
        if not self._feed:
            self._feed.append(shared_feed(self.release, self.own))
        return self._feed[0]

    def warm(self) -> None:
        """Make what is made on demand, so that nobody waits for it."""
        self.english.warm()


def build(release: Release, shelf: Shelf) -> Snapshot:
    """Return the snapshot of a release that was read on to the shelf. Raises ValueError when its rules are not
    complete."""
    lexicon = release.lexicon
    reader = compile_reader(lexicon, release.catalog, release.rules)
    # The reader has unpacked what was learned: megabytes that nobody reads again.
    release = replace(
        release,
        catalog=replace(release.catalog, answers={}),
        rules=replace(release.rules, alarms={}, told_conditions={}),
    )
    prepared = prepare(release.catalog, release.rules)
    concepts = lexicon.concepts.items()
    symptoms = frozenset(key for key, concept in concepts if concept.kind in SYMPTOM_KINDS)
    return _snapshot(release, NOTHING, prepared, reader, symptoms, shelf.bodies)


def extended(base: Snapshot, own: OwnCatalog) -> Snapshot:
    """Return the snapshot with the exercises of one organisation beside the shared ones; shares what it can."""
    shared, shelf = base.release, Shelf()
    stop_rules = shared.catalog.stop_rules
    mine = {id_: shelf.put(item, own.changed_at[id_], stop_rules) for id_, item in own.exercises.items()}
    bodies = {id_: base.bodies[number] for id_, number in base.numbers.items()}
    stamp = ReleaseStamp(catalog=f"{shared.stamp.catalog}.{own.token}", ruleset=shared.stamp.ruleset)
    exercises = dict(sorted({**shared.catalog.exercises, **mine}.items()))
    release = replace(
        shared,
        stamp=stamp,
        catalog=replace(shared.catalog, exercises=exercises, hash=stamp.catalog),
        changed_at={**shared.changed_at, **own.changed_at},
        retired=shared.retired | {entry.id for entry in own.entries if entry.removed},
    )
    prepared = prepare(release.catalog, release.rules, base.prepared)
    return _snapshot(release, own, prepared, base.reader, base.symptoms, {**bodies, **shelf.bodies})


def _snapshot(
    release: Release,
    own: OwnCatalog,
    prepared: Prepared,
    reader: Reader,
    symptoms: frozenset[str],
    bodies: Mapping[str, Ready],
) -> Snapshot:
    catalog = release.catalog
    filters = build_filters(catalog, release.rules, prepared.rulebook, release.changed_at)
    ordered = tuple(bodies[id_] for id_ in filters.ids)
    return Snapshot(
        release=release,
        own=own,
        languages=languages_of(catalog),
        numbers={id_: number for number, id_ in enumerate(filters.ids)},
        filters=filters,
        known_exercises=frozenset(catalog.exercises) | release.retired,
        regions=frozenset(catalog.regions),
        symptoms=symptoms,
        reader=reader,
        prepared=prepared,
        bodies=ordered,
        english=Edition(release, own, filters, SOURCE_LANGUAGE, ordered, reader),
    )


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

    @property
    def token(self) -> str:
        """What names the release that is served now, also after a restored backup; empty before the first load."""
        return "" if self._current is None else self._current.release.token

    async def drew(self, token: str) -> bool:
        """Return True when the database drew the token, though the snapshot does not know it yet."""
        return await self._database.system.read(releases.drew, token)

    def drop(self) -> None:
        """Let go of the snapshot: the framework may hold the application long after it was stopped."""
        self._current = None

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
        if await self._database.system.read(releases.token) != self.token:
            self._swap(await asyncio.to_thread(self._warmed))

    def _warmed(self) -> Snapshot | None:
        snapshot = self._newer()
        if snapshot is not None:
            snapshot.warm()
        return snapshot

    def _newer(self) -> Snapshot | None:
        shelf = Shelf()
        release = self._database.system.read_now(_unlike, self.token, shelf)
        return None if release is None else build(release, shelf)

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


def _unlike(session: Session, token: str, shelf: Shelf) -> Release | None:
    # A unit may be run again: what an earlier run put there is put there again.
    return None if releases.token(session) == token else releases.read(session, shelf.put)
