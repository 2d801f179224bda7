"""Records of another database become exercises by tables; what they do not say is never guessed."""

import json
from collections import Counter
from typing import Any

import pytest

from api.interop import free_exercise_db
from api.interop.parsed import FileRefused, Parsed
from data.catalog import import_tables
from data.catalog.checks import Index, own_findings
from data.catalog.documents import CatalogDocument
from schemas.catalog import Tuning
from schemas.exercises import ExerciseDefinition
from schemas.vocabulary import Audience, Evidence, Kind, Position, Space
from tests.interop.making import MOST, record

TABLES = import_tables.read()


def read(*records: Any) -> Parsed:
    return free_exercise_db.read(json.dumps(records).encode(), TABLES, MOST)


def one(**said: Any) -> ExerciseDefinition:
    parsed = read(record("Made_Up_Stretch", **said))
    assert [item.reason for item in parsed.left_out] == []
    assert len(parsed.found) == 1
    return parsed.found[0].definition


def reason(**said: Any) -> str:
    parsed = read(record("Made_Up_Stretch", **said))
    assert len(parsed.left_out) == 1
    assert parsed.left_out[0].place == "record 1 (line 1)"
    assert parsed.left_out[0].record == "Made_Up_Stretch"
    return parsed.left_out[0].reason


def test_a_held_stretch_says_what_the_record_says_and_no_more() -> None:
    made = one(
        id="3_4_Reach-Over (Left)",
        level="intermediate",
        equipment="exercise ball",
        primaryMuscles=["hamstrings"],
        secondaryMuscles=["calves", "hamstrings", "lower back"],
    )
    assert made.id == "own-fedb-3-4-reach-over-left"
    assert (made.name, made.kind, made.level) == ("Made Up Stretch", Kind.STATIC_STRETCH, 2)
    assert made.steps == ["Bend a little until you feel a pull.", "Hold it."]
    assert made.regions == {"hamstring": 1.0, "calf": 0.5, "low_back": 0.5}
    assert made.muscles.primary == ["hamstrings"]
    assert made.muscles.secondary == ["gastrocnemius", "soleus", "lumbar_erectors"]
    assert made.equipment == ["exercise_ball"]
    assert (made.position, made.space) == (Position.UNSTATED, Space.UNSTATED)
    assert (made.properties, made.properties_known) == ([], False)
    assert (made.evidence, made.reviewed_by, made.licence) == (Evidence.IMPORTED, "", "Unlicense")
    assert "record 3_4_Reach-Over (Left)" in made.source
    assert "public domain" in made.source
    assert TABLES.doses["static_stretch"].source in made.source
    assert made.dosage[Audience.GENERAL].hold_seconds == (10, 30)
    assert made.dosage[Audience.OLDER_ADULT].hold_seconds == (30, 60)
    assert "chest_symptoms" in made.stop_if
    assert "hamstrings" in made.summary
    assert "nobody here has reviewed it" in made.summary


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"equipment": "foam roll"}, Kind.SELF_MASSAGE),
        ({"name": "Made-Up-SMR"}, Kind.SELF_MASSAGE),
        ({"category": "strength", "force": "push"}, Kind.STRENGTH),
        ({"category": "strength", "force": None}, Kind.STRENGTH),
        ({"category": "strength", "force": "static"}, Kind.ISOMETRIC),
        ({"category": "powerlifting", "force": "pull", "equipment": "bands"}, Kind.STRENGTH),
        ({"category": "plyometrics", "force": None}, Kind.STRENGTH),
        ({"category": "cardio", "force": None, "equipment": None}, Kind.DYNAMIC),
    ],
)
def test_the_kind_follows_from_category_force_and_equipment(said: dict[str, Any], kind: Kind) -> None:
    assert one(**said).kind is kind


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"instructions": []}, "no instructions"),
        ({"instructions": ["", "  "]}, "no instructions"),
        ({"level": "heroic"}, "unmapped level: heroic"),
        ({"equipment": "trampoline"}, "unmapped equipment: trampoline"),
        ({"equipment": "other"}, "unmapped equipment: other"),
        ({"category": "stretching", "force": "pull"}, "undecided kind: stretching with a force other than static"),
        ({"category": "stretching", "force": None}, "undecided kind: stretching with a force other than static"),
        ({"category": "dance"}, "unmapped category: dance with force static"),
        ({"category": "strength", "force": "pull", "name": "Isometric Row"}, "undecided kind: its name says isometric"),
        ({"primaryMuscles": ["tail"]}, "unmapped muscle: tail"),
        ({"primaryMuscles": []}, "no primary muscle"),
        ({"instructions": ["Have a Partner push."]}, "its text names what has no counterpart here: partner"),
        ({"name": "x" * 81}, "it does not fit: name: "),
        ({"instructions": ["x" * 1201]}, "it does not fit: steps.0: "),
        ({"id": "?!"}, "it does not fit: id: "),
    ],
)
def test_what_cannot_be_decided_is_left_out_with_its_reason(said: dict[str, Any], expected: str) -> None:
    if "id" in said:
        assert read(record("?!")).left_out[0].reason.startswith(expected)
    else:
        assert reason(**said).startswith(expected)


def test_a_thing_that_the_record_lists_may_be_named_in_its_text() -> None:
    assert one(equipment="bands", instructions=["Pull the band."], category="strength", force="pull").equipment == [
        "band"
    ]


def test_a_thing_that_only_the_text_names_is_needed_too() -> None:
    assert one(instructions=["Sit on two chairs and hold a towel."]).equipment == ["chair", "towel"]
    press = one(equipment="barbell", instructions=["Lie on a bench under the bar."], category="strength", force="push")
    assert press.equipment == ["barbell", "bench"]


def test_words_that_only_look_like_a_thing_are_no_thing() -> None:
    assert one(instructions=["Stay tall, bend as far as you can, and step back."])


def test_an_id_that_becomes_one_that_is_taken_is_left_out() -> None:
    parsed = read(record("Side_Bend"), record("Side-Bend"))
    assert [found.definition.id for found in parsed.found] == ["own-fedb-side-bend"]
    assert parsed.left_out[0].reason == "its id becomes the one of record 1 (line 1)"


def test_the_same_file_always_becomes_the_same_exercises() -> None:
    records = [record("A_Stretch"), record("B_Press", category="strength", force="push")]
    assert read(*records) == read(*[dict(reversed(each.items())) for each in records])


def test_only_stretches_and_rolling_reach_what_is_offered_for_pain(documents: list[CatalogDocument]) -> None:
    tuning = next(item.document for item in documents if isinstance(item.document, Tuning))
    aimed = {Kind.STATIC_STRETCH, Kind.SELF_MASSAGE}
    for rule in TABLES.kind_rules:
        if rule.kind is not None:
            relief = TABLES.reliefs[rule.relief or ""]
            assert (relief.primary >= tuning.values["region_fit_least"]) is (rule.kind in aimed)
            assert relief.secondary <= relief.primary


def test_the_tables_name_only_what_the_catalogue_has(documents: list[CatalogDocument]) -> None:
    index = Index(documents, None)
    muscles = [muscle for group in TABLES.muscle_groups.values() for muscle in group.muscles]
    regions = {region for group in TABLES.muscle_groups.values() for region in group.regions}
    equipment = [thing for things in TABLES.equipment.values() for thing in things]
    named = [thing.equipment for thing in TABLES.things if thing.equipment is not None]
    assert list(index.unknown("muscle", muscles, "")) == []
    assert list(index.unknown("equipment", [*equipment, *named], "")) == []
    assert list(index.unknown("stop_rule", TABLES.stop_if, "")) == []
    assert regions <= set(index.leaves)


def test_what_is_made_is_sound_for_the_catalogue(documents: list[CatalogDocument]) -> None:
    index = Index(documents, None)
    muscles = [*TABLES.muscle_groups]
    parsed = read(
        *(record(f"Stretch_{place}", primaryMuscles=[muscle]) for place, muscle in enumerate(muscles)),
        record("Everything", primaryMuscles=muscles[:1], secondaryMuscles=muscles[1:]),
    )
    assert parsed.left_out == ()
    assert [own_findings(found.definition, index) for found in parsed.found] == [[]] * len(parsed.found)


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (1, ""),
        (None, ""),
        ([], ""),
        ({}, "id"),
        (record("A", name=1), "name"),
        (record("A", instructions="Bend."), "instructions"),
        (record("A", instructions=[1]), "instructions.0"),
        (record("A", primaryMuscles=None), "primaryMuscles"),
        (record("A", force=1), "force"),
    ],
)
def test_a_record_of_the_wrong_shape_is_a_fault(value: Any, field: str) -> None:
    parsed = read(record("Sound"), value)
    assert parsed.faults
    assert (parsed.faults[0].place, parsed.faults[0].field) == ("record 2 (line 1)", field)


def test_fields_that_are_not_used_may_come_and_go() -> None:
    plain = record("A_Stretch")
    fewer = {name: value for name, value in plain.items() if name not in {"images", "mechanic"}}
    assert read(plain) == read({**plain, "video": 3, "steps": None}) == Parsed(read(fewer).found)


def test_reasons_can_be_counted() -> None:
    parsed = read(*(record(f"Press_{number}", equipment="trampoline") for number in range(3)), record("A_Stretch"))
    assert Counter(item.reason for item in parsed.left_out) == {"unmapped equipment: trampoline": 3}
    assert parsed.records == 4


WRONG = {
    "empty": b"",
    "an object": b"{}",
    "truncated": json.dumps([record("A")]).encode()[:-10],
    "nested deeply": b"[" * 100_000,
    "too many": json.dumps([{}] * (MOST + 1)).encode(),
    "not UTF-8": b'["\xff"]',
    "more after the end": b"[] []",
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        free_exercise_db.read(content, TABLES, MOST)
    assert str(refused.value).isprintable()
