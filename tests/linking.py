"""A person of an app and the clinic that they link to, both through the front door."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.testclient import TestClient

from data import access
from data.database import Database
from tests.conftest import Tenant, make_tenant
from tests.data.making import body
from tests.signing import Device, sign_up

APP = "app"
ZONE = "Europe/Madrid"
"""Where the sessions of `body` are: their day may have come there before it comes elsewhere."""


@dataclass
class Pair:
    """A clinic that knows the person by one of its own people, and the person's phone."""

    client: TestClient
    clinic: Tenant
    phone: Device

    def code(self) -> str:
        path = f"/people/{self.clinic.person_id}/link-invitations"
        made = self.client.post(path, headers=self.clinic.headers)
        assert made.status_code == 201, made.json()
        return str(made.json()["code"])

    def accept(self, code: str, **consent: Any) -> Any:
        return self.phone.post("/me/links", {"code": code, "consent": stated(**consent)})

    def link(self, **consent: Any) -> Any:
        answer = self.accept(self.code(), **consent)
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def change(self, link: Any, **consent: Any) -> Any:
        headers = {**self.phone.headers, "If-Match": f'"v{link["version"]}"'}
        return self.client.patch(f"/me/links/{link['id']}", json={"consent": stated(**consent)}, headers=headers)

    def withdraw(self, link: Any) -> Any:
        return self.client.delete(f"/me/links/{link['id']}", headers=self.phone.headers)

    def post(self, started_at: datetime, **changes: Any) -> Any:
        made = body(self.clinic.person_id, started_at=started_at, **changes)
        del made["person_id"]
        answer = self.phone.post("/sessions", made)
        assert answer.status_code == 201, answer.json()
        return answer.json()

    def at_clinic(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query, headers=self.clinic.headers)

    def seen(self) -> list[Any]:
        """Return the person's sessions as the clinic's list shows them."""
        answer = self.at_clinic("/sessions", person_id=str(self.clinic.person_id), limit=200)
        assert answer.status_code == 200, answer.json()
        return list(answer.json()["items"])

    def counted(self) -> int:
        """Return how many sessions the clinic's figures count."""
        answer = self.at_clinic("/progress", person_id=str(self.clinic.person_id), days=3660, timezone=ZONE)
        assert answer.status_code == 200, answer.json()
        return int(answer.json()["sessions"])

    def disposition(self) -> Any:
        """Return how the clinic's own question about the person is answered."""
        question = {"pain_areas": [{"region": "mid_back"}], "person_id": str(self.clinic.person_id)}
        answer = self.client.post("/recommendations", json=question, headers=self.clinic.headers)
        assert answer.status_code == 200, answer.json()
        return answer.json()["triage"]["disposition"]

    def everything(self, own: str) -> list[Any]:
        """Return all that the clinic can read of its person, of whom it has one session of its own."""
        person = str(self.clinic.person_id)
        return [
            self.at_clinic("/sessions", person_id=person).json(),
            self.at_clinic("/sessions").json(),
            self.at_clinic(f"/sessions/{own}").json(),
            self.at_clinic("/progress", person_id=person, days=365).json(),
            self.at_clinic("/sessions/export", person_id=person).text,
            self.at_clinic(f"/people/{person}").json(),
            self.at_clinic(f"/people/{person}/links").json(),
            [change["session"] for change in self.at_clinic("/sessions/changes", person_id=person).json()["items"]],
        ]

    def app(self) -> str:
        return str(self.phone.get("/me").json()["organization_id"])


def stated(**changes: Any) -> dict[str, Any]:
    """Return a consent to share sessions from now on, with its instants as text."""
    made = {"sessions": True, "progress": True, "recommendations": False, "wording": "1", **changes}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in made.items()}


def make_app(database: Database, now: datetime) -> str:
    """Make an organisation that strangers may sign up to, and return its id."""
    return str(database.system.write_now(access.add_organization, APP, now, open_sign_up=True).id)


def pair(client: TestClient, database: Database, now: datetime, clinic: Tenant | None = None) -> Pair:
    """Return a clinic and somebody who has signed up with an app."""
    app = make_app(database, now)
    return Pair(client, clinic or make_tenant(database, "clinic"), sign_up(client, organization_id=app))
