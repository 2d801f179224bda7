"""Operations: whether the server lives and is ready, what problems mean, and the documentation, all without network."""

from importlib.resources import files
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, PlainTextResponse
from sqlalchemy import text
from sqlmodel import Session
from starlette.staticfiles import StaticFiles

from api.problems import InvalidRequest, NotFound, TooManyRequests, Unavailable, all_problems, declared, page_of
from api.routing import StrictRoute
from data.database import Database
from schemas.operations import Health, Readiness

router = APIRouter(tags=["operations"], route_class=StrictRoute)
NOT_CACHED = {"Cache-Control": "no-store"}


@router.get(
    "/livez",
    operation_id="getLiveness",
    summary="Whether the process answers",
    response_model=Health,
    responses=declared(InvalidRequest),
)
async def livez() -> Health:
    """Return ok as long as the process can answer at all."""
    return Health(status="ok")


@router.get(
    "/readyz",
    operation_id="getReadiness",
    summary="Whether requests can be served: database, writer, catalogue",
    response_model=Readiness,
    responses=declared(InvalidRequest, Unavailable),
)
async def readyz(request: Request) -> Readiness:
    """Return what is ready. Answers 503 when the database, its writer or the catalogue is not."""
    database: Database = request.app.state.database
    if not database.healthy:
        raise Unavailable("the writer is not running", headers={"Retry-After": "5"})
    version = await database.system.read(_database_version)
    if not await database.system.write(_takes_writes):
        raise Unavailable("the database takes no writes", headers={"Retry-After": "5"})
    snapshot = request.app.state.snapshots.current
    restarts = sum(writer.restarts for writer in database.writers)
    return Readiness(
        status="ok", database=database.url.get_backend_name(), database_version=version,
        writer_restarts=restarts, release=snapshot.release.number,
    )  # fmt: skip


@router.get(
    "/problems/{slug}",
    operation_id="getProblem",
    summary="What a problem means and what to do",
    response_class=PlainTextResponse,
    responses=declared(InvalidRequest, NotFound, TooManyRequests),
)
async def problem_page(slug: str) -> Response:
    """Return the page of a problem; its address is the problem's `type`."""
    kind = all_problems().get(slug)
    if kind is None:
        raise NotFound("no such problem")
    return PlainTextResponse(page_of(kind))


def mount_documentation(app: FastAPI) -> None:
    """Serve `/docs` and its files from this machine, so that they render without network."""
    static = str(files("fastapi_offline") / "static")
    app.mount("/docs/files", StaticFiles(directory=static), name="documentation-files")

    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{app.title}: the API",
            swagger_js_url="/docs/files/swagger-ui-bundle.js",
            swagger_css_url="/docs/files/swagger-ui.css",
            swagger_favicon_url="/docs/files/favicon.png",
        )

    app.add_api_route("/docs", docs, include_in_schema=False)


def _takes_writes(session: Session) -> bool:
    # On SQLite the door itself has taken the lock of a writer.
    if session.get_bind().dialect.name == "sqlite":
        return True
    return bool(session.execute(text("SHOW transaction_read_only")).scalar_one() == "off")


def _database_version(session: Session) -> str:
    sqlite = session.get_bind().dialect.name == "sqlite"
    statement: Any = text("SELECT sqlite_version()" if sqlite else "SHOW server_version")
    return str(session.execute(statement).scalar_one())
