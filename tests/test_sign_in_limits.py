"""Guessing passwords is slow, from one address or from many, and stops where attempts cannot be counted."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from limits.storage import Storage
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from api.limits import RateLimits, charge_login
from api.problems import MEDIA_TYPE, Problem
from api.windows import Windows
from data import access
from data.database import Database
from tests.limiting import CREDENTIALS, FROM, MUSCLES, Clock, assert_refused, made_up, placed, serve, spend, state
from tests.signing import PASSWORD

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Lost(Storage):
    """A storage that cannot be reached."""

    STORAGE_SCHEME = None

    @property
    def base_exceptions(self) -> type[Exception]:
        return ConnectionError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        raise ConnectionError

    def get(self, key: str) -> int:
        raise ConnectionError

    def get_expiry(self, key: str) -> float:
        raise ConnectionError

    def check(self) -> bool:
        return False

    def reset(self) -> int | None:
        raise ConnectionError

    def clear(self, key: str) -> None:
        raise ConnectionError


def signing_in(**layer: Any) -> TestClient:
    """An application in which somebody signs in as the text of the body says."""

    async def sign_in(request: Request) -> Response:
        charge_login(request, (await request.body()).decode())
        return PlainTextResponse("in")

    async def refused(_request: Request, problem: Any) -> Response:
        response: Response = problem.response()
        return response

    route = Route(CREDENTIALS[1], sign_in, methods=["POST"])
    application = Starlette(routes=[route], exception_handlers={Problem: refused})
    return TestClient(placed(RateLimits(application, **layer) if layer else application))


def attempt(client: TestClient, address: str, email: str) -> Any:
    return client.request(*CREDENTIALS, content=email, headers={FROM: address})


def test_an_account_is_tried_five_times_a_minute_from_wherever(clock: Clock) -> None:
    client = signing_in(clock=clock)
    for number, email in enumerate(
        ("a@example.org", "A@example.org ", "a@EXAMPLE.org", "a@example.org", "A@EXAMPLE.ORG")
    ):
        assert attempt(client, f"192.0.2.{number}", email).status_code == 200
    refused = attempt(client, "192.0.2.9", "a@example.org")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert '"account";r=0;t=60' in refused.headers.get_list("ratelimit")
    assert "example" not in refused.text
    assert attempt(client, "192.0.2.9", "b@example.org").status_code == 200
    clock.now += 60
    assert attempt(client, "192.0.2.9", "a@example.org").status_code == 200


def test_an_address_tries_five_times_a_minute_whoever_it_claims_to_be(clock: Clock) -> None:
    client = signing_in(clock=clock)
    answers = [attempt(client, "192.0.2.1", f"{number}@example.org") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert state(answers[0]) == ("sign-in", 4, 60)
    assert_refused(answers[5], "sign-in")
    assert attempt(client, "192.0.2.2", "a@example.org").status_code == 200


@pytest.fixture
def vendor(database: Database) -> UUID:
    """The one organisation that is open for sign-up."""
    return database.system.write_now(access.add_organization, "vendor", NOW, open_sign_up=True).id


def post(client: TestClient, number: int, path: str, **body: str) -> Any:
    return client.post(path, json=body, headers={FROM: f"192.0.2.{number}"})


def test_real_passwords_are_guessed_five_times_a_minute(database_url: str, clock: Clock, vendor: UUID) -> None:
    email = "person@example.org"
    with serve(database_url, clock=clock) as client:
        device = post(client, 1, "/auth/register", email=email, password=PASSWORD).json()["tokens"]
        for number, guess in enumerate(("one", "two", "three", "four")):
            refused = post(client, number, "/auth/token", email=f" {email.upper()}", password=guess)
            assert (refused.status_code, "ratelimit" in refused.headers) == (401, True)
        for number in range(20):
            right = post(client, number + 10, "/auth/token", email=email, password=PASSWORD)
            assert (right.status_code, right.headers["retry-after"]) == (429, "60")
        assert post(client, 30, "/auth/register", email=email, password=PASSWORD).status_code == 429
        headers = {"Authorization": f"Bearer {device['access_token']}", "If-Match": "*", FROM: "192.0.2.31"}
        change = {"current_password": PASSWORD, "password": "quite another one"}
        assert client.patch("/me", json=change, headers=headers).status_code == 429
        assert post(client, 32, "/auth/token", email="other@example.org", password=PASSWORD).status_code == 401
        clock.now += 60
        assert client.patch("/me", json=change, headers=headers).status_code == 200
        assert post(client, 33, "/auth/token", email=email, password="quite another one").status_code == 200


def test_the_token_of_whoever_signed_in_has_600_units(database_url: str, clock: Clock, vendor: UUID) -> None:
    with serve(database_url, clock=clock) as client:
        headers = {"Authorization": f"Bearer {post(client, 1, '/auth/anonymous').json()['tokens']['access_token']}"}
        answer = client.get("/me", headers=headers)
        assert answer.headers["ratelimit-policy"] == '"default";q=600;w=60'
        assert state(answer) == ("default", 599, 60)
        spend(client, 590, headers)
        assert client.get("/me", headers={**headers, FROM: "192.0.2.2"}).status_code == 200
        for _ in range(8):
            assert client.get("/me", headers=headers).status_code == 200
        assert_refused(client.get("/me", headers=headers), "default")
        assert state(client.get(MUSCLES))[1] == 599


def test_turned_off_nobody_counts_attempts() -> None:
    client = signing_in()
    assert {attempt(client, "192.0.2.1", "a@example.org").status_code for _ in range(10)} == {200}


def test_without_its_storage_reads_go_on_and_nobody_signs_in(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with serve(database_url, storage=Lost()) as client:
        for _ in range(3):
            answer = client.get(MUSCLES)
            assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)
        assert client.get(MUSCLES, headers=made_up(1)).status_code == 401
        refused = client.request(*CREDENTIALS, json={})
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert refused.headers["content-type"] == MEDIA_TYPE
    assert [record.getMessage() for record in caplog.records] == ["requests cannot be counted: ConnectionError"]


def test_an_account_is_not_tried_when_attempts_cannot_be_counted(clock: Clock) -> None:
    class LostForAccounts(Windows):
        def get(self, key: str) -> int:
            if key.startswith("account/"):
                raise ConnectionError
            return super().get(key)

    client = signing_in(clock=clock, storage=LostForAccounts(clock))
    answer = attempt(client, "192.0.2.1", "a@example.org")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
