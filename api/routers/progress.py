"""The room of `/progress`: the first honest figures about a person."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from api.dependencies import ProgressReader
from api.problems import KEYED, InvalidRequest, NotFound, declared
from api.replies import entity
from api.routing import StrictRoute
from api.rules.progress import summarise
from api.security import Caller
from data import progress
from schemas.progress import Progress, ProgressQuery

router = APIRouter(tags=["progress"], route_class=StrictRoute)


@router.get(
    "/progress",
    operation_id="getProgress",
    summary="How a person is doing: sessions, minutes, streak, pain by region",
    response_model=Progress,
    responses=declared(*KEYED, NotFound),
)
async def get_progress(query: Annotated[ProgressQuery, Query()], request: Request, caller: ProgressReader) -> Response:
    """Return figures over the last `days` local days of the person, from the daily rollup."""
    now: datetime = request.app.state.clock()
    found = await caller.read(_progress, _person(query, caller), query, now)
    if found is None:
        raise NotFound("no such person")
    return entity(found)


def _person(query: ProgressQuery, caller: Caller) -> UUID:
    person_id = query.person_id or caller.person_id
    if person_id is None:
        raise InvalidRequest.at("?person_id", "is required with an organisation's key")
    if caller.person_id not in {None, person_id}:
        raise NotFound("no such person")
    return person_id


def _progress(session: Session, person_id: UUID, query: ProgressQuery, now: datetime) -> Progress | None:
    latest = progress.latest(session, person_id)
    zone = ZoneInfo(query.timezone or (latest.timezone if latest is not None else "UTC"))
    to_day = now.astimezone(zone).date()
    from_day = to_day - timedelta(days=query.days - 1)
    figures = progress.figures(session, person_id, from_day.isoformat(), to_day.isoformat())
    if figures is None:
        return None
    last = latest.started_at if latest is not None else None
    return summarise(person_id, from_day, to_day, figures.days, figures.active_days, last)
