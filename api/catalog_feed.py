"""One page of what changed in the catalogue, as bytes."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from api.catalog_changes import step
from api.catalog_pages import described, flag_as_served
from api.editions import Edition
from api.ready import Ready, ready
from api.snapshot import Snapshot
from data.releases import EXERCISE, Entry
from schemas.catalog import ChangesQuery
from schemas.translations import Translated


def changes(query: ChangesQuery, snapshot: Snapshot, edition: Edition, served: bool) -> tuple[Ready, str]:
    """Return the page in the shape of CatalogChanges, and the cursor behind it. `served` as in `Edition.exercise`."""
    release = snapshot.release
    found = step(release, snapshot.own, snapshot.feed, query.cursor, query.limit)
    items = b",".join(_change(entry, snapshot, edition, served) for entry in found.entries)
    head = b'{"catalog":' + to_json(described(release, snapshot.filters)) + b',"items":[' + items
    tail = b'],"next":' + to_json(found.cursor) + b',"more":' + to_json(found.more) + b"}"
    return ready(head + tail), found.cursor


def _change(entry: Entry, snapshot: Snapshot, edition: Edition, served: bool) -> bytes:
    head = b'{"kind":' + to_json(entry.kind) + b',"id":' + to_json(entry.id)
    body = b"null" if entry.removed else _document(entry, snapshot, edition, served)
    return head + b',"removed":' + to_json(entry.removed) + b',"document":' + body + b"}"


def _document(entry: Entry, snapshot: Snapshot, edition: Edition, served: bool) -> bytes:
    if entry.kind == EXERCISE:
        return edition.exercise(snapshot.numbers[entry.id], served).body
    catalog, rules = snapshot.release.catalog, snapshot.release.rules
    held: Mapping[str, Mapping[str, Any]] = {
        "region": catalog.regions,
        "muscle": catalog.muscles,
        "equipment": catalog.equipment,
        "cause": catalog.causes,
        "property": catalog.properties,
        "stop_rule": catalog.stop_rules,
        "kind": catalog.kinds,
        "condition": rules.conditions,
        "red_flag": rules.red_flags,
        "question": rules.questions,
        "numbers": rules.numbers,
        "tuning": {entry.id: rules.tuning},
    }
    document = held[entry.kind][entry.id]
    if entry.kind == "red_flag":
        document = flag_as_served(document, rules)
    elif entry.kind in TRANSLATED:
        document = edition.wording.applied(Translated(entry.kind), document)
    return to_json(document)


TRANSLATED = frozenset(Translated)
