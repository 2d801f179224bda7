"""The room of `/recommendations` and `/triage`: what helps, screened first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from api.answer_memory import AnswerMemory, key_of
from api.dependencies import CallerSnapshot, PublicCaller, RecommendationReader
from api.nearest import hint
from api.problems import BODIED, KEYED, PUBLIC, Busy, InvalidRequest, MissingScope, NotAuthenticated, NotFound, declared
from api.routing import StrictRoute
from api.rules import holds as rules_of_holds
from api.rules import recommendation, triage, understanding
from api.rules.explanation import explain
from api.rules.progression import Past
from api.rules.remembering import told_with
from api.security import CHALLENGE, Caller
from api.snapshot import Snapshot
from api.terms import check_terms
from data import holds, overrides, recommendations, session_logs, sharing
from schemas.access import Scope
from schemas.base import Schema
from schemas.explanations import Explanation, ExplanationQuestion
from schemas.findings import Assessment, Reading
from schemas.recommendations import (
    PainArea,
    Recommendation,
    RecommendationQuery,
    RecommendationQuestion,
    TriageAnswer,
    TriageQuestion,
)
from schemas.vocabulary import STOPPING

router = APIRouter(tags=["recommendations"], route_class=StrictRoute)
CARING = frozenset({Scope.PEOPLE_WRITE, Scope.SESSIONS_WRITE, Scope.PROGRAMS_WRITE})
"""Scopes each of which makes an answer about somebody else count: whoever only reads changes nothing."""

PRIVATE = {"Cache-Control": "no-store", "Content-Language": "en"}


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of a person: the hold, the sessions of late and what clinicians let them do; and whether the
    caller's answer counts for them."""

    held: holds.Held
    past: Past
    counts: bool


@router.post(
    "/recommendations",
    operation_id="createRecommendation",
    summary="What helps: screened, dosed, ranked exercises for people's words and fields",
    response_model=Recommendation,
    responses=declared(*PUBLIC, *BODIED, Busy, MissingScope, NotFound),
)
async def create_recommendation(
    body: RecommendationQuestion, request: Request, caller: PublicCaller, snapshot: CallerSnapshot
) -> Response:
    """Return the triage first, and exercises only as far as it allows. A red flag is an answer, never an error.

    What is made for a person follows the sessions that the person has done, is kept, without the words, and can be
    read again at its `id`. For somebody who is not the person themself it is kept, and ends a hold, only with
    `people:write`, `sessions:write` or `programs:write`: else its `id` is null. Signs of danger hold the person always.
    """
    person_id = _person(body, caller)
    if person_id is None:
        return _answer(request, snapshot, body)
    now: datetime = request.app.state.clock()
    return await _for_person(body, person_id, caller, snapshot, now)


@router.get(
    "/recommendations",
    operation_id="getRecommendations",
    summary="What helps a pain area, by vocabulary ids",
    response_model=Recommendation,
    responses=declared(*PUBLIC),
)
async def get_recommendations(
    query: Annotated[RecommendationQuery, Query()], request: Request, _caller: PublicCaller, snapshot: CallerSnapshot
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
    return _answer(request, snapshot, question)


@router.get(
    "/recommendations/{recommendation_id:uuid}",
    operation_id="getRecommendation",
    summary="Read again what a person was recommended",
    response_model=Recommendation,
    responses=declared(*KEYED, NotFound),
)
async def get_recommendation(recommendation_id: UUID, caller: RecommendationReader) -> Response:
    """Return the very bytes of the answer as it was given, whatever has been released since."""
    kept = await caller.read(recommendations.find, recommendation_id, caller.person_id)
    if kept is None:
        raise NotFound("no such recommendation")
    return _private(kept.answered.content)


@router.post(
    "/recommendations/explain",
    operation_id="explainRecommendation",
    summary="Why this exercise, or why not",
    response_model=Explanation,
    responses=declared(*PUBLIC, *BODIED, MissingScope, NotFound),
)
async def explain_recommendation(
    body: ExplanationQuestion, request: Request, caller: PublicCaller, snapshot: CallerSnapshot
) -> Response:
    """Return where one exercise stands in the answer to a question: its reasons, or the rule that left it out."""
    question, prepared = body.question, snapshot.prepared
    if body.exercise_id not in prepared.cards:
        raise InvalidRequest.at("/exercise_id", f"no such exercise{hint(body.exercise_id, prepared.cards)}")
    reading, assessment = _read(snapshot, question)
    past, person_id = None, _person(question, caller, "/question")
    if person_id is not None:
        _, known = await _known(caller, person_id, snapshot, request.app.state.clock())
        assessment, past = _under_hold(assessment, known, question, snapshot), known.past
    found = explain(question, body.exercise_id, reading, assessment, prepared, snapshot.release.stamp, past)
    return _private(_bytes(found))


@router.post(
    "/triage",
    operation_id="createTriage",
    summary="The red-flag triage alone",
    response_model=TriageAnswer,
    responses=declared(*PUBLIC, *BODIED),
)
async def create_triage(
    body: TriageQuestion, request: Request, _caller: PublicCaller, snapshot: CallerSnapshot
) -> Response:
    """Return how soon a professional is needed, which signs led there, and the questions that are still open."""
    return _answer(request, snapshot, body)


def _person(question: RecommendationQuestion, caller: Caller | None, place: str = "") -> UUID | None:
    """Return whom the question is about: a person's own token implies the person."""
    return question.person_id if caller is None else caller.person(question.person_id, f"{place}/person_id")


async def _for_person(
    question: RecommendationQuestion, person_id: UUID, caller: Caller | None, snapshot: Snapshot, now: datetime
) -> Response:
    caller, known = await _known(caller, person_id, snapshot, now)
    reading, assessment = _read(snapshot, question)
    assessment = _under_hold(assessment, known, question, snapshot)
    made = partial(recommendation.recommend, question, reading, assessment, snapshot.prepared, snapshot.release.stamp)
    full, hold = made(known.past), _hold(assessment, known, question)
    flags = sorted({flag.id for flag in assessment.flags})
    if not known.counts:
        if hold is holds.Change.PLACE:
            await caller.write(sharing.hold, person_id, assessment.disposition, flags, now)
        return _private(_bytes(full))
    # Named by what it says, so that the same answer to the same person has the same bytes wherever it is made.
    full.id = uuid5(person_id, sha256(_bytes(full)).hexdigest())
    content, shared = _bytes(full), None
    if known.past.logs or known.past.overrides:
        # Whoever agreed to share answers did not agree to share the sessions that made them.
        shared = _bytes(made().model_copy(update={"id": full.id}))
    told = told_with(question, reading, assessment, snapshot.prepared)
    answered = recommendations.Answered(full.id, full.triage.disposition, flags, content, told, shared)
    await caller.write(sharing.keep, person_id, answered, hold, now)
    return _private(content, place=f"/recommendations/{full.id}")


def _under_hold(
    assessment: Assessment, known: _Known, question: RecommendationQuestion, snapshot: Snapshot
) -> Assessment:
    cleared, rules, held = question.screening.cleared, snapshot.release.rules, known.held.flags
    return rules_of_holds.under_hold(assessment, held, cleared=cleared, rules=rules, may_lift=known.counts)


def _hold(assessment: Assessment, known: _Known, question: RecommendationQuestion) -> holds.Change:
    if assessment.disposition in STOPPING:
        return holds.Change.PLACE
    if known.held.flags is not None and rules_of_holds.lifts(assessment, cleared=question.screening.cleared):
        return holds.Change.LIFT
    return holds.Change.NONE


async def _known(caller: Caller | None, person_id: UUID, snapshot: Snapshot, now: datetime) -> tuple[Caller, _Known]:
    if caller is None:
        raise NotAuthenticated("a person's recommendation needs a key", headers=CHALLENGE)
    caller.require(Scope.RECOMMENDATIONS)
    since = now - timedelta(days=snapshot.prepared.numbers.history_days)
    counts = caller.person_id is not None or not CARING.isdisjoint(caller.scopes)
    known = await caller.read(_of_person, person_id, since, now, counts)
    if known is None:
        raise NotFound.at("/person_id", "no such person")
    return caller, known


def _of_person(session: Session, person_id: UUID, since: datetime, now: datetime, counts: bool) -> _Known | None:
    held = holds.of_person(session, person_id)
    if held is None:
        return None
    logs, allowed = session_logs.of_late(session, person_id, since), overrides.standing(session, person_id, now)
    return _Known(held, Past(logs, now, allowed), counts)


def _answer(request: Request, snapshot: Snapshot, question: TriageQuestion) -> Response:
    memory: AnswerMemory = request.app.state.answers
    stamp = snapshot.release.stamp
    key = key_of(type(question).__name__, stamp.catalog, stamp.ruleset, question.model_dump_json())
    content = memory.get(key)
    if content is None:
        content = _thought_through(snapshot, question)
        memory.put(key, content)
    return _private(content)


def _private(content: bytes, place: str | None = None) -> Response:
    headers = PRIVATE if place is None else {**PRIVATE, "Content-Location": place}
    return Response(content, media_type="application/json", headers=headers)


def _read(snapshot: Snapshot, question: TriageQuestion) -> tuple[Reading, Assessment]:
    release = snapshot.release
    reading = understanding.read(question, snapshot.reader)
    return reading, triage.assess(reading, question.screening, question.country, release.catalog, release.rules)


def _thought_through(snapshot: Snapshot, question: TriageQuestion) -> bytes:
    reading, assessment = _read(snapshot, question)
    stamp = snapshot.release.stamp
    if isinstance(question, RecommendationQuestion):
        full = recommendation.recommend(question, reading, assessment, snapshot.prepared, stamp)
        return _bytes(full)
    return _bytes(recommendation.triage_answer(question, reading, assessment, snapshot.prepared, stamp))


def _bytes(answer: Schema) -> bytes:
    return answer.__pydantic_serializer__.to_json(answer)
