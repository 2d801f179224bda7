"""Every operation x every role x {own, same organisation, other organisation, deleted, never was}: each cell is said.

What is refused looks the same whichever of the others it is: the same bytes, headers and number of statements.
"""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from sqlalchemy import Engine, create_engine, event, text
from starlette.testclient import TestClient

from api.examples import OWN_EXERCISE
from api.main import build, create_app
from api.settings import Settings
from data import access, accounts, read_trail, sign_ins
from data.database import Database
from data.prepared import PreparedStatement
from data.tenancy import TENANT
from schemas.access import Scope
from tests.conftest import BACKENDS, TEMPLATE, Tenant, make_tenant
from tests.linking import Pair
from tests.routers.matrix import (
    DELETED,
    OTHER,
    OWN,
    OWNER,
    PEG,
    PERSON,
    RANDOM,
    ROLES,
    ROWS,
    SAME,
    Row,
    World,
    about,
    credentials,
    override,
    program,
    session,
)
from tests.signing import Device, bearer, member, sign_up

NOW = datetime.now(UTC)
MARKS = ("UPDATE api_key SET last_used_at=", "UPDATE sign_in SET presented=")
"""That a secret is in use is written down beside the request, sooner or later."""
VARYING = {"x-request-id"}
ROUTES = {
    context.original_route.operation_id: context
    for context in iter_route_contexts(
        build(Settings(_env_file=None), Database("sqlite:///unused.db"), lambda: NOW).routes
    )
    if isinstance(context.original_route, APIRoute) and context.original_route.include_in_schema
}


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("matrix") / "limber.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        server, name = request.getfixturevalue("postgres_template"), f"matrix_{uuid4().hex}"
        admin = create_engine(
            server.get_uri().replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        admin.dispose()
        url = server.get_uri(name)
    database = Database(url)
    database.open()
    database.system.write_now(access.add_organization, "clinic", NOW, open_sign_up=True)
    clinic, other = make_tenant(database, "clinic"), make_tenant(database, "other clinic")
    pair = sign_ins.new_pair(NOW, timedelta(minutes=15), timedelta(days=1))
    stranger = accounts.SignUp()
    database.bound_to(other.organization_id).write_now(sign_ins.begin_for, pair, NOW, accounts.sign_up, stranger, NOW)
    database.close()
    settings = Settings(database_url=url, rate_limits=False, _env_file=None)
    with pytest.MonkeyPatch.context() as patched:
        # What was read is stored at the end, not in the midst of a request whose statements are counted.
        patched.setattr(read_trail, "EVERY_SECONDS", 3600.0)
        with TestClient(create_app(settings, clock=lambda: NOW)) as client:
            yield furnished(client, clinic, other, pair.access)


def furnished(client: TestClient, clinic: Tenant, other: Tenant, foreign: str) -> World:
    """Return the world with everything that the targets name. `foreign` is a token of the other's own person."""
    person = sign_up(client)
    roles = {
        role: member(client, clinic.headers, role, f"{role}@example.org").headers
        for role in ("owner", "clinician", "editor", "viewer")
    }
    headers = {**roles, PERSON: person.headers, "anonymous": {}, "bad token": bearer("limber_at_no_such_token")}
    random = str(uuid4())
    world = World(
        client, headers, {"people": {OWN: person.person_id, SAME: str(clinic.person_id), OTHER: str(other.person_id)}}
    )
    world.ids["people"] |= {DELETED: world.person(), RANDOM: str(uuid4())}
    erased = client.post(f"/people/{world.ids['people'][DELETED]}/erasure", headers=roles[OWNER])
    assert erased.status_code == 200, erased.json()
    put_personal(world, clinic, other, random)
    world.ids["exercises"] = put_exercises(client, clinic, other)
    world.ids["links"] = put_links(client, clinic, other, person, Device(client, {"access_token": foreign}))
    world.ids["overrides"] = put_overrides(world, clinic, other)
    for noun in ("keys", "members", "issuers"):
        world.ids[noun] = {OWN: world.fresh(noun, OWN) if noun == "members" else "", RANDOM: random}
        world.ids[noun][SAME] = world.ids[noun][OWN]
        world.ids[noun][DELETED] = world.fresh(noun, OWN)
        assert (
            client.delete(f"/organization/{noun}/{world.ids[noun][DELETED]}", headers=roles[OWNER]).status_code == 204
        )
    elsewhere = World(client, {OWNER: other.headers}, {})
    for noun in ("keys", "members", "issuers"):
        world.ids[noun][OTHER] = elsewhere.fresh(noun, OWN)
    return world


def put_personal(world: World, clinic: Tenant, other: Tenant, random: str) -> None:
    """Put there what belongs to people: one for each target, and one that was deleted where that can be."""
    for noun, put in (("sessions", put_session), ("recommendations", put_recommendation), ("programs", put_program)):
        world.ids[noun] = {
            target: put(world, target, sender.headers)
            for target, sender in ((OWN, clinic), (SAME, clinic), (OTHER, other), (DELETED, clinic))
        } | {RANDOM: random}
    gone = world.ids["sessions"][DELETED]
    assert world.client.delete(f"/sessions/{gone}", headers={**clinic.headers, "If-Match": "*"}).status_code == 204
    gone = world.ids["programs"][DELETED]
    assert world.client.delete(f"/programs/{gone}", headers={**clinic.headers, "If-Match": "*"}).status_code == 204
    world.ids["recommendations"][DELETED] = random
    world.ids["scores"] = {
        target: put_score(world, target, sender.headers)
        for target, sender in ((OWN, clinic), (SAME, clinic), (OTHER, other))
    } | {DELETED: random, RANDOM: random}


def put_session(world: World, target: str, headers: dict[str, str]) -> str:
    place = target if target != DELETED else OWN
    posted = world.client.post("/sessions", json=session(world, place), headers=headers)
    assert posted.status_code == 201, posted.json()
    return str(posted.json()["id"])


def put_recommendation(world: World, target: str, headers: dict[str, str]) -> str:
    place = target if target != DELETED else OWN
    answered = world.client.post("/recommendations", json=about(world, place), headers=headers)
    assert answered.status_code == 200, answered.json()
    return str(answered.json()["id"])


def put_program(world: World, target: str, headers: dict[str, str]) -> str:
    place = target if target != DELETED else OWN
    posted = world.client.post("/programs", json=program(world, place), headers=headers)
    assert posted.status_code == 201, posted.json()
    return str(posted.json()["id"])


def put_score(world: World, target: str, headers: dict[str, str]) -> str:
    score = {**PEG, "person_id": world.ids["people"][target]}
    posted = world.client.post("/function-scores", json=score, headers=headers)
    assert posted.status_code == 201, posted.json()
    return str(posted.json()["id"])


def put_overrides(world: World, clinic: Tenant, other: Tenant) -> dict[str, str]:
    """Return where the overrides stand, below `/people/`."""
    made = {RANDOM: f"{world.ids['people'][SAME]}/overrides/{uuid4()}"}
    for target, person, sender in (
        (OWN, OWN, clinic),
        (SAME, SAME, clinic),
        (OTHER, OTHER, other),
        (DELETED, SAME, clinic),
    ):
        base = f"{world.ids['people'][person]}/overrides"
        answer = world.client.post(f"/people/{base}", json=override(world), headers=sender.headers)
        assert answer.status_code == 201, answer.json()
        made[target] = f"{base}/{answer.json()['id']}"
    ended = world.client.delete(f"/people/{made[DELETED]}", headers=clinic.headers)
    assert ended.status_code == 204
    return made


def put_links(client: TestClient, clinic: Tenant, other: Tenant, person: Device, foreign: Device) -> dict[str, str]:
    """Link the person, who has withdrawn an earlier link, and somebody else to the other organisation, and one of
    theirs to the clinic."""
    made = {}
    for target, phone, inviting in (
        (DELETED, person, other),
        (OWN, person, other),
        (SAME, sign_up(client, organization_id=str(clinic.organization_id)), other),
        (OTHER, foreign, clinic),
    ):
        made[target] = Pair(client, inviting, phone).link()["id"]
        if target == DELETED:
            assert client.delete(f"/me/links/{made[target]}", headers=phone.headers).status_code == 204
    return {**made, RANDOM: str(uuid4())}


def put_exercises(client: TestClient, clinic: Tenant, other: Tenant) -> dict[str, str]:
    own = str(OWN_EXERCISE["id"])
    for exercise_id, sender in ((own, clinic), ("own-retired", clinic), ("own-elsewhere", other)):
        put = client.post("/exercises", json={**OWN_EXERCISE, "id": exercise_id}, headers=sender.headers)
        assert put.status_code == 201, put.json()
    retired = client.delete("/exercises/own-retired", headers={**clinic.headers, "If-Match": '"v1"'})
    assert retired.status_code == 204
    return {OWN: own, SAME: own, OTHER: "own-elsewhere", DELETED: "own-retired", RANDOM: "own-never-was"}


class Counted:
    """How many statements units of work have sent for an organisation; those that find out who calls are not theirs."""

    def __init__(self) -> None:
        self.statements = self.read = 0

    def count(self, connection: Any, _cursor: Any = None, statement: str = "", *_: Any) -> None:
        sent = isinstance(connection.info.get(TENANT), UUID) and not statement.startswith(MARKS)
        self.statements += sent
        # The writer's thread stores once a second, for the audit log, what was read.
        self.read += sent and threading.current_thread().name.startswith("reader")


@contextmanager
def counting() -> Iterator[Counted]:
    counted = Counted()
    prepared = PreparedStatement._on

    def on(self: PreparedStatement, session_: Any) -> Any:
        # A prepared statement is sent by the driver, past the events of the engine.
        counted.count(session_.bind)
        return prepared(self, session_)

    event.listen(Engine, "before_cursor_execute", counted.count)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PreparedStatement, "_on", on)
        yield counted
    event.remove(Engine, "before_cursor_execute", counted.count)


def headers_of(answer: Any) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in answer.headers.items() if name not in VARYING)


def test_every_operation_has_a_row() -> None:
    assert ROUTES.keys() == ROWS.keys()


@pytest.mark.parametrize("operation", ROWS)
def test_every_cell_is_answered_as_its_row_says(world: World, operation: str) -> None:
    row, wrong, looks = ROWS[operation], {}, {}
    (method,) = ROUTES[operation].methods
    for role in ROLES:
        headers = credentials(world, role, row)
        for target in row.targets():
            path, content = row.ask(world, target)
            with counting() as counted:
                answer = world.client.request(method, path, json=content, headers=headers)
            if answer.status_code != row.expected(role, target):
                wrong[role, target] = answer.status_code, row.expected(role, target)
            if answer.status_code >= 400:
                look = answer.content, headers_of(answer), counted.statements
                looks.setdefault((role, answer.status_code), {})[target] = look
    assert wrong == {}
    for cell, by_target in looks.items():
        assert len({repr(look) for look in by_target.values()}) == 1, (cell, by_target)


def test_the_rows_are_of_use() -> None:
    """Every scope guards something, and every role is let in somewhere and kept out elsewhere."""
    assert {scope for row in ROWS.values() for scope in row.scopes} == set(Scope) - {Scope.CATALOG_READ}
    for role in ROLES[2:]:
        assert {role in row.may or role in row.instead for row in ROWS.values()} == {True, False}
    assert all(isinstance(row, Row) for row in ROWS.values())
