"""The room of `/sessions`: completed sessions, posted safely over bad networks."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api.cursors import decode, encode
from api.dependencies import CallerSnapshot, IfMatch, SessionReader, SessionWriter
from api.problems import (
    BODIED,
    KEYED,
    Busy,
    Gone,
    IdConflict,
    InvalidRequest,
    NotFound,
    ResyncRequired,
    StaleVersion,
    VersionRequired,
    declared,
)
from api.ready_routing import ReadyRoute
from api.references import check_exercise, check_references, parsed_items
from api.replies import answer_write, batch_answer, entity, named_versions
from api.routing import StrictRoute
from data import session_logs, session_writes
from schemas.session_logs import (
    BatchAnswer,
    SessionLog,
    SessionLogBatch,
    SessionLogCreate,
    SessionLogPage,
    SessionLogQuery,
    SessionLogUpdate,
)

router = APIRouter(tags=["sessions"], route_class=StrictRoute)
posts = APIRouter(tags=["sessions"], route_class=ReadyRoute)
"""The two routes that phones meet most: they answer ready bytes and skip the general machinery."""

SORT = "-started_at"


@posts.post(
    "/sessions",
    operation_id="createSession",
    summary="Post a completed session; a retry with the same id is harmless",
    status_code=201,
    response_model=SessionLog,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, IdConflict, Gone, replay=SessionLog),
)
async def create_session(
    body: SessionLogCreate, request: Request, caller: SessionWriter, snapshot: CallerSnapshot
) -> Response:
    """Store a session once. The same id and content again answers 200 with what is stored, other content 409."""
    now: datetime = request.app.state.clock()
    person_id = check_references(body, snapshot, now, caller.person_id)
    return answer_write(await caller.write(session_writes.add, body, person_id, now))


@posts.post(
    "/sessions/batch",
    operation_id="createSessions",
    summary="Post up to 500 sessions; each is taken or refused by itself",
    response_model=BatchAnswer,
    responses=declared(*KEYED, *BODIED, Busy),
    max_body_size=2 * 1024 * 1024,
)
async def create_sessions(
    body: SessionLogBatch, request: Request, caller: SessionWriter, snapshot: CallerSnapshot
) -> Response:
    """Store each valid session once and say of every item what became of it; one bad item harms no other."""
    now: datetime = request.app.state.clock()
    items = parsed_items(body.sessions, snapshot, now, caller.person_id)
    outcomes = await caller.write(session_writes.add_many, [item.body for item in items if item.body], now)
    return batch_answer(items, outcomes)


@router.get(
    "/sessions",
    operation_id="listSessions",
    summary="List sessions, newest first",
    response_model=SessionLogPage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_sessions(
    query: Annotated[SessionLogQuery, Query()], request: Request, caller: SessionReader, snapshot: CallerSnapshot
) -> Response:
    """Walk the sessions of the organisation or of one person; follow `next` until it is null."""
    now: datetime = request.app.state.clock()
    check_exercise(query.exercise_id, snapshot)
    filters = query.model_dump(mode="json", exclude={"limit", "cursor"})
    after = None if query.cursor is None else _place(decode(query.cursor, SORT, filters, now))
    found = await caller.read(session_logs.page, query, after, caller.person_id)
    items, more = found[: query.limit], len(found) > query.limit
    last = items[-1] if items else None
    cursor = encode(SORT, filters, [last.started_at.isoformat(), str(last.id)], now) if more and last else None
    return entity(SessionLogPage.model_construct(items=items, next=cursor), request=request, next_cursor=cursor)


@router.get(
    "/sessions/{session_id:uuid}",
    operation_id="getSession",
    summary="Read one session",
    response_model=SessionLog,
    responses=declared(*KEYED, NotFound),
)
async def get_session(session_id: UUID, caller: SessionReader) -> Response:
    """Return the session with its ETag, which a change or a deletion must name."""
    log = await caller.read(session_logs.find, session_id, caller.person_id)
    if log is None:
        raise NotFound("no such session")
    return entity(log, etag=session_writes.etag(log))


@router.patch(
    "/sessions/{session_id:uuid}",
    operation_id="updateSession",
    summary="Change a session by JSON merge patch",
    response_model=SessionLog,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, StaleVersion, VersionRequired),
)
async def update_session(
    session_id: UUID,
    body: SessionLogUpdate,
    request: Request,
    caller: SessionWriter,
    snapshot: CallerSnapshot,
    if_match: IfMatch = None,
) -> Response:
    """Change what is named; null clears; lists are replaced whole. Needs If-Match with the version you saw."""
    now: datetime = request.app.state.clock()
    check_references(body, snapshot, now)
    versions, whose = named_versions(if_match), caller.person_id
    return answer_write(await caller.write(session_writes.change, session_id, versions, body, now, whose))


@router.delete(
    "/sessions/{session_id:uuid}",
    operation_id="deleteSession",
    summary="Delete a session",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound, StaleVersion, VersionRequired),
)
async def delete_session(
    session_id: UUID, request: Request, caller: SessionWriter, if_match: IfMatch = None
) -> Response:
    """Delete the session and what is personal in it for good. Needs If-Match with the version you saw."""
    now: datetime = request.app.state.clock()
    versions, whose = named_versions(if_match), caller.person_id
    return answer_write(await caller.write(session_writes.remove, session_id, versions, now, whose))


def _place(key: list[Any]) -> tuple[datetime, UUID]:
    try:
        started_at, session_id = key
        place = datetime.fromisoformat(started_at), UUID(session_id)
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None
    if place[0].utcoffset() != timedelta(0):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list")
    return place
