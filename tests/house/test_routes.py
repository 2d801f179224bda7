"""Every route: a name, a summary, an example, its problems, its caller; HEAD wherever GET, Allow wherever refused."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.testclient import TestClient

from api import catalog_examples, examples
from api.access_examples import ACCOUNT_ID
from api.examples import PERSON_ID, SESSION_ID
from api.link_examples import LINK_ID
from api.main import build
from api.override_examples import OVERRIDE_ID
from api.problems import MEDIA_TYPE, Problem, all_problems
from api.program_examples import PROGRAM_ID
from api.routing import StrictRoute
from api.settings import Settings
from data.database import Database
from schemas.problems import ProblemDetails

METHODS = ("DELETE", "GET", "PATCH", "POST", "PUT")
SUCCESS = re.compile(r"2\d\d|304")
PUBLIC = {"operations"}
"""Tags whose operations ask nobody who they are."""
ENTRANCES = {"signUpAnonymously", "signIn", "signInByIssuer", "refreshTokens", "acceptInvitation"}
"""Operations by which somebody gets the credentials that the others ask for."""

PATHS = {
    "exercise_id": "standing-mid-back-reach",
    "session_id": SESSION_ID,
    "person_id": PERSON_ID,
    "link_id": LINK_ID,
    "override_id": OVERRIDE_ID,
    "score_id": SESSION_ID,
    "recommendation_id": SESSION_ID,
    "program_id": PROGRAM_ID,
    "slug": "not-found",
    "member_id": ACCOUNT_ID,
    "key_id": ACCOUNT_ID,
    "issuer_id": ACCOUNT_ID,
}
QUERIES = {
    "/recommendations": "pain_area=mid_back",
    "/progress": f"person_id={PERSON_ID}",
    "/progress.svg": f"person_id={PERSON_ID}",
}
QUERIES["/function-scores"] = QUERIES["/progress"]
BODIES = {"POST", "PUT", "PATCH"}
FILES = {"/problems/{slug}", "/progress.svg", "/sessions/export", "/people/{person_id:uuid}/export", "/me/export"}
"""Routes that answer something else than one JSON document."""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    unused = tmp_path_factory.mktemp("routes") / "unused.db"
    return build(Settings(_env_file=None), Database(f"sqlite:///{unused}"), lambda: pytest.fail("no clock is needed"))


@pytest.fixture(scope="module")
def contract(application: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = application.openapi()
    return document


def operations(contract: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in contract["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def without(contract: dict[str, Any], ask: Any) -> list[str]:
    return [name for name, operation in operations(contract) if not ask(operation)]


def strings(node: Any, key: str) -> Iterator[str]:
    for name, value in node.items() if isinstance(node, dict) else enumerate(node):
        if name == key and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from strings(value, key)


def concrete(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: PATHS[name[1]], path)


def test_every_operation_has_a_name_of_its_own(contract: dict[str, Any]) -> None:
    names = [operation.get("operationId", "") for _, operation in operations(contract)]
    assert len(names) > 20
    assert len(names) == len(set(names))
    assert [name for name in names if not re.fullmatch(r"[a-z]+([A-Z][a-z0-9]*)+", name)] == []


def test_every_operation_says_what_it_does(contract: dict[str, Any]) -> None:
    assert not without(contract, lambda operation: 8 <= len(operation.get("summary", "")) <= 90)
    assert not without(contract, lambda operation: len(operation.get("description", "")) > 20)
    assert not without(contract, lambda operation: len(operation.get("tags", [])) == 1)


def test_every_operation_has_an_example(contract: dict[str, Any]) -> None:
    def exemplified(operation: dict[str, Any]) -> bool:
        asked = [operation["requestBody"]] if "requestBody" in operation else []
        answered = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        sides = [[kind for side in group for kind in side.get("content", {}).values()] for group in (asked, answered)]
        return all(any("example" in kind or "examples" in kind for kind in side) for side in sides if side)

    assert not without(contract, exemplified)


def test_every_example_of_an_answer_has_the_shape_of_its_model(application: FastAPI) -> None:
    answers = {id_: [sides["response"]] for id_, sides in examples.EXAMPLES.items() if "response" in sides}
    answers |= {id_: [answer] for id_, answer in catalog_examples.EXAMPLES.items()}
    named = {id_: sides["responses"].values() for id_, sides in examples.EXAMPLES.items() if "responses" in sides}
    answers |= {id_: [each["value"] for each in several] for id_, several in named.items()}
    checked = set()
    for context in iter_route_contexts(application.routes):
        route = context.original_route
        if isinstance(route, APIRoute) and route.response_model is not None and route.operation_id in answers:
            for answer in answers[route.operation_id]:
                TypeAdapter(route.response_model).validate_python(answer)
            checked.add(route.operation_id)
    assert len(checked) > 25


def test_every_operation_that_takes_input_can_refuse_it(contract: dict[str, Any], application: FastAPI) -> None:
    strict = {
        route.original_route.operation_id
        for route in iter_route_contexts(application.routes)
        if isinstance(route.original_route, StrictRoute)
    }

    def declares(operation: dict[str, Any]) -> bool:
        takes = "parameters" in operation or "requestBody" in operation or operation["operationId"] in strict
        return not takes or "422" in operation["responses"]

    assert not without(contract, declares), "an unknown query parameter is refused, so 422 belongs to the contract"
    bodied = {"400", "413", "415"}
    assert not without(contract, lambda found: "requestBody" not in found or bodied <= set(found["responses"]))


def test_every_refusal_is_a_problem(contract: dict[str, Any]) -> None:
    for name, operation in operations(contract):
        for status, answer in operation["responses"].items():
            if not SUCCESS.fullmatch(status):
                named = answer.get("$ref", "").removeprefix("#/components/responses/")
                kinds = (contract["components"]["responses"][named] if named else answer).get("content", {})
                assert list(kinds) == [MEDIA_TYPE], f"{name} {status}"
                assert kinds[MEDIA_TYPE]["schema"] == {"$ref": "#/components/schemas/ProblemDetails"}, name


def test_the_frameworks_own_error_shapes_are_gone_and_no_reference_dangles(contract: dict[str, Any]) -> None:
    components = contract["components"]
    assert not {"HTTPValidationError", "ValidationError"} & components["schemas"].keys()
    known = {f"#/components/{kind}/{name}" for kind, named in components.items() for name in named}
    wanted = set(strings(contract, "$ref"))
    assert wanted <= known, wanted - known


def test_every_operation_says_who_may_call_it(contract: dict[str, Any]) -> None:
    def said(operation: dict[str, Any]) -> bool:
        if PUBLIC & set(operation["tags"]) or operation["operationId"] in ENTRANCES:
            return "security" not in operation
        closed, answers = operation.get("security") == [{"bearer": []}], operation["responses"].keys()
        return operation.get("security") in ([{"bearer": []}], [{}, {"bearer": []}]) and (
            {"401", "403"} <= answers if closed else "401" in answers
        )

    assert not without(contract, said)


def test_every_route_is_strict_and_typed(application: FastAPI) -> None:
    loose, untyped = [], []
    for route in iter_route_contexts(application.routes):
        original = route.original_route
        if not isinstance(original, APIRoute) or not original.include_in_schema:
            continue
        loose += [] if isinstance(original, StrictRoute) else [original.path]
        plain = original.response_model is None and original.status_code != 204
        untyped += [original.path] if plain and original.path not in FILES else []
    assert not loose
    assert not untyped


def test_head_works_wherever_get_does(client: TestClient, contract: dict[str, Any], backend: str) -> None:
    for path, methods in contract["paths"].items():
        if "get" not in methods:
            continue
        address = f"{concrete(path)}?{QUERIES.get(path, '')}".rstrip("?")
        got, headed = client.get(address), client.head(address)
        assert headed.status_code == got.status_code, address
        assert headed.content == b"", address
        varying = {"date", "x-request-id"}
        assert {k: v for k, v in headed.headers.items() if k not in varying} == {
            k: v for k, v in got.headers.items() if k not in varying
        }, address


def test_other_methods_are_refused_with_all_that_are_allowed(client: TestClient, contract: dict[str, Any]) -> None:
    for path in contract["paths"]:
        address = concrete(path)
        allowed = {method.upper() for method in contract["paths"][path]}
        allowed |= {"HEAD"} & {"HEAD" if "GET" in allowed else ""}
        for method in sorted(set(METHODS) - allowed):
            refused = client.request(method, address, json={} if method in BODIES else None)
            assert refused.status_code == 405, f"{method} {address}"
            assert refused.headers["content-type"] == MEDIA_TYPE
            assert set(refused.headers["allow"].split(", ")) == allowed, f"{method} {address}"
            ProblemDetails.model_validate(refused.json())


def test_what_is_not_there_is_a_problem_too(client: TestClient) -> None:
    for address in ("/nothing", "/exercises/", "/docs/files/none.js", "/sessions/not-a-uuid/none"):
        refused = client.get(address)
        assert refused.status_code == 404, address
        assert refused.headers["content-type"] == MEDIA_TYPE, address
        ProblemDetails.model_validate(refused.json())


@pytest.mark.parametrize("kind", all_problems().values(), ids=all_problems())
def test_every_problem_renders_the_one_shape(kind: type[Problem]) -> None:
    answer = kind.at("/pain/0/before", "must lie between 0 and 10").response()
    assert (answer.status_code, answer.media_type) == (kind.status, MEDIA_TYPE)
    body = ProblemDetails.model_validate_json(bytes(answer.body))
    assert body.type == f"/problems/{kind.slug()}"
    assert body.errors[0].pointer == "/pain/0/before"


def test_every_problem_has_a_page(client: TestClient) -> None:
    for slug, kind in all_problems().items():
        page = client.get(f"/problems/{slug}")
        assert page.status_code == 200
        assert kind.title in page.text
        assert len(page.text) > 60


def test_the_documentation_renders_without_network(client: TestClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    outside = [link for link in re.findall(r"(?:src|href)=\"([^\"]+)\"", page.text) if not link.startswith("/")]
    assert not outside
    for link in re.findall(r"(?:src|href)=\"(/[^\"]+)\"", page.text):
        assert client.get(link).status_code == 200, link
    assert client.get("/openapi.json").json()["info"]["title"] == "Limber"
