"""The room of `/sessions`: completed sessions, posted safely over bad networks."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from api.cursors import decode, encode
from api.dependencies import CallerSnapshot, IfMatch, SessionReader, SessionWriter
from api.examples import STORED
from api.interop.session_lines import MEDIA_TYPES, head, lines
from api.link_problems import SharedReadOnly
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
from api.replies import PRIVATE, answer_write, batch_answer, entity, named_versions
from api.routing import StrictRoute
from api.security import Caller
from api.session_triage import changed, triage_of, triages_of
from data import session_changes, session_logs, sharing
from data.session_changes import Followed
from data.versions import etag
from schemas.session_changes import SessionChanges, SessionChangesQuery
from schemas.session_exports import SessionExportQuery
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
BY_CHANGE = "changes"
MOST_CHANGES = 2**63
CHUNK = 200
EXPORTED: dict[str, Any] = {
    "description": "One session a line, or a row.",
    "content": {
        kind: {
            "schema": {"type": "string"},
            "example": head(each).decode() + lines([SessionLog.model_validate(STORED)], each).decode(),
        }
        for each, kind in MEDIA_TYPES.items()
    },
}


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
    """Store a session once. The same id and content again answers 200 with what is stored, other content 409.

    Notes, new symptoms and pain that tell of a sign are answered with `triage`, and may put the person on hold.
    """
    now: datetime = request.app.state.clock()
    person_id = check_references(body, snapshot, now, caller.person_id)
    triage = triage_of(body, snapshot)
    return answer_write(await caller.write(sharing.add, body, person_id, now, triage))


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
    sessions = [item.body for item in items if item.body]
    triages = await triages_of(sessions, snapshot)
    return batch_answer(items, await caller.write(sharing.add_many, sessions, now, triages))


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
    "/sessions/changes",
    operation_id="listSessionChanges",
    summary="Follow the sessions: what was posted, changed and deleted since a cursor",
    response_model=SessionChanges,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_session_changes(
    query: Annotated[SessionChangesQuery, Query()], request: Request, caller: SessionReader
) -> Response:
    """Walk the changes in the order in which they were stored, whatever the clocks of devices say.

    Without a cursor every session that there is comes first. Keep `next`, also when nothing was new, and ask with it
    from now on; 410 means: forget what you hold and start again without a cursor.
    """
    now: datetime = request.app.state.clock()
    filters = _followed_by(query, caller)
    after = None if query.cursor is None else _followed(decode(query.cursor, BY_CHANGE, filters, now))
    step = await caller.read(session_changes.since, after, query.person_id, query.limit, caller.person_id)
    if step is None:
        raise ResyncRequired("start again without a cursor")
    cursor = encode(BY_CHANGE, filters, _key(step.position), now)
    body = SessionChanges.model_construct(items=list(step.changes), next=cursor, more=step.more)
    return entity(body, request=request, next_cursor=cursor if step.more else None)


@router.get(
    "/sessions/export",
    operation_id="exportSessions",
    summary="Take every session along, as JSON Lines or as a table",
    response_class=StreamingResponse,
    responses={**declared(*KEYED), 200: EXPORTED},
)
async def export_sessions(query: Annotated[SessionExportQuery, Query()], caller: SessionReader) -> Response:
    """Stream the sessions of the organisation or of one person in the order of their ids, however many there are.

    A file that breaks off was not sent to its end: the connection closes without the last chunk.
    """
    first = await caller.read(session_logs.following, query.person_id, None, CHUNK, caller.person_id)
    headers = {**PRIVATE, "Content-Disposition": f'attachment; filename="sessions.{query.format}"'}
    return StreamingResponse(_exported(query, caller, first), media_type=MEDIA_TYPES[query.format], headers=headers)


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
    return entity(log, etag=etag(log.version))


@router.patch(
    "/sessions/{session_id:uuid}",
    operation_id="updateSession",
    summary="Change a session by JSON merge patch",
    response_model=SessionLog,
    responses=declared(*KEYED, *BODIED, Busy, NotFound, SharedReadOnly, StaleVersion, VersionRequired),
)
async def update_session(
    session_id: UUID,
    body: SessionLogUpdate,
    request: Request,
    caller: SessionWriter,
    snapshot: CallerSnapshot,
    if_match: IfMatch = None,
) -> Response:
    """Change what is named; null clears; lists are replaced whole. Needs If-Match with the version you saw.

    A change that was made already, and whose answer was lost, answers 200 when it is sent again.
    """
    now: datetime = request.app.state.clock()
    check_references(body, snapshot, now)
    return answer_write(await changed(caller, session_id, named_versions(if_match), body, snapshot, now))


@router.delete(
    "/sessions/{session_id:uuid}",
    operation_id="deleteSession",
    summary="Delete a session",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound, SharedReadOnly, StaleVersion, VersionRequired),
)
async def delete_session(
    session_id: UUID, request: Request, caller: SessionWriter, if_match: IfMatch = None
) -> Response:
    """Delete the session and what is personal in it for good. Needs If-Match with the version you saw.

    Deleting again what was deleted answers 204, whatever If-Match says.
    """
    now: datetime = request.app.state.clock()
    versions, whose = named_versions(if_match), caller.person_id
    return answer_write(await caller.write(sharing.remove, session_id, versions, now, whose))


async def _exported(query: SessionExportQuery, caller: Caller, found: list[SessionLog]) -> AsyncIterator[bytes]:
    yield head(query.format)
    while found:
        yield lines(found, query.format)
        found = await caller.read(session_logs.following, query.person_id, found[-1].id, CHUNK, caller.person_id)


def _followed_by(query: SessionChangesQuery, caller: Caller) -> dict[str, Any]:
    asked = query.model_dump(mode="json", exclude={"limit", "cursor"})
    # A phone that changes hands must not go on with the cursor of whoever had it before.
    return asked if caller.person_id is None else {**asked, "whose": str(caller.person_id)}


def _place(key: list[Any]) -> tuple[datetime, UUID]:
    try:
        started_at, session_id = key
        place = datetime.fromisoformat(started_at), UUID(session_id)
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None
    if place[0].utcoffset() != timedelta(0):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list")
    return place


def _key(position: Followed | None) -> list[Any]:
    return [] if position is None else [str(position.epoch), position.base, position.sequence]


def _followed(key: list[Any]) -> Followed | None:
    if not key:
        return None
    try:
        epoch, base, sequence = key
        position = Followed(UUID(epoch), base, sequence)
    except (ValueError, TypeError, AttributeError):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list") from None
    if not all(type(number) is int and 0 <= number < MOST_CHANGES for number in (base, sequence)):
        raise InvalidRequest.at("?cursor", "this is not a cursor of this list")
    return position
