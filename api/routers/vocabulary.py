"""The words of the catalogue, each sort in one answer: regions, muscles, equipment, kinds, conditions, topics ..."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.catalog_examples import example
from api.dependencies import CallerSnapshot
from api.problems import PUBLIC, declared
from api.ready_routing import ReadyRoute
from api.served import page
from schemas.catalog import FlagSet, LanguageQuery, Listing, RegionNode
from schemas.conditions import Condition
from schemas.exercises import ExerciseKind
from schemas.regions import Cause, Equipment, Muscle, Topic

router = APIRouter(route_class=ReadyRoute, tags=["vocabulary"])

Language = Annotated[LanguageQuery, Query()]
PROBLEMS = declared(*PUBLIC)


@router.get(
    "/regions",
    operation_id="listRegions",
    summary="List the body regions as a tree",
    response_model=Listing[RegionNode],
    responses={**example("listRegions"), **PROBLEMS},
)
async def list_regions(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The regions with their lay words, codes, screening questions and how many exercises each has."""
    return page("regions", request, query, snapshot)


@router.get(
    "/muscles",
    operation_id="listMuscles",
    summary="List the muscles",
    response_model=Listing[Muscle],
    responses={**example("listMuscles"), **PROBLEMS},
)
async def list_muscles(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The muscles and other structures that exercises work on, with their lay words and regions."""
    return page("muscles", request, query, snapshot)


@router.get(
    "/equipment",
    operation_id="listEquipment",
    summary="List the equipment",
    response_model=Listing[Equipment],
    responses={**example("listEquipment"), **PROBLEMS},
)
async def list_equipment(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The things that exercises need. Walls and doorways are places, not equipment."""
    return page("equipment", request, query, snapshot)


@router.get(
    "/kinds",
    operation_id="listKinds",
    summary="List the kinds of exercise",
    response_model=Listing[ExerciseKind],
    responses={**example("listKinds"), **PROBLEMS},
)
async def list_kinds(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """What kinds there are and what people call them, for the labels of a filter screen."""
    return page("kinds", request, query, snapshot)


@router.get(
    "/conditions",
    operation_id="listConditions",
    summary="List the conditions and their movement rules",
    response_model=Listing[Condition],
    responses={**example("listConditions"), **PROBLEMS},
)
async def list_conditions(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The conditions with what each forbids, cautions against and favours, and why. Not reviewed by a clinician."""
    return page("conditions", request, query, snapshot)


@router.get(
    "/causes",
    operation_id="listCauses",
    summary="List the causes that people name",
    response_model=Listing[Cause],
    responses={**example("listCauses"), **PROBLEMS},
)
async def list_causes(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """What people say brought the pain on, with the regions that it usually touches."""
    return page("causes", request, query, snapshot)


@router.get(
    "/topics",
    operation_id="listTopics",
    summary="List the topics with the exercises that answer them",
    response_model=Listing[Topic],
    responses={**example("listTopics"), **PROBLEMS},
)
async def list_topics(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """What people look for that many exercises answer: a sport, a spot, a complaint, with those that do, best first."""
    return page("topics", request, query, snapshot)


@router.get(
    "/red-flags",
    operation_id="listRedFlags",
    summary="List the red flags and the screening questions",
    response_model=FlagSet,
    responses={**example("listRedFlags"), **PROBLEMS},
)
async def list_red_flags(request: Request, query: Language, snapshot: CallerSnapshot) -> Response:
    """The signs that need a professional before any exercise, and the questions that find them."""
    return page("red-flags", request, query, snapshot)
