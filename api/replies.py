"""How the outcomes of writes and reads become answers."""

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response
from pydantic import BaseModel
from starlette.datastructures import URL

from api.link_problems import SharedReadOnly
from api.problems import (
    Gone,
    IdConflict,
    InvalidRequest,
    NotFound,
    Problem,
    StaleVersion,
    VersionRequired,
)
from api.references import Item
from api.validation import field_errors
from data.session_writes import Outcome, Written
from data.versions import etag
from schemas.session_logs import BatchAnswer, BatchResult, BatchStatus, SessionLogUpdate

PRIVATE: Final = {"Cache-Control": "no-store"}
BATCH_STATUS: Final = {
    Outcome.CREATED: BatchStatus.CREATED,
    Outcome.REPLAYED: BatchStatus.REPLAYED,
    Outcome.CONFLICT: BatchStatus.CONFLICT,
    Outcome.DELETED: BatchStatus.DELETED,
    Outcome.NO_PERSON: BatchStatus.NOT_FOUND,
}


def entity(
    body: BaseModel,
    *,
    status: int = 200,
    etag: str | None = None,
    location: str | None = None,
    request: Request | None = None,
    next_cursor: str | None = None,
) -> Response:
    """Return a private JSON answer, with its ETag, its address or the link to the next page where there is one."""
    headers = dict(PRIVATE)
    if etag is not None:
        headers["ETag"] = etag
    if location is not None:
        headers["Location"] = location
    if request is not None and next_cursor is not None:
        headers["Link"] = f'<{next_link(request.url, next_cursor)}>; rel="next"'
    content = body.__pydantic_serializer__.to_json(body)
    return Response(content, status_code=status, headers=headers, media_type="application/json")


def named_versions(if_match: str | None) -> frozenset[str]:
    """Return the entity tags that an If-Match header names, none without it."""
    return frozenset(part.strip() for part in (if_match or "").split(",") if part.strip())


def next_link(url: URL, cursor: str) -> str:
    """Return the path and query of the next page."""
    kept = [pair for pair in url.query.split("&") if pair and not pair.startswith("cursor=")]
    return f"{url.path}?{'&'.join([*kept, urlencode({'cursor': cursor})])}"


def answer_write(written: Written) -> Response:
    """Return the answer to a write. Raises the problem that its outcome means."""
    if (refused := refusal(written)) is not None:
        raise refused
    log = written.log
    if log is None:
        return Response(status_code=204, headers=PRIVATE)
    if written.outcome is Outcome.CREATED:
        return entity(log, status=201, etag=etag(log.version), location=f"/sessions/{log.id}")
    return entity(log, etag=etag(log.version))


def refusal(written: Written) -> Problem | None:
    """Return the problem that the outcome means, or None when it is a success."""
    if written.invalid is not None:
        errors = field_errors(written.invalid.errors(), SessionLogUpdate)
        return InvalidRequest("the change leaves the session invalid", errors=errors)
    current: dict[str, Any] = {"current": written.log}
    if written.log is not None:
        current["headers"] = {"ETag": etag(written.log.version)}
    match written.outcome:
        case Outcome.NO_PERSON:
            return NotFound.at("/person_id", "no such person")
        case Outcome.NOT_FOUND:
            return NotFound("no such session")
        case Outcome.CONFLICT:
            return IdConflict.at("/id", "this id was posted with other content")
        case Outcome.DELETED:
            return Gone("this session was deleted")
        case Outcome.SHARED:
            return SharedReadOnly("the person shares this session from elsewhere: only they can change it")
        case Outcome.UNVERSIONED:
            return VersionRequired.at("If-Match", "send the ETag of the version that you saw")
        case Outcome.STALE:
            return StaleVersion("somebody changed it meanwhile", **current)
    return None


def batch_answer(items: Sequence[Item], outcomes: Sequence[Written]) -> Response:
    """Return one result for each item, in order."""
    written = iter(outcomes)
    results = [_result(item, next(written) if item.body is not None else None) for item in items]
    return entity(BatchAnswer.model_construct(results=results))


def _result(item: Item, written: Written | None) -> BatchResult:
    if written is None:
        problem = item.problem.details() if item.problem is not None else None
        return BatchResult(index=item.index, id=item.id, status=BatchStatus.INVALID, problem=problem)
    refused = refusal(written)
    return BatchResult.model_construct(
        index=item.index,
        id=written.log.id if written.log is not None else item.id,
        status=BATCH_STATUS[written.outcome],
        problem=None if refused is None else refused.details(),
        triage=None if refused is not None or written.log is None else written.log.triage,
    )
