"""Signing up and in through the front door, with a clock that tests can move."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.testclient import TestClient

PASSWORD = "four words for me"
FORGOTTEN_SECONDS = 1.1
"""After so long the server has asked the database again who calls."""


class Clock:
    """The server's time: it begins now and moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Device:
    """A phone or a browser that holds the tokens of one sign-in."""

    client: TestClient
    tokens: dict[str, Any]
    person_id: str = ""

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.tokens["access_token"])

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query, headers=self.headers)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(path, json=body, headers=self.headers)

    def refresh(self) -> Any:
        answer = refresh(self.client, self.tokens["refresh_token"])
        if answer.status_code == 200:
            self.tokens = answer.json()
        return answer


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def refresh(client: TestClient, token: str) -> Any:
    return client.post("/auth/refresh", json={"refresh_token": token})


def sign_up(client: TestClient, **body: Any) -> Device:
    """Return an anonymous device, or one that has registered when an e-mail is given."""
    if "email" in body:
        answer = client.post("/auth/register", json={"password": PASSWORD, **body})
    else:
        answer = client.post("/auth/anonymous", json=body)
    assert answer.status_code == 201, answer.json()
    return Device(client, answer.json()["tokens"], answer.json()["person"]["id"])


def sign_in(client: TestClient, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/auth/token", json={"email": email, "password": password, **more})


def signed_in(client: TestClient, email: str, **more: Any) -> Device:
    answer = sign_in(client, email, **more)
    assert answer.status_code == 200, answer.json()
    return Device(client, answer.json())


def member(client: TestClient, manager: dict[str, str], role: str, email: str) -> Device:
    """Return a member who was invited by somebody with these headers and has accepted."""
    invited = client.post("/organization/members", json={"email": email, "role": role}, headers=manager)
    assert invited.status_code == 201, invited.json()
    token = invited.json()["invitation_token"]
    accepted = client.post("/auth/accept", json={"token": token, "password": PASSWORD})
    assert accepted.status_code == 200, accepted.json()
    return Device(client, accepted.json())
