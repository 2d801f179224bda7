"""The list of exercises and one of them, through the front door."""

from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from schemas.exercises import Exercise, ExercisePage
from schemas.vocabulary import Audience

Pairs = list[tuple[str, str]]


def walk(reader: TestClient, query: Pairs, limit: int) -> list[dict[str, Any]]:
    """Follow the Link headers to the end."""
    url: str | None = "/exercises?" + urlencode([*query, ("limit", str(limit))])
    items: list[dict[str, Any]] = []
    while url is not None:
        answer = reader.get(url)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        items += body["items"]
        link = answer.headers.get("link")
        assert (link is None) == (body["next"] is None)
        url = None if link is None else link.removeprefix("<").removesuffix('>; rel="next"')
    return items


def test_a_page_has_the_declared_shape_to_the_byte(reader: TestClient) -> None:
    for query in ("", "?q=hammies&limit=3", "?language=de&limit=2", "?region=back&limit=1"):
        answer = reader.get(f"/exercises{query}")
        assert ExercisePage.model_validate_json(answer.content).model_dump_json().encode() == answer.content


def test_the_default_page_holds_fifty_in_order_of_name(reader: TestClient) -> None:
    items = reader.get("/exercises").json()["items"]
    assert len(items) == 50
    names = [(item["name"].casefold(), item["id"]) for item in items]
    assert names == sorted(names)


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("sort", "-name")],
        [("sort", "level")],
        [("sort", "-level"), ("region", "back"), ("region", "hip")],
        [("sort", "id"), ("kind", "static_stretch"), ("avoid", "floor")],
        [("q", "lower back")],
        [("q", "strech"), ("sort", "name"), ("equipment", "none")],
        [("permitted_with", "sciatica"), ("level", "1"), ("level", "2")],
    ],
)
def test_walking_the_cursors_gives_the_whole_list(reader: TestClient, query: Pairs) -> None:
    whole = walk(reader, query, 200)
    assert len(whole) > 8
    for limit in (1, 7):
        assert walk(reader, query, limit) == whole
    assert len({item["id"] for item in whole}) == len(whole)


def test_levels_are_sorted_both_ways_with_ties_by_id(reader: TestClient) -> None:
    up = [(item["level"], item["id"]) for item in walk(reader, [("sort", "level")], 200)]
    assert up == sorted(up)
    down = [(item["level"], item["id"]) for item in walk(reader, [("sort", "-level")], 200)]
    assert down == sorted(down, key=lambda pair: (-pair[0], pair[1]))


def test_words_say_where_they_were_found(reader: TestClient) -> None:
    page = reader.get("/exercises", params={"q": "the spot I cant reach"}).json()
    assert page["items"][0]["id"] == "standing-mid-back-reach"
    assert list(page["matches"]) == [item["id"] for item in page["items"]]
    assert "lay_words" in page["matches"]["standing-mid-back-reach"]
    assert reader.get("/exercises").json()["matches"] == {}
    blank = reader.get("/exercises?q=+").json()
    assert blank["items"] == reader.get("/exercises").json()["items"]


def test_an_exercise_shows_derived_properties_and_the_missing_review(reader: TestClient) -> None:
    body = reader.get("/exercises/standing-mid-back-reach").json()
    exercise = Exercise.model_validate(body)
    assert {"standing", "static", "sc-prot"} <= set(exercise.properties)
    assert not exercise.reviewed
    assert "Not reviewed by a clinician" in exercise.review_notice
    assert [rule.id for rule in exercise.stop_rules] == exercise.stop_if
    assert exercise.dosage[Audience.GENERAL].hold_seconds == (10, 20)
    assert (exercise.language, exercise.translated) == ("en", True)


def test_a_language_that_is_not_served_falls_back_to_english_and_says_so(reader: TestClient) -> None:
    answer = reader.get("/exercises?language=fr-CA&limit=2")
    assert answer.headers["content-language"] == "en"
    assert [(item["language"], item["translated"]) for item in answer.json()["items"]] == [("en", False)] * 2
    assert answer.headers["etag"] != reader.get("/exercises?limit=2").headers["etag"]
    assert reader.get("/exercises?language=en-GB&limit=1").json()["items"][0]["translated"]
    assert reader.get("/exercises?limit=1", headers={"accept-language": "fr"}).headers["content-language"] == "en"
    assert not reader.get("/exercises/cat-cow?language=fr").json()["translated"]


@pytest.mark.parametrize("asked", ["/exercises/cat-cow?language=de-AT", "/exercises/cat-cow"])
def test_names_are_translated_and_instructions_stay_english(reader: TestClient, asked: str) -> None:
    answer = reader.get(asked, headers={"accept-language": "de-CH, en;q=0.5"})
    exercise, english = answer.json(), reader.get("/exercises/cat-cow").json()
    assert answer.headers["content-language"] == "de"
    assert exercise["name"] == "Katze-Kuh"
    assert exercise["translated_fields"] == ["lay_words", "name"]
    assert (exercise["language"], exercise["translated"]) == ("de", False)
    changed = {name for name in english if exercise[name] != english[name]}
    assert changed == {"name", "lay_words", "language", "translated", "translated_fields"}


@pytest.mark.parametrize("language", ["de", "es"])
def test_lists_are_in_the_order_of_the_names_that_are_shown(reader: TestClient, language: str) -> None:
    items = reader.get(f"/exercises?limit=200&language={language}").json()["items"]
    assert {item["language"] for item in items} == {language}
    names = [item["name"].casefold() for item in items]
    assert names == sorted(names)


def test_facets_count_under_all_other_filters(reader: TestClient) -> None:
    page = reader.get("/exercises?region=neck&kind=mobility&facets=kind,level,region&limit=200").json()
    assert page["matching"] == len(page["items"])
    alone = {
        kind: reader.get(f"/exercises?region=neck&kind={kind}&limit=200").json() for kind in page["facets"]["kind"]
    }
    assert page["facets"]["kind"] == {kind: len(found["items"]) for kind, found in alone.items()}
    assert sum(page["facets"]["level"].values()) == page["matching"]
    assert page["facets"]["region"]["neck"] == page["matching"]
    counts = list(page["facets"]["kind"].values())
    assert counts == sorted(counts, reverse=True)


def test_facets_count_what_the_words_found_and_what_was_chosen(reader: TestClient) -> None:
    page = reader.get("/exercises?q=hamstring&kind=breathing&facets=kind&facets=equipment").json()
    assert page["matching"] == len(page["items"])
    assert page["facets"]["kind"]["breathing"] == page["matching"]
    assert page["facets"]["kind"]["static_stretch"] > 3
    assert reader.get("/exercises").json()["facets"] == {}
    assert reader.get("/exercises").json()["matching"] is None
    refused = reader.get("/exercises?facets=kinds")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith("?facets")


@pytest.mark.parametrize(
    ("query", "pointer", "hint"),
    [
        ("region=midback", "?region", "mid_back"),
        ("region=mid_back&region=calfs", "?region", "calf"),
        ("muscle=rhomboid", "?muscle", "rhomboids"),
        ("equipment=chairs", "?equipment", "chair"),
        ("with_equipment=chairs", "?with_equipment", "chair"),
        ("avoid=l-flexion", "?avoid", "l-flex"),
        ("permitted_with=sciatic", "?permitted_with", "sciatica"),
        ("regoin=mid_back", "?regoin", "region"),
        ("sort=relevance", "?sort", "q"),
        ("sort=size", "?sort", "name"),
        ("kind=static", "?kind/0", "static_stretch"),
        ("limit=0", "?limit", "1"),
        ("limit=201", "?limit", "200"),
        ("cursor=x", "?cursor", "cursor"),
        ("q=" + "x" * 101, "?q", "100"),
        ("q=%00", "?q", "control"),
        ("updated_since=yesterday", "?updated_since", "RFC 3339"),
    ],
)
def test_what_is_not_known_is_refused_with_a_hint(reader: TestClient, query: str, pointer: str, hint: str) -> None:
    answer = reader.get(f"/exercises?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["pointer"] == pointer
    assert hint in error["detail"]


def test_a_cursor_belongs_to_its_list(reader: TestClient) -> None:
    cursor = reader.get("/exercises?limit=1").json()["next"]
    for other in ("region=back", "sort=-name", "q=neck"):
        answer = reader.get(f"/exercises?limit=1&{other}&cursor={cursor}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "?cursor"
    assert reader.get(f"/exercises?limit=9&cursor={cursor}").status_code == 200


def test_unknown_and_ill_formed_ids_are_not_found(reader: TestClient) -> None:
    for id_ in ("no-such-exercise", "x" * 200, "%00", "Standing"):
        answer = reader.get(f"/exercises/{id_}")
        assert answer.status_code == 404
        assert answer.json()["type"] == "/problems/not-found"
