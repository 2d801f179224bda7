"""The room of `/function-scores`: what people can do again, by two short questionnaires."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from api import id_pages
from api.dependencies import ProgressReader, SessionWriter
from api.problems import BODIED, KEYED, Busy, Gone, IdConflict, InvalidRequest, NotFound, ResyncRequired, declared
from api.references import check_answered
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from data import function_scores
from schemas.function_scores import FunctionScore, FunctionScoreCreate, FunctionScorePage, FunctionScoreQuery

router = APIRouter(tags=["progress"], route_class=StrictRoute)


@router.post(
    "/function-scores",
    operation_id="createFunctionScore",
    summary="Post an answered questionnaire, PSFS or PEG; a retry is harmless",
    status_code=201,
    response_model=FunctionScore,
    responses=declared(*KEYED, *BODIED, Busy, IdConflict, Gone, NotFound, replay=FunctionScore),
)
async def create_function_score(body: FunctionScoreCreate, request: Request, caller: SessionWriter) -> Response:
    """Store a score once. The same id with the same content answers 200 with the stored score."""
    now: datetime = request.app.state.clock()
    check_answered(body, now)
    person_id = caller.person(body.person_id, "/person_id")
    if person_id is None:
        raise InvalidRequest.at("/person_id", "is required with an organisation's key")
    added = await caller.write(function_scores.add, body, person_id, now)
    if added.conflict:
        raise IdConflict.at("/id", "this id was posted with other content")
    if added.deleted:
        raise Gone("this score was deleted")
    if added.score is None:
        raise NotFound.at("/person_id", "no such person")
    location = f"/function-scores/{added.score.id}" if added.created else None
    return entity(added.score, status=201 if added.created else 200, location=location)


@router.get(
    "/function-scores",
    operation_id="listFunctionScores",
    summary="List a person's scores of function",
    response_model=FunctionScorePage,
    responses=declared(*KEYED, ResyncRequired),
)
async def list_function_scores(
    query: Annotated[FunctionScoreQuery, Query()], request: Request, caller: ProgressReader
) -> Response:
    """Walk the scores of one person in the order of their ids; follow `next` until it is null."""
    person_id = caller.person(query.person_id, "?person_id")
    if person_id is None:
        raise InvalidRequest.at("?person_id", "is required with an organisation's key")
    start = id_pages.start(FunctionScorePage, query, request)
    found = await caller.read(function_scores.page, person_id, query, start)
    return id_pages.answer(FunctionScorePage, found, query, request)


@router.get(
    "/function-scores/{score_id:uuid}",
    operation_id="getFunctionScore",
    summary="Read one score of function",
    response_model=FunctionScore,
    responses=declared(*KEYED, NotFound),
)
async def get_function_score(score_id: UUID, caller: ProgressReader) -> Response:
    """Return one answered questionnaire with its mean."""
    score = await caller.read(function_scores.find, score_id, caller.person_id)
    if score is None:
        raise NotFound("no such score")
    return entity(score)


@router.delete(
    "/function-scores/{score_id:uuid}",
    operation_id="deleteFunctionScore",
    summary="Delete one score of function",
    status_code=204,
    response_class=Response,
    responses=declared(*KEYED, Busy, NotFound),
)
async def delete_function_score(score_id: UUID, request: Request, caller: SessionWriter) -> Response:
    """Delete it for good; to correct a score, delete it and post another. Deleting again answers 204."""
    now: datetime = request.app.state.clock()
    if not await caller.write(function_scores.remove, score_id, now, caller.person_id):
        raise NotFound("no such score")
    return Response(status_code=204, headers=PRIVATE)
