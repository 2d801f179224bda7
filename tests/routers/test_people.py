"""The room of `/people`: an organisation's people, by its own ids, on both databases."""

from typing import Any
from uuid import uuid4

from starlette.testclient import TestClient

from tests.conftest import Tenant


def add(client: TestClient, tenant: Tenant, **person: Any) -> Any:
    return client.post("/people", json=person, headers=tenant.headers)


def pointers(answer: Any) -> list[str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return [error["pointer"] for error in answer.json()["errors"]]


def test_a_person_is_added_once(client: TestClient, tenant: Tenant) -> None:
    first = add(client, tenant, external_id="patient 7")
    assert first.status_code == 201
    path = first.headers["location"]
    again = add(client, tenant, external_id="patient 7")
    assert (again.status_code, again.content) == (200, first.content)
    assert client.get(path, headers=tenant.headers).content == first.content
    named = add(client, tenant, external_id="patient 7", id=first.json()["id"])
    assert (named.status_code, named.content) == (200, first.content)


def test_ids_mean_one_person(client: TestClient, tenant: Tenant) -> None:
    chosen = str(uuid4())
    assert add(client, tenant, id=chosen, external_id="a").json()["id"] == chosen
    assert add(client, tenant, external_id="b").status_code == 201
    for person in (
        {"id": chosen, "external_id": "c"},
        {"id": chosen, "external_id": "b"},
        {"id": str(uuid4()), "external_id": "a"},
    ):
        answer = add(client, tenant, **person)
        assert (answer.status_code, pointers(answer)) == (409, ["/id"]), person
    assert len(client.get("/people", headers=tenant.headers).json()["items"]) == 3


def test_people_of_another_organisation_are_not_there(client: TestClient, tenant: Tenant, other_tenant: Tenant) -> None:
    assert client.get(f"/people/{other_tenant.person_id}", headers=tenant.headers).status_code == 404
    assert client.get(f"/people/{uuid4()}", headers=tenant.headers).status_code == 404
    mine = add(client, tenant, id=str(other_tenant.person_id), external_id="p-9")
    assert mine.status_code == 201
    theirs = client.get(f"/people/{other_tenant.person_id}", headers=other_tenant.headers).json()
    assert theirs["external_id"] == "p-1"
    listed = client.get("/people", headers=tenant.headers).json()["items"]
    assert {person["external_id"] for person in listed} == {"p-1", "p-9"}


def test_walking_the_pages_equals_the_whole_list(client: TestClient, tenant: Tenant) -> None:
    for number in range(11):
        add(client, tenant, id=str(uuid4()), external_id=f"n-{number}")
    whole = client.get("/people", params={"limit": 200}, headers=tenant.headers).json()["items"]
    ids = [person["id"] for person in whole]
    assert len(ids) == 12
    assert ids == sorted(ids)
    for limit in (1, 5, 12):
        walked: list[Any] = []
        address: str | None = f"/people?limit={limit}"
        while address is not None:
            page = client.get(address, headers=tenant.headers)
            walked.extend(page.json()["items"])
            link = page.headers.get("link")
            address = None if link is None else link.removesuffix('>; rel="next"').removeprefix("<")
        assert walked == whole


def test_a_person_is_found_by_the_organisations_own_id(client: TestClient, tenant: Tenant) -> None:
    for name in (
        "\u00e9l\u00e8ve 1 & 2 = x",
        "%_",
        "'; DROP TABLE person; --",
        "\U0001f9d8\u200d\u2640\ufe0f",
        "\u202egnp",
    ):
        added = add(client, tenant, external_id=name)
        assert added.status_code == 201
        found = client.get("/people", params={"external_id": name}, headers=tenant.headers).json()["items"]
        assert found == [added.json()]
    assert client.get("/people", params={"external_id": "P-1"}, headers=tenant.headers).json()["items"] == []


def test_bad_input_names_its_field(client: TestClient, tenant: Tenant) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({}, "/external_id"), ({"external_id": ""}, "/external_id"), ({"external_id": "x" * 121}, "/external_id"),
        ({"external_id": 7}, "/external_id"), ({"external_id": None}, "/external_id"),
        ({"external_id": "a\x00b"}, "/external_id"), ({"external_id": "x", "id": "y"}, "/id"),
        ({"external_id": "x", "name": "y"}, "/name"),
    ]  # fmt: skip
    for person, pointer in bad:
        answer = add(client, tenant, **person)
        assert (answer.status_code, pointers(answer)) == (422, [pointer]), person
    assert len(client.get("/people", headers=tenant.headers).json()["items"]) == 1
    assert client.get("/people/42", headers=tenant.headers).status_code == 404
    answer = client.get("/people", params={"extrenal_id": "x"}, headers=tenant.headers)
    assert answer.json()["errors"] == [{"pointer": "?extrenal_id", "detail": "unknown; did you mean external_id?"}]
