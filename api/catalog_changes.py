"""Following the catalogue by cursors: what changed since, oldest first, tombstones included.

A cursor names how far a client has come in the shared catalogue and in its organisation's own one: the token of the
release it saw, and the last entry. A token that this database never drew, because it was restored from a backup or is
another one, means that the client must start again.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from api import cursors
from api.problems import InvalidRequest
from api.rules.triage import FALLBACK_COUNTRY
from data.own_exercises import OwnCatalog
from data.releases import EXERCISE, Entry, Release

SORT: Final = "changed"
NOTHING_MORE: Final = "~"
"""A kind that sorts behind every other."""

TRANSLATION: Final = "translation"
NOT_TOLD: Final = frozenset(
    {TRANSLATION, "concept", "emergency_word", "alarm", "told_conditions", "answers", "topic", "nickname"}
)
"""Translations are told as what they translate; the lexicon, what was learned, topics and nicknames are none of it."""

STOP_RULE: Final = "stop_rule"
RED_FLAG: Final = "red_flag"


class UnknownTokenError(LookupError):
    """A cursor names a release or a revision that this process does not know; its argument is the token."""


class Key(NamedTuple):
    """Where an entry stands in a feed."""

    changed_in: int
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Place:
    """How far a client has come: the last entry it was given of the shared feed and of its own one."""

    shared: Key
    own: Key


@dataclass(frozen=True, slots=True)
class Step:
    """One page of a feed: the entries, the cursor behind them, and whether there is more."""

    entries: tuple[Entry, ...]
    cursor: str
    more: bool


START: Final = Key(0, "", "")


def shared_feed(release: Release, own: OwnCatalog) -> tuple[Entry, ...]:
    """Return every entry of the shared catalogue in the order in which clients are told of it.

    What is shown inside something else, such as the text of a stop rule inside an exercise, moves that one as well.
    """
    changed = {(entry.kind, entry.id): entry.changed_in for entry in release.entries}
    languages = sorted({id_.partition(".")[0] for kind, id_ in changed if kind == TRANSLATION})
    feed = []
    for entry in release.entries:
        if entry.kind not in NOT_TOLD:
            latest = max([entry.changed_in, *_shown_in(entry, release, changed, languages)])
            feed.append(replace(entry, changed_in=latest))
    for id_, definition in own.exercises.items():
        latest = max((changed.get((STOP_RULE, code), 0) for code in definition.stop_if), default=0)
        if latest > 1:
            feed.append(Entry(EXERCISE, id_, latest, False))
    return tuple(sorted(feed, key=_key))


def _shown_in(
    entry: Entry, release: Release, changed: Mapping[tuple[str, str], int], languages: Sequence[str]
) -> Iterator[int]:
    if entry.removed:
        return
    for language in languages:
        yield changed.get((TRANSLATION, f"{language}.{entry.kind}.{entry.id}"), 0)
    if entry.kind == EXERCISE:
        for code in release.catalog.exercises[entry.id].stop_if:
            yield changed.get((STOP_RULE, code), 0)
    if entry.kind == RED_FLAG:
        yield changed.get(("numbers", FALLBACK_COUNTRY), 0)


def step(release: Release, own: OwnCatalog, feed: tuple[Entry, ...], cursor: str | None, limit: int) -> Step:
    """Return what comes after the cursor.

    Raises InvalidRequest for a foreign one, UnknownTokenError for a lost one.
    """
    place = Place(START, START) if cursor is None else _place(cursor, release, own)
    own_feed = sorted(own.entries, key=_key)
    first = bisect_right(feed, place.shared, key=_key)
    shown = list(feed[first : first + limit])
    shared = _key(shown[-1]) if shown else place.shared
    own_key = place.own
    more = first + len(shown) < len(feed)
    if not more:
        shared = Key(release.number, NOTHING_MORE, "")
        own_first = bisect_right(own_feed, place.own, key=_key)
        added = own_feed[own_first : own_first + limit - len(shown)]
        more = own_first + len(added) < len(own_feed)
        shown += added
        own_key = _key(added[-1]) if added else own_key
    return Step(tuple(shown), _cursor(release, own, Place(shared, own_key)), more)


def export_cursor(release: Release, own: OwnCatalog) -> str:
    """Return the cursor of a client that holds everything."""
    end = Key(own.revision, NOTHING_MORE, "") if own.revision else START
    return _cursor(release, own, Place(Key(release.number, NOTHING_MORE, ""), end))


def _cursor(release: Release, own: OwnCatalog, place: Place) -> str:
    held = [own.token, *place.own] if own.revision else None
    return cursors.encode(SORT, None, [[release.token, *place.shared], held], None)


def _place(cursor: str, release: Release, own: OwnCatalog) -> Place:
    match cursors.decode(cursor, SORT, None, None):
        case [list() as shared, None]:
            return Place(_known(shared, release.past), START)
        case [list() as shared, list() as held]:
            return Place(_known(shared, release.past), _known(held, own.past))
    raise InvalidRequest.at("?cursor", "this is not a cursor of this list")


def _known(position: list[Any], past: Mapping[str, int]) -> Key:
    match position:
        case [str() as token, int() as changed_in, str() as kind, str() as id_]:
            if token not in past:
                raise UnknownTokenError(token)
            if changed_in > past[token]:
                raise InvalidRequest.at("?cursor", "this is not a cursor of this list")
            return Key(changed_in, kind, id_)
    raise InvalidRequest.at("?cursor", "this is not a cursor of this list")


def _key(entry: Entry) -> Key:
    return Key(entry.changed_in, entry.kind, entry.id)
