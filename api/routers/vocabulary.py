"""The words of the catalogue: regions, muscles, equipment, conditions, causes, red flags. Each in one answer."""

from fastapi import APIRouter, Depends, Response

from api.catalog_examples import example
from api.dependencies import CurrentSnapshot
from api.problems import InvalidRequest, NotAuthenticated, Unavailable, declared
from api.ready import respond
from api.ready_routing import ReadyRoute
from api.security import public_caller
from schemas.catalog import FlagSet, Listing, RegionNode
from schemas.conditions import Condition
from schemas.regions import Cause, Equipment, Muscle

router = APIRouter(route_class=ReadyRoute, tags=["vocabulary"], dependencies=[Depends(public_caller)])

PROBLEMS = declared(InvalidRequest, NotAuthenticated, Unavailable)


@router.get(
    "/regions",
    operation_id="listRegions",
    summary="List the body regions as a tree",
    response_model=Listing[RegionNode],
    responses={**example("listRegions"), **PROBLEMS},
)
async def list_regions(snapshot: CurrentSnapshot) -> Response:
    """The regions with their lay words, codes, screening questions and how many exercises each has."""
    return respond(snapshot.page("regions"), snapshot.languages[0])


@router.get(
    "/muscles",
    operation_id="listMuscles",
    summary="List the muscles",
    response_model=Listing[Muscle],
    responses={**example("listMuscles"), **PROBLEMS},
)
async def list_muscles(snapshot: CurrentSnapshot) -> Response:
    """The muscles and other structures that exercises work on, with their lay words and regions."""
    return respond(snapshot.page("muscles"), snapshot.languages[0])


@router.get(
    "/equipment",
    operation_id="listEquipment",
    summary="List the equipment",
    response_model=Listing[Equipment],
    responses={**example("listEquipment"), **PROBLEMS},
)
async def list_equipment(snapshot: CurrentSnapshot) -> Response:
    """The things that exercises need. Walls and doorways are places, not equipment."""
    return respond(snapshot.page("equipment"), snapshot.languages[0])


@router.get(
    "/conditions",
    operation_id="listConditions",
    summary="List the conditions and their movement rules",
    response_model=Listing[Condition],
    responses={**example("listConditions"), **PROBLEMS},
)
async def list_conditions(snapshot: CurrentSnapshot) -> Response:
    """The conditions with what each forbids, cautions against and favours, and why. Not reviewed by a clinician."""
    return respond(snapshot.page("conditions"), snapshot.languages[0])


@router.get(
    "/causes",
    operation_id="listCauses",
    summary="List the causes that people name",
    response_model=Listing[Cause],
    responses={**example("listCauses"), **PROBLEMS},
)
async def list_causes(snapshot: CurrentSnapshot) -> Response:
    """What people say brought the pain on, with the regions that it usually touches."""
    return respond(snapshot.page("causes"), snapshot.languages[0])


@router.get(
    "/red-flags",
    operation_id="listRedFlags",
    summary="List the red flags and the screening questions",
    response_model=FlagSet,
    responses={**example("listRedFlags"), **PROBLEMS},
)
async def list_red_flags(snapshot: CurrentSnapshot) -> Response:
    """The signs that need a professional before any exercise, and the questions that find them."""
    return respond(snapshot.page("red-flags"), snapshot.languages[0])
