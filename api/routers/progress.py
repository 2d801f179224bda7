"""The room of `/progress`: honest figures about a person, and the chart of them."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from api.charts import Charts
from api.dependencies import CallerSnapshot, ProgressReader
from api.problems import KEYED, Busy, InvalidRequest, NotFound, declared
from api.replies import PRIVATE, entity
from api.routing import StrictRoute
from api.rules.charting import chart_of
from api.rules.preparation import Prepared
from api.rules.program_due import by_sessions_too
from api.rules.progress import ProgressFacts, Span, summarise
from api.rules.progression import Past
from api.security import Caller
from data import program_adherence, progress
from data.program_adherence import Stood
from schemas.program_days import Asks, DayAdherence
from schemas.progress import ChartQuery, Progress, ProgressQuery

router = APIRouter(tags=["progress"], route_class=StrictRoute)

SVG = "image/svg+xml"
DRAWN: dict[str, Any] = {
    "description": "The chart, with a title and a description for those who cannot see it.",
    "content": {SVG: {"schema": {"type": "string"}, "example": "<svg xmlns='http://www.w3.org/2000/svg'></svg>"}},
}


@router.get(
    "/progress",
    operation_id="getProgress",
    summary="How a person is doing: sessions, streak, gaps, pain by region, what helps",
    response_model=Progress,
    responses=declared(*KEYED, NotFound),
)
async def get_progress(
    query: Annotated[ProgressQuery, Query()], request: Request, caller: ProgressReader, snapshot: CallerSnapshot
) -> Response:
    """Return figures over the last `days` local days of the person."""
    return entity(await _figures(query, request, caller, snapshot.prepared))


@router.get(
    "/progress.svg",
    operation_id="getProgressChart",
    summary="The chart of pain and adherence, on light or dark ground",
    response_class=Response,
    responses={**declared(*KEYED, NotFound, Busy), 200: DRAWN},
)
async def get_progress_chart(
    query: Annotated[ChartQuery, Query()], request: Request, caller: ProgressReader, snapshot: CallerSnapshot
) -> Response:
    """Draw the same figures: the same figures give the same bytes."""
    found = await _figures(query, request, caller, snapshot.prepared)
    names = {region: each.name for region, each in snapshot.release.catalog.regions.items()}
    charts: Charts = request.app.state.charts
    drawn = await charts.draw(chart_of(found, names, query.theme), caller.organization_id)
    return Response(drawn, headers=PRIVATE, media_type=SVG)


async def _figures(query: ProgressQuery, request: Request, caller: Caller, prepared: Prepared) -> Progress:
    now: datetime = request.app.state.clock()
    found = await caller.read(_progress, _person(query, caller), query, prepared, now)
    if found is None:
        raise NotFound("no such person")
    return found


def _person(query: ProgressQuery, caller: Caller) -> UUID:
    person_id = query.person_id or caller.person_id
    if person_id is None:
        raise InvalidRequest.at("?person_id", "is required with an organisation's key")
    if caller.person_id not in {None, person_id}:
        raise NotFound("no such person")
    return person_id


def _progress(
    session: Session, person_id: UUID, query: ProgressQuery, prepared: Prepared, now: datetime
) -> Progress | None:
    known = progress.known(session, person_id)
    if known is None:
        return None
    zone = ZoneInfo(query.timezone or (known.latest.timezone if known.latest is not None else "UTC"))
    to_day = now.astimezone(zone).date()
    span = Span(person_id, to_day - timedelta(days=query.days - 1), to_day, now)
    figures = progress.figures(session, person_id, span.from_day.isoformat(), span.to_day.isoformat())
    begin = datetime.combine(span.from_day, datetime.min.time(), zone)
    asked = (span.from_day, span.to_day)
    is_known = known.latest is not None and not figures.unseen
    stood = program_adherence.in_force(known.versions, span.from_day, zone.key) if is_known else []
    # What an exercise did before the asked days may have left it out of them.
    remembered = min(begin, now - timedelta(days=prepared.numbers.history_days)) if stood else begin
    deeds = progress.deeds(session, person_id, remembered, asked, stood)
    asks = by_sessions_too(Past(deeds.sessions, now), zone, prepared)
    facts = ProgressFacts(
        days=figures.days,
        active_days=figures.active_days,
        last_session_at=None if known.latest is None else known.latest.started_at,
        sessions=[log for log in deeds.sessions if log.started_at >= begin],
        scores=known.scores,
        program_days=_due(known, deeds, stood, span, zone.key, asks) if stood else (),
    )
    return summarise(span, facts, prepared.numbers)


def _due(
    known: progress.Known, deeds: progress.Deeds, stood: list[Stood], span: Span, zone: str, asks: Asks
) -> list[DayAdherence]:
    programs, held = program_adherence.told(stood, deeds.plans), program_adherence.held_days(known.held, zone)
    return program_adherence.counted(programs, deeds.done, span.from_day, span.to_day, held, asks)
