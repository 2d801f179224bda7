"""Ids of the vocabulary in addresses: an unknown one is refused with the nearest that exists."""

from collections.abc import Collection, Iterator, Sequence

from api.nearest import hint
from api.problems import InvalidRequest
from api.snapshot import Snapshot
from schemas.problems import FieldError
from schemas.recommendations import RecommendationQuery
from schemas.vocabulary import Position

NONE = "none"
"""Stands for no equipment at all."""


def check_terms(query: RecommendationQuery, snapshot: Snapshot) -> None:
    """Raise InvalidRequest that names every unknown id of the query."""
    catalog = snapshot.release.catalog
    errors = [
        *unknown("pain_area", query.pain_area, catalog.regions.keys()),
        *unknown("cause", query.cause, catalog.causes.keys()),
        *unknown("equipment", query.equipment or (), {NONE, *catalog.equipment}),
        *unknown("position", query.position or (), {position.value for position in Position}),
    ]
    if errors:
        raise InvalidRequest("the address names what does not exist", errors=errors)


def unknown(parameter: str, sent: Sequence[str], known: Collection[str]) -> Iterator[FieldError]:
    """Yield an error for each sent id that is not known."""
    for value in sent:
        if value not in known:
            yield FieldError(pointer=f"?{parameter}", detail=f"no such {parameter}{hint(value, known)}")
