"""Who asks too much is refused on every route, told when to come back, and harms nobody else."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from api.main import build, create_app
from api.request_costs import COSTS, FREE, SIGN_IN, cost_of
from api.settings import Settings
from data.database import Database
from tests.conftest import Tenant
from tests.limiting import CREDENTIALS, FROM, MUSCLES, TEN_UNITS, Clock, assert_refused, made_up, serve, spend, state
from tests.serving import Server, free_port

pytestmark = pytest.mark.endurance(
    "Who asks too much is refused on every route",
    "every route at its limit, forwarded addresses made up",
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limited(database_url: str, clock: Clock) -> Iterator[TestClient]:
    with serve(database_url, clock=clock) as client:
        yield client


@pytest.fixture(scope="module")
def one_clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def sqlite_url(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("limits") / "limber.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def reading(sqlite_url: str, one_clock: Clock) -> Iterator[TestClient]:
    with serve(sqlite_url, clock=one_clock) as client:
        yield client


@pytest.fixture
def fresh(reading: TestClient, one_clock: Clock) -> TestClient:
    """The shared client, with a window that has not begun."""
    one_clock.now += 61
    return reading


def routes() -> list[tuple[str, str]]:
    """Every route of the application, by method and template."""
    unused = build(Settings(_env_file=None), Database("sqlite:///unused.db"), lambda: pytest.fail("no clock"))
    found = []
    for route in iter_route_contexts(unused.routes):
        template = re.sub(r":\w+}", "}", str(route.path))
        found += [(method, template) for method in sorted((route.methods or {"GET"}) - {"HEAD"})]
    return [(method, f"{path}/{{path}}" if path == "/docs/files" else path) for method, path in found]


ROUTES = routes()


def test_every_route_has_its_cost_and_every_cost_its_route() -> None:
    listed = {tuple(operation.partition("?")[0].split(" ")) for operation in COSTS}
    assert len(ROUTES) > 35
    assert [route for route in ROUTES if route not in listed] == []
    assert listed - set(ROUTES) == set()
    assert {operation for operation, cost in COSTS.items() if cost == FREE} == {"GET /livez", "GET /readyz"}


def test_a_request_finds_the_row_of_its_route() -> None:
    for operation, cost in COSTS.items():
        method, _, route = operation.partition(" ")
        path, _, query = re.sub(r"{\w+}", "anything", route).partition("?")
        assert cost_of(method, path, f"{query}=a".encode() if query else b"") == cost, operation
    assert cost_of("GET", "/exercises", b"limit=3&q=neck") == cost_of("HEAD", "/exercises", b"q=neck") == 2
    assert cost_of("GET", "/exercises", b"equipment=q") == 1
    for strange in ("", "/", "//", "/exercises/", "/exercises/a/b/c", "/sessions/a//", "/nothing", "/{}/{}"):
        assert cost_of("GET", strange, b"") == cost_of("BREW", strange, b"") == 1, strange


def test_every_limited_operation_declares_the_refusal(fresh: TestClient) -> None:
    for path, methods in fresh.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            free = COSTS[f"{method.upper()} {path}"] == FREE
            assert ("429" in operation["responses"]) is not free, f"{method} {path}"


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r[1] not in ("/livez", "/readyz")])
def test_every_route_is_refused_at_its_limit(fresh: TestClient, method: str, path: str) -> None:
    cost = COSTS[f"{method} {path}"]
    address = re.sub(r"{\w+}", "anything", path)
    spend(fresh, 580) if cost != SIGN_IN else None
    for left in range(20 // cost, 0, -1) if cost != SIGN_IN else range(5, 0, -1):
        answer = fresh.request(method, address)
        assert answer.status_code != 429
        assert state(answer)[1] == (left - 1) * max(cost, 1)
    assert_refused(fresh.request(method, address), "sign-in" if cost == SIGN_IN else "default")


def test_whoever_watches_the_server_is_never_refused(fresh: TestClient) -> None:
    spend(fresh, 600)
    assert fresh.get(MUSCLES).status_code == 429
    for path in ("/livez", "/readyz"):
        answer = fresh.get(path)
        assert answer.status_code == 200
        assert "ratelimit" not in answer.headers


def test_every_answer_says_what_is_left(fresh: TestClient, one_clock: Clock) -> None:
    first = fresh.get(MUSCLES)
    assert first.headers["ratelimit-policy"] == '"default";q=600;w=60'
    assert state(first) == ("default", 599, 60)
    one_clock.now += 12.5
    assert state(fresh.get("/exercises?q=neck")) == ("default", 597, 48)
    assert state(fresh.get("/nothing")) == ("default", 596, 48)
    assert state(fresh.head(MUSCLES)) == ("default", 595, 48)
    known = fresh.get(MUSCLES, headers={"If-None-Match": first.headers["etag"]})
    assert (known.status_code, state(known)) == (304, ("default", 594, 48))
    assert state(fresh.get("/recommendations?pain_area=mid_back")) == ("default", 584, 48)


def test_a_minute_later_all_is_forgiven(fresh: TestClient, one_clock: Clock) -> None:
    spend(fresh, 600)
    one_clock.now += 59.5
    refused = fresh.get(MUSCLES)
    assert_refused(refused, "default")
    assert state(refused) == ("default", 0, 1)
    one_clock.now += 0.5
    assert state(fresh.get(MUSCLES)) == ("default", 599, 60)


def test_what_is_refused_costs_nothing(fresh: TestClient) -> None:
    spend(fresh, 590)
    fresh.get(MUSCLES)
    refused = fresh.request(*TEN_UNITS, json={"text": "canary between my shoulder blades"})
    assert_refused(refused, "default")
    assert "canary" not in refused.text
    assert state(refused)[1] == 9
    assert state(fresh.get(MUSCLES)) == ("default", 8, 60)


def test_a_refused_head_has_no_body(fresh: TestClient) -> None:
    spend(fresh, 600)
    refused = fresh.head(MUSCLES)
    assert (refused.status_code, refused.content) == (429, b"")
    assert refused.headers["x-content-type-options"] == "nosniff"


def test_what_is_left_is_never_kept_with_an_answer(fresh: TestClient) -> None:
    for left in (599, 598, 597):
        answer = fresh.get(MUSCLES)
        assert answer.headers.get_list("ratelimit") == [f'"default";r={left};t=60']
    elsewhere = fresh.get(MUSCLES, headers={FROM: "192.0.2.2"})
    assert elsewhere.headers.get_list("ratelimit") == ['"default";r=599;t=60']
    assert elsewhere.content == answer.content


def test_an_ipv6_customer_is_one_caller(fresh: TestClient) -> None:
    def left(address: str) -> int:
        return state(fresh.get(MUSCLES, headers={FROM: address}))[1]

    assert left("2001:db8:0:1::1") == 599
    assert left("2001:db8:0:1:ffff:ffff:ffff:ffff") == 598
    assert left("2001:db8:0:2::1") == 599
    assert left("192.0.2.9") == 599
    assert left("::ffff:192.0.2.9") == 598
    assert left("of no kind:") == 599


def test_two_keys_do_not_share(limited: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    first = limited.get(MUSCLES, headers=tenant.headers)
    assert first.headers["ratelimit-policy"] == '"default";q=6000;w=60'
    spend(limited, 5_990, tenant.headers)
    assert state(limited.get(MUSCLES, headers=tenant.headers))[1] == 8
    for spelled, left in ((f"bearer  {tenant.key} ", 7), (f"BEARER {tenant.key}", 6)):
        answer = limited.get(MUSCLES, headers={"Authorization": spelled})
        assert (answer.status_code, state(answer)[1]) == (200, left)
    assert_refused(limited.request(*TEN_UNITS, json=[], headers=tenant.headers), "default")
    assert state(limited.get(MUSCLES, headers=other_tenant.headers))[1] == 5_999
    assert state(limited.get(MUSCLES))[1] == 599


def test_made_up_tokens_count_against_their_address(limited: TestClient, clock: Clock, tenant: Tenant) -> None:
    for number in range(60):
        assert limited.get(MUSCLES, headers=made_up(number)).status_code == 401
    refused = limited.get(MUSCLES, headers=made_up(60))
    assert_refused(refused, "unproved")
    assert refused.headers["ratelimit-policy"] == '"unproved";q=600;w=60'
    assert_refused(limited.get(MUSCLES, headers=tenant.headers), "unproved")
    assert limited.get(MUSCLES).status_code == 200
    assert limited.get(MUSCLES, headers={**tenant.headers, FROM: "192.0.2.2"}).status_code == 200
    clock.now += 60
    assert limited.get(MUSCLES, headers=made_up(61)).status_code == 401


def test_a_made_up_token_buys_nothing_where_nobody_looks_at_it(fresh: TestClient) -> None:
    for number in range(600):
        assert fresh.get("/nothing", headers=made_up(number)).status_code == 404
    assert_refused(fresh.get("/openapi.json", headers=made_up(600)), "unproved")


def test_what_a_good_key_is_refused_is_not_held_against_its_address(limited: TestClient, tenant: Tenant) -> None:
    spend(limited, 6_000, tenant.headers)
    assert_refused(limited.get(MUSCLES, headers=tenant.headers), "default")


def test_the_limits_are_on_unless_they_are_turned_off(sqlite_url: str) -> None:
    with TestClient(create_app(Settings(database_url=sqlite_url, _env_file=None))) as client:
        assert state(client.get(MUSCLES))[1] == 599
    with TestClient(create_app(Settings(database_url=sqlite_url, rate_limits=False, _env_file=None))) as client:
        assert not {"ratelimit", "ratelimit-policy"} & client.get(MUSCLES).headers.keys()


SPOOFED = "198.51.100."


@pytest.mark.parametrize("trusted", [False, True], ids=["no proxy is trusted", "the proxy is trusted"])
def test_a_made_up_forwarded_address_does_not_help(sqlite_url: str, tmp_path: Path, trusted: bool) -> None:
    proxies = {"LIMBER_FORWARDED_ALLOW_IPS": "127.0.0.1"} if trusted else {}
    server = Server(sqlite_url, free_port(), LIMBER_RATE_LIMITS="true", **proxies)
    server.start(tmp_path)

    def asked(forwarded: str) -> int:
        return server.request(*CREDENTIALS, {}, {"X-Forwarded-For": forwarded})[0]

    try:
        # A proxy puts the address that it saw behind what the client claims.
        statuses = [asked(f"{SPOOFED}{number}, 203.0.113.7") for number in range(6)]
        assert [status == 429 for status in statuses] == [False] * 5 + [True]
        assert (asked("203.0.113.8") == 429) is not trusted
    finally:
        server.kill()
