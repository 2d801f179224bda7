"""The room of `/recommendations` and `/triage`: what helps, screened first."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api.dependencies import CurrentSnapshot, PublicCaller
from api.problems import (
    BodyTooLarge,
    InvalidRequest,
    MalformedBody,
    MissingScope,
    NotAuthenticated,
    NotFound,
    Unavailable,
    UnsupportedMediaType,
    declared,
)
from api.routing import StrictRoute
from api.rules import recommendation, triage, understanding
from api.security import CHALLENGE, Caller
from api.snapshot import Snapshot
from api.terms import check_terms
from data import people
from schemas.access import Scope
from schemas.recommendations import (
    PainArea,
    Recommendation,
    RecommendationQuery,
    RecommendationQuestion,
    TriageAnswer,
    TriageQuestion,
)

router = APIRouter(tags=["recommendations"], route_class=StrictRoute)
OPEN = (NotAuthenticated, InvalidRequest, Unavailable)
BODIED = (*OPEN, MalformedBody, BodyTooLarge, UnsupportedMediaType)
PRIVATE = {"Cache-Control": "no-store", "Content-Language": "en"}


@router.post(
    "/recommendations",
    operation_id="createRecommendation",
    summary="What helps: screened, dosed, ranked exercises for people's words and fields",
    response_model=Recommendation,
    responses=declared(*BODIED, MissingScope, NotFound),
)
async def create_recommendation(
    body: RecommendationQuestion, caller: PublicCaller, snapshot: CurrentSnapshot
) -> Response:
    """Return the triage first, and exercises only as far as it allows. A red flag is an answer, never an error."""
    if body.person_id is not None:
        await _known_person(body.person_id, caller)
    return _answer(snapshot, b"recommend", body)


@router.get(
    "/recommendations",
    operation_id="getRecommendations",
    summary="What helps a pain area, by vocabulary ids",
    response_model=Recommendation,
    responses=declared(*OPEN),
)
async def get_recommendations(
    query: Annotated[RecommendationQuery, Query()], _caller: PublicCaller, snapshot: CurrentSnapshot
) -> Response:
    """Return the same answer as the post for ids; free text, persons and conditions never stand in an address."""
    check_terms(query, snapshot)
    areas = [PainArea(region=region, side=query.side, severity=query.severity) for region in query.pain_area]
    question = RecommendationQuestion(
        pain_areas=areas,
        causes=query.cause,
        equipment=query.equipment,
        positions=query.position,
        **query.model_dump(include={"max_minutes", "level", "limit", "language", "duration_days", "country"}),
    )
    return _answer(snapshot, b"recommend", question)


@router.post(
    "/triage",
    operation_id="createTriage",
    summary="The red-flag triage alone",
    response_model=TriageAnswer,
    responses=declared(*BODIED),
)
async def create_triage(body: TriageQuestion, _caller: PublicCaller, snapshot: CurrentSnapshot) -> Response:
    """Return how soon a professional is needed, which signs led there, and the questions that are still open."""
    return _answer(snapshot, b"triage", body)


async def _known_person(person_id: UUID, caller: Caller | None) -> None:
    if caller is None:
        raise NotAuthenticated("a person's recommendation needs a key", headers=CHALLENGE)
    caller.require(Scope.RECOMMENDATIONS)
    if not await caller.read(people.exists, person_id):
        raise NotFound.at("/person_id", "no such person")


def _answer(snapshot: Snapshot, room: bytes, question: TriageQuestion) -> Response:
    # The memory of answers is keyed by a digest: what a person wrote is not kept, not even here.
    canonical = question.model_dump_json(exclude={"person_id"}).encode()
    key = hashlib.sha256(room + canonical).digest()
    content = snapshot.answers.get(key)
    if content is None:
        content = _thought_through(snapshot, question, room)
        snapshot.answers.put(key, content)
    return Response(content, media_type="application/json", headers=PRIVATE)


def _thought_through(snapshot: Snapshot, question: TriageQuestion, room: bytes) -> bytes:
    release = snapshot.release
    reading = understanding.read(question, snapshot.reader)
    assessment = triage.assess(reading, question.screening, question.country, release.catalog, release.rules)
    if isinstance(question, RecommendationQuestion) and room == b"recommend":
        full = recommendation.recommend(question, reading, assessment, snapshot.prepared, release.stamp)
        return full.__pydantic_serializer__.to_json(full)
    alone = recommendation.triage_answer(question, reading, assessment, snapshot.prepared, release.stamp)
    return alone.__pydantic_serializer__.to_json(alone)


