"""One page of what changed in the catalogue, as bytes."""

from typing import Any, Final

from pydantic_core import to_json

from api.catalog_changes import RED_FLAG, step
from api.catalog_pages import flag_as_served
from api.editions import Edition
from api.ready import Ready, ready
from api.snapshot import Snapshot
from data.releases import EXERCISE, Entry, by_kind
from schemas.catalog import ChangesQuery
from schemas.translations import Translated

TRANSLATED: Final = frozenset(Translated)


def changes(query: ChangesQuery, snapshot: Snapshot, edition: Edition, served: bool) -> tuple[Ready, str]:
    """Return the page in the shape of CatalogChanges, and the cursor behind it. `served` as in `Edition.exercise`."""
    release = snapshot.release
    held = by_kind(release)

    def document(entry: Entry) -> bytes:
        if entry.removed:
            return b"null"
        if entry.kind == EXERCISE:
            return edition.exercise(snapshot.numbers[entry.id], served).body
        found: Any = held[entry.kind][entry.id]
        if entry.kind == RED_FLAG:
            found = flag_as_served(found, release.rules)
        elif entry.kind in TRANSLATED:
            found = edition.wording.applied(Translated(entry.kind), found)
        return to_json(found)

    found = step(release, snapshot.own, snapshot.feed, query.cursor, query.limit)
    items = b",".join(_change(entry, document(entry)) for entry in found.entries)
    head = b'{"catalog":' + edition.page("catalog").body + b',"items":[' + items
    tail = b'],"next":' + to_json(found.cursor) + b',"more":' + to_json(found.more) + b"}"
    return ready(head + tail), found.cursor


def _change(entry: Entry, document: bytes) -> bytes:
    head = b'{"kind":' + to_json(entry.kind) + b',"id":' + to_json(entry.id)
    return head + b',"removed":' + to_json(entry.removed) + b',"document":' + document + b"}"
