"""The only place of wiring: settings in, application out."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime

from fastapi import FastAPI
from starlette.types import ASGIApp

from api import faults, openapi
from api.answer_memory import AnswerMemory
from api.attention_keeping import AttentionKeeping
from api.charts import Charts
from api.housekeeping import Housekeeping
from api.issuer_keys import IssuerKeys
from api.limits import RateLimits
from api.metrics import ServerFigures, exposed
from api.middleware import SECURITY_HEADERS, Edge
from api.observing import Observed
from api.own_catalogs import OwnCatalogs
from api.passwords import Passwords
from api.request_figures import RequestFigures
from api.response_cache import ResponseCache
from api.route_names import RouteNames
from api.routers import (
    catalog,
    exercises,
    function_scores,
    keys,
    links,
    me,
    members,
    operations,
    organizations,
    overrides,
    own_exercises,
    people,
    privacy,
    programs,
    progress,
    recommendations,
    session_logs,
    sign_ins,
    sign_ups,
    vocabulary,
)
from api.security import KeyRing
from api.settings import Settings
from api.snapshot import SnapshotHolder
from data.database import Database

BODY_LIMIT = 64 * 1024
VERSION = "0.1.0"
ROOMS = (
    exercises, own_exercises, catalog, vocabulary, recommendations, session_logs, people, overrides, privacy, programs,
    progress, function_scores, sign_ups, sign_ins, me, organizations, members, keys, links, operations,
)  # fmt: skip


def create_app(settings: Settings, *, clock: Callable[[], datetime] | None = None) -> ASGIApp:
    """Return the application behind its cache and its rate limits; the database is opened when it starts.

    What observes requests stands in front of the cache when each is to be measured or logged. Else it stands behind it,
    where it costs the catalogue's ready answers nothing and still names every other request and logs what failed.
    """
    database = Database(settings.database_url, readers=settings.readers, queue_limit=settings.write_queue)
    app = build(settings, database, clock or _utc_now)
    figures = RequestFigures() if settings.metrics_port else None
    names = RouteNames(app)
    all_observed = figures is not None or settings.log_level in ("debug", "info")
    cache = ResponseCache(
        Edge(app) if all_observed else Observed(Edge(app), names, None),
        megabytes=settings.cache_megabytes,
        public=settings.public_catalog,
        headers=SECURITY_HEADERS,
    )
    snapshots: SnapshotHolder = app.state.snapshots
    snapshots.on_change(lambda: cache.clear(snapshots.current.languages))
    if figures is not None:
        app.state.figures = ServerFigures(figures, database, snapshots, cache)
    served = RateLimits(cache) if settings.rate_limits else cache
    return Observed(served, names, figures) if all_observed else served


def build(settings: Settings, database: Database, clock: Callable[[], datetime]) -> FastAPI:
    """Return the application with its rooms, its faults and its state."""
    app = FastAPI(
        title="Limber",
        version=VERSION,
        description=openapi.DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        max_body_size=BODY_LIMIT,
        lifespan=_lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    app.state.clock = clock
    app.state.database = database
    app.state.keys = KeyRing(database)
    app.state.housekeeping = Housekeeping(database, settings.retention_days, clock)
    app.state.passwords = Passwords()
    app.state.issuer_keys = IssuerKeys()
    app.state.charts = Charts()
    app.state.snapshots = SnapshotHolder(database)
    app.state.attention = AttentionKeeping(database, app.state.snapshots, clock)
    app.state.own_catalogs = OwnCatalogs()
    app.state.answers = AnswerMemory()
    app.state.figures = None
    faults.install(app)
    app.include_router(session_logs.posts)
    for room in ROOMS:
        app.include_router(room.router)
    operations.mount_documentation(app)
    openapi.install(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Database = app.state.database
    holder: SnapshotHolder = app.state.snapshots
    await asyncio.to_thread(database.open)
    await asyncio.to_thread(holder.refresh)
    # The catalogue stays for the life of the process: the collector need not look at it again and again.
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
    chores = (holder.watch, app.state.housekeeping.run, app.state.attention.run)
    beside = [asyncio.create_task(chore()) for chore in chores]
    figures: ServerFigures | None = app.state.figures
    settings: Settings = app.state.settings
    try:
        with exposed(figures, settings.metrics_host, settings.metrics_port) if figures else nullcontext():
            yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await app.state.keys.settle()
        app.state.passwords.close()
        app.state.issuer_keys.close()
        app.state.charts.close()
        await asyncio.to_thread(database.close)
        holder.drop()
        gc.unfreeze()


def _utc_now() -> datetime:
    return datetime.now(UTC)
