"""Following the catalogue through the front door: whoever follows holds what the export holds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from starlette.testclient import TestClient

from api.examples import OWN_EXERCISE
from api.main import create_app
from api.settings import Settings
from data import releases
from data.catalog.documents import CatalogDocument
from data.database import Database, normalised
from data.releases import DocumentRow, ExerciseRow, PastReleaseRow, ReleaseRow
from tests.conftest import Tenant
from tests.following import Editors, Follower, exported, snapshots_of

NOW = datetime(2026, 12, 1, tzinfo=UTC)
RELEASES = 30
TABLES = (ReleaseRow, PastReleaseRow, DocumentRow, ExerciseRow)


@pytest.fixture
def few(documents: list[CatalogDocument]) -> list[CatalogDocument]:
    """The catalogue with every ninth exercise."""
    exercises = sorted(item.id for item in documents if item.kind == "exercise")[::9]
    return [item for item in documents if item.kind != "exercise" or item.id in exercises]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(normalised(database_url))
    yield made
    made.dispose()


def serve(client: TestClient, database: Database, documents: list[CatalogDocument], number: int = 0) -> None:
    database.system.write_now(releases.load, documents, NOW + timedelta(hours=number))
    snapshots_of(client).refresh()


def test_thirty_releases_of_random_edits_leave_no_follower_behind(
    client: TestClient, database: Database, few: list[CatalogDocument]
) -> None:
    editors = Editors(few, seed=20261122)
    serve(client, database, few)
    held, cursor = exported(client, "de")
    # French is a language that comes and goes with these edits.
    german, french = Follower(client, "de", held=held, cursor=cursor), Follower(client, "fr")
    followers = [Follower(client), german, french, Follower(client, limit=7)]
    hasty = followers[-1]
    for number in range(RELEASES):
        serve(client, database, editors.edit(), number)
        hasty.ask()
        for follower in followers[:-1]:
            follower.catch_up()
            fresh = Follower(client, follower.language, limit=200)
            fresh.catch_up()
            assert follower.held == fresh.held == exported(client, follower.language)[0]
    hasty.catch_up()
    assert hasty.held == exported(client)[0]
    assert [follower.restarts for follower in followers] == [0, 0, 0, 0]
    assert snapshots_of(client).number > RELEASES


def test_after_a_restored_backup_a_follower_starts_again(
    client: TestClient, database: Database, few: list[CatalogDocument], engine: Engine
) -> None:
    editors = Editors(few, seed=7)
    serve(client, database, few)
    early, late = Follower(client), Follower(client)
    early.catch_up()
    with engine.connect() as connection:
        backup = {table: connection.execute(table.__table__.select()).all() for table in TABLES}
    for number in range(3):
        serve(client, database, editors.edit(), number)
    late.catch_up()
    with engine.begin() as connection:
        for table in TABLES:
            connection.execute(table.__table__.delete())
            connection.execute(table.__table__.insert(), [dict(row._mapping) for row in backup[table]])
    for number in range(5):
        serve(client, database, editors.edit(), number)
    for follower in (early, late):
        follower.catch_up()
        assert follower.held == exported(client)[0]
    assert (early.restarts, late.restarts) == (0, 1)


def test_a_cursor_of_nowhere_is_refused(client: TestClient) -> None:
    assert client.get("/catalog/changes?cursor=x").status_code == 422
    others = client.get("/exercises?limit=1").json()["next"]
    assert client.get(f"/catalog/changes?cursor={others}").status_code == 422
    answer = client.get("/catalog/changes?limit=3")
    assert answer.headers["link"] == f'</catalog/changes?cursor={answer.json()["next"]}&limit=3>; rel="next"'


def test_a_release_that_another_process_knows_already_is_waited_for(
    client: TestClient, database: Database, few: list[CatalogDocument], database_url: str
) -> None:
    with TestClient(create_app(Settings(database_url=database_url, rate_limits=False, _env_file=None))) as quicker:
        database.system.write_now(releases.load, few, NOW)
        snapshots_of(quicker).refresh()
        _, cursor = exported(quicker)
        answer = client.get(f"/catalog/changes?cursor={cursor}")
        if answer.status_code != 200:
            assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        snapshots_of(client).refresh()
        assert client.get(f"/catalog/changes?cursor={cursor}").status_code == 200


def test_nothing_new_is_an_empty_page_with_a_cursor_that_lasts(client: TestClient) -> None:
    _, cursor = exported(client)
    answer = client.get(f"/catalog/changes?cursor={cursor}").json()
    assert (answer["items"], answer["more"], answer["next"]) == ([], False, cursor)


def test_an_organisation_follows_its_own_exercises_as_well(
    client: TestClient, tenant: Tenant, other_tenant: Tenant
) -> None:
    mine, theirs = Follower(client, headers=tenant.headers), Follower(client, headers=other_tenant.headers)
    anonymous = Follower(client)
    for follower in (mine, theirs, anonymous):
        follower.catch_up()
    before = dict(anonymous.held)
    body: dict[str, Any] = OWN_EXERCISE
    for number in range(3):
        made = client.post("/exercises", json={**body, "id": f"own-{number}"}, headers=tenant.headers)
        assert made.status_code == 201, made.text
    mine.catch_up()
    changed = client.put(
        "/exercises/own-1",
        json={**body, "id": "own-1", "name": "Changed"},
        headers={**tenant.headers, "If-Match": '"v1"'},
    )
    assert changed.status_code == 200
    gone = client.delete("/exercises/own-2", headers={**tenant.headers, "If-Match": '"v1"'})
    assert gone.status_code == 204
    for follower in (mine, theirs, anonymous):
        follower.catch_up()
    assert {id_ for kind, id_ in mine.held if id_.startswith("own-")} == {"own-0", "own-1"}
    assert mine.held["exercise", "own-1"]["name"] == "Changed"
    assert mine.held == exported(client, headers=tenant.headers)[0]
    assert theirs.held == anonymous.held == before
    # Another key, or none, does not go on where an organisation's own catalogue was followed.
    lost = client.get("/catalog/changes", params={"cursor": mine.cursor or ""}, headers=other_tenant.headers)
    assert lost.status_code == 410
    assert client.get("/catalog/changes", params={"cursor": mine.cursor or ""}).status_code == 410
