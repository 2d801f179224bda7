"""The exercises: a searchable, filterable list, and one by id. Answered from memory, as bytes that are ready."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from api import cursors
from api.catalog_examples import example
from api.dependencies import CallerSnapshot
from api.editions import Edition
from api.negotiation import next_link
from api.problems import (
    PUBLIC,
    Gone,
    InvalidRequest,
    NotFound,
    ResyncRequired,
    declared,
)
from api.ready import Ready, digest_of, respond
from api.ready_routing import ReadyRoute
from api.rules.filters import UnknownTermsError
from api.rules.search_hits import Ranked
from api.served import edition_for
from api.snapshot import Snapshot
from api.terms import unknown
from schemas.catalog import LanguageQuery
from schemas.exercises import Exercise, ExercisePage, ExerciseQuery, ExerciseSort

router = APIRouter(route_class=ReadyRoute, tags=["exercises"])

Key = tuple[Any, str]


@router.get(
    "/exercises",
    operation_id="listExercises",
    summary="Find exercises by filters and words",
    response_model=ExercisePage,
    responses={
        **example("listExercises"),
        **declared(*PUBLIC, ResyncRequired),
    },
)
async def list_exercises(
    request: Request, query: Annotated[ExerciseQuery, Query()], snapshot: CallerSnapshot
) -> Response:
    """One page of the exercises that pass every filter, whole, with the fields that the words of `q` were found in."""
    edition, served = edition_for(request, query.language, snapshot)
    if query.q and not edition.searchable:
        await asyncio.to_thread(lambda: edition.search)
    page, cursor = _page(query, snapshot, edition, served)
    link = next_link(request.scope["path"], request.scope["query_string"], cursor) if cursor is not None else None
    return respond(page, edition.language, link)


@router.get(
    "/exercises/{exercise_id}",
    operation_id="getExercise",
    summary="Read one exercise",
    response_model=Exercise,
    responses={
        **example("getExercise"),
        **declared(*PUBLIC, NotFound, Gone),
    },
)
async def get_exercise(
    exercise_id: Annotated[str, Path(description="Such as `standing-mid-back-reach`.")],
    request: Request,
    query: Annotated[LanguageQuery, Query()],
    snapshot: CallerSnapshot,
) -> Response:
    """The exercise. One that left the catalogue answers 410 for ever; its id is never given to another.

    The ETag of an organisation's own exercise serves as If-Match when it is changed.
    """
    number = snapshot.numbers.get(exercise_id)
    if number is not None:
        edition, served = edition_for(request, query.language, snapshot)
        exercise, version = edition.exercise(number, served), snapshot.own.versions.get(exercise_id)
        if version is not None:
            exercise = Ready(exercise.body, f"v{version}.{exercise.digest}")
        return respond(exercise, edition.language)
    if exercise_id in snapshot.release.retired:
        raise Gone("this exercise was retired from the catalogue")
    raise NotFound("no such exercise")


def _page(query: ExerciseQuery, snapshot: Snapshot, edition: Edition, served: bool) -> tuple[Ready, str | None]:
    """Return the page and the cursor behind it. Cursors carry the time of the release, so that equal pages are equal
    bytes on every server."""
    words = (query.q or "").strip()
    sort = query.sort or (ExerciseSort.RELEVANCE if words else ExerciseSort.NAME)
    if sort is ExerciseSort.RELEVANCE and not words:
        raise InvalidRequest.at("?sort", "relevance needs words in q")
    mask = _mask(query, snapshot)
    ranked = edition.search.search(words) if words else None
    ordered = _ordered(mask, sort, ranked, snapshot, edition)
    start = _start(query, sort, ordered, snapshot)
    shown = ordered[start : start + query.limit]
    cursor = None
    if start + query.limit < len(ordered):
        cursor = cursors.encode(sort.value, _filters(query), list(shown[-1][0]), snapshot.release.loaded_at)
    tail = to_json(cursor) + _found(query, [number for _, number in shown], ranked, len(ordered), snapshot, edition)
    return _joined([edition.exercise(number, served) for _, number in shown], tail), cursor


def _mask(query: ExerciseQuery, snapshot: Snapshot) -> int:
    try:
        return snapshot.filters.matching(query)
    except UnknownTermsError as error:
        errors = [found for term in error.terms for found in unknown(term.parameter, [term.value], term.known)]
        raise InvalidRequest("the address names what does not exist", errors=errors) from None


def _ordered(
    mask: int, sort: ExerciseSort, ranked: Ranked | None, snapshot: Snapshot, edition: Edition
) -> list[tuple[Key, int]]:
    """Return (sort key, number) of everything that passes, in order."""
    ids = snapshot.filters.ids
    if ranked is not None and sort is ExerciseSort.RELEVANCE:
        return [((score, ids[number]), number) for number, score in ranked.hits if mask >> number & 1]
    if ranked is not None:
        mask &= _mask_of(ranked)
    keys = edition.sort_keys[sort]
    return [(keys[number], number) for number in edition.orders[sort] if mask >> number & 1]


def _mask_of(ranked: Ranked) -> int:
    return sum(1 << number for number, _ in ranked.hits)


def _start(query: ExerciseQuery, sort: ExerciseSort, ordered: list[tuple[Key, int]], snapshot: Snapshot) -> int:
    """Return where the page begins: behind the last key, whether or not that exercise still passes."""
    if query.cursor is None:
        return 0
    match cursors.decode(query.cursor, sort.value, _filters(query), snapshot.release.loaded_at):
        case [str() | int() | float() as value, str() as id_]:
            down = sort.value.startswith("-") or sort is ExerciseSort.RELEVANCE
            try:
                return sum(_before((value, id_), key, down) for key, _ in ordered)
            except TypeError:
                pass
    raise InvalidRequest.at("?cursor", "this is not a cursor of this list")


def _before(last: Key, key: Key, down: bool) -> bool:
    """True when `key` stands at or before `last`."""
    if key[0] == last[0]:
        return key[1] <= last[1]
    return bool(key[0] > last[0] if down else key[0] < last[0])


def _filters(query: ExerciseQuery) -> dict[str, Any]:
    return query.model_dump(mode="json", exclude={"cursor", "limit", "sort", "facets"}, exclude_defaults=True)


def _found(
    query: ExerciseQuery,
    numbers: list[int],
    ranked: Ranked | None,
    matching: int,
    snapshot: Snapshot,
    edition: Edition,
) -> bytes:
    """Return the members of the page behind `next`: where the words were found, and what was counted."""
    filters = snapshot.filters
    matches = {filters.ids[number]: edition.search.fields_of(ranked, number) for number in numbers} if ranked else {}
    if not query.facets:
        return b',"matches":' + to_json(matches) + b',"facets":{},"matching":null}'
    facets = filters.facets(query, filters.everything if ranked is None else _mask_of(ranked))
    return b',"matches":' + to_json(matches) + b',"facets":' + to_json(facets) + b',"matching":%d}' % matching


def _joined(exercises: list[Ready], tail: bytes) -> Ready:
    """Return the page in the shape of ExercisePage. Its digest comes from those of the exercises: the bytes follow."""
    body = b'{"items":[' + b",".join(exercise.body for exercise in exercises) + b'],"next":' + tail
    return Ready(body, digest_of("".join(exercise.digest for exercise in exercises).encode() + tail))
