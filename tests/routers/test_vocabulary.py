"""The vocabulary through the front door."""

from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.testclient import TestClient

from schemas.catalog import FlagSet, Listing, RegionNode
from schemas.conditions import Condition
from schemas.regions import Cause, Equipment, Muscle

SHAPES: dict[str, type[BaseModel]] = {
    "/regions": Listing[RegionNode],
    "/muscles": Listing[Muscle],
    "/equipment": Listing[Equipment],
    "/conditions": Listing[Condition],
    "/causes": Listing[Cause],
    "/red-flags": FlagSet,
}


def nodes(tree: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in tree:
        yield node
        yield from nodes(node["children"])


@pytest.mark.parametrize(("path", "shape"), SHAPES.items())
def test_each_page_has_the_declared_shape_to_the_byte(reader: TestClient, path: str, shape: type[BaseModel]) -> None:
    answer = reader.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-language"] == "en"
    assert shape.model_validate_json(answer.content).model_dump_json().encode() == answer.content
    assert answer.json()["items"]


def test_regions_are_a_tree_with_counts_that_fit_the_list(reader: TestClient) -> None:
    tree = reader.get("/regions").json()["items"]
    by_id = {node["id"]: node for node in nodes(tree)}
    assert [child["id"] for child in by_id["back"]["children"]] == ["low_back", "mid_back"]
    assert by_id["mid_back"]["parent"] == "back"
    assert by_id["mid_back"]["icd10"] == ["M54.6"]
    assert by_id["mid_back"]["ask_first"]
    for id_ in ("back", "mid_back", "calf"):
        listed = reader.get(f"/exercises?region={id_}&limit=200").json()["items"]
        assert len(listed) == by_id[id_]["exercises"] > 0


def test_lay_words_are_plain_words(reader: TestClient) -> None:
    for path in ("/muscles", "/equipment", "/conditions", "/causes"):
        spoken = [word for item in reader.get(path).json()["items"] for word in item["lay_words"]]
        assert spoken
        assert not [word for word in spoken if set(word) & set("()|~=@<>")]
    words = [word for node in nodes(reader.get("/regions").json()["items"]) for word in node["lay_words"]]
    assert "bra strap line" in words
    assert not [word for word in words if set(word) & set("()|~=@<>")]


def test_red_flags_come_with_the_questions_in_the_order_of_asking(reader: TestClient) -> None:
    questions = reader.get("/red-flags").json()["questions"]
    order = [(question["priority"], question["id"]) for question in questions]
    assert order == sorted(order)
    assert {"saddle_numbness", "chest_pressure"} <= {id_ for _, id_ in order}


def test_no_parameter_is_taken(reader: TestClient) -> None:
    for path in SHAPES:
        assert reader.get(f"{path}?limit=3").status_code == 422
