"""The commands for organisations and keys, as people run them, on both databases."""

from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner, Result

from api.__main__ import cli
from data import access
from data.database import Database
from tests.signing import PASSWORD, bearer, sign_in, sign_up


@pytest.fixture
def run(database_url: str) -> Any:
    def invoke(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(cli, arguments, env={"LIMBER_DATABASE_URL": database_url}, input=typed)

    return invoke


def test_an_organisation_is_made_with_an_owner(run: Any, client: TestClient) -> None:
    made = run("organizations", "add", "clinic", "--owner-email", "Owner@example.org", typed=f"{PASSWORD}\n")
    assert made.exit_code == 0, made.output
    organization_id = made.stdout.strip()
    assert PASSWORD not in made.output
    tokens = sign_in(client, "owner@example.org", organization_id=organization_id).json()
    found = client.get("/organization", headers=bearer(tokens["access_token"])).json()
    assert (found["id"], found["open_sign_up"]) == (organization_id, False)
    assert client.post("/auth/anonymous", json={}).status_code == 422
    assert run("organizations", "add", "app", "--open-sign-up").exit_code == 0
    assert sign_up(client).get("/me").status_code == 200


def test_an_organisation_that_cannot_be_made_is_told_in_one_line(run: Any, database: Database) -> None:
    assert run("organizations", "add", "clinic").exit_code == 0
    for arguments, typed, said in (
        (["clinic"], "", "already"),
        (["new", "--owner-email", "nobody"], f"{PASSWORD}\n", "e-mail"),
        (["new", "--owner-email", "a@example.org"], "short\n", "password"),
        (["new", "--owner-email", "a@example.org"], "", "password"),
    ):
        refused = run("organizations", "add", *arguments, typed=typed)
        assert refused.exit_code == 1
        assert said in refused.stderr
        assert "short" not in refused.output.replace("at least 10", "")
        assert len(refused.stderr.strip().splitlines()) == 1
    assert database.system.read_now(access.organization, "new") is None


def test_keys_are_listed_rotated_and_revoked(run: Any, client: TestClient) -> None:
    old = run(
        "keys", "create", "--organization", "clinic", "--scope", "people:read", "--name", "booking"
    ).stdout.strip()
    assert client.get("/people", headers=bearer(old)).status_code == 200
    (line,) = run("keys", "list", "--organization", "clinic").stdout.splitlines()
    assert "booking: people:read" in line
    assert "valid" in line
    assert old not in line
    key_id = str(UUID(line.split()[0]))
    new = run("keys", "rotate", key_id, "--organization", "clinic", "--overlap-hours", "1").stdout.strip()
    assert new != old
    for secret in (old, new):
        assert client.get("/people", headers=bearer(secret)).status_code == 200
    lines = run("keys", "list", "--organization", "clinic").stdout.splitlines()
    assert len(lines) == 2
    assert run("keys", "revoke", key_id, "--organization", "clinic").exit_code == 0
    assert "revoked" in run("keys", "list", "--organization", "clinic").stdout
    for arguments in (["rotate", key_id, "--organization", "clinic"], ["revoke", key_id, "--organization", "nowhere"]):
        refused = run("keys", *arguments)
        assert refused.exit_code == 1
        assert refused.stderr.startswith("limber: ")
