"""The house's own file: the same exercises are the same bytes, and every fault is named with its record and line."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from api.interop import limber
from api.interop.parsed import FileRefused
from schemas.exercises import ExerciseDefinition
from tests.interop.making import MOST, plain, several


def document(**said: Any) -> dict[str, Any]:
    return {**json.loads(limber.write([plain("own-a"), plain("own-b")])), **said}


def faults(content: bytes) -> list[str]:
    return [str(fault) for fault in limber.read(content, MOST).faults]


def changed(**said: Any) -> list[str]:
    """The faults of a document whose second exercise has other fields; `None` takes one away."""
    whole = document()
    whole["exercises"][1] |= said
    whole["exercises"][1] = {name: value for name, value in whole["exercises"][1].items() if value is not None}
    return faults(json.dumps(whole, indent=1).encode())


@settings(max_examples=60, deadline=None)
@given(several())
def test_what_is_written_is_read_and_written_the_same(definitions: list[ExerciseDefinition]) -> None:
    written = limber.write(definitions)
    parsed = limber.read(written, MOST)
    assert parsed.faults == ()
    assert [found.definition for found in parsed.found] == sorted(definitions, key=lambda item: item.id)
    assert limber.write(found.definition for found in parsed.found) == written
    assert limber.write(reversed(definitions)) == written


def test_neither_the_order_of_keys_nor_the_layout_matters() -> None:
    whole = document()
    turned = {name: whole[name] for name in reversed(whole)}
    turned["exercises"] = [dict(reversed(exercise.items())) for exercise in whole["exercises"]]
    content = b"\xef\xbb\xbf" + json.dumps(turned).replace(": ", ":\r\n").encode()
    assert limber.write(found.definition for found in limber.read(content, MOST).found) == limber.write(
        [plain("own-a"), plain("own-b")]
    )


def test_it_ends_with_a_line_end_and_says_what_it_is() -> None:
    written = limber.write([])
    assert json.loads(written) == {"format": "limber-exercises", "version": 1, "exercises": []}
    assert written.endswith(b"}\n")
    assert limber.read(written, MOST).records == 0


def test_a_fault_names_the_record_the_line_and_the_field() -> None:
    written = limber.write([plain("own-a"), plain("own-b")]).decode()
    lines = written.splitlines()
    second = [number for number, line in enumerate(lines, start=1) if line == "    {"][1]
    found = faults(written.replace('"id": "own-b"', '"id": "own b"').encode())
    assert len(found) == 1
    assert found[0].startswith(f"record 2 (line {second}): id: ")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"level": "1"}, "level"),
        ({"level": 1.5}, "level"),
        ({"level": True}, "level"),
        ({"properties_known": 1}, "properties_known"),
        ({"steps": "Reach."}, "steps"),
        ({"steps": [1]}, "steps.0"),
        ({"regions": []}, "regions"),
        ({"regions": {"mid_back": "much"}}, "regions.mid_back"),
        ({"kind": "dance"}, "kind"),
        ({"dosage": {"general": {"repetitions": [5, 3]}}}, "dosage.general"),
        ({"dosage": {"irritable": {"repetitions": [3, 5]}}}, ""),
        ({"revised_on": "yesterday"}, "revised_on"),
        ({"colour": "blue"}, "colour"),
        ({"name": None}, "name"),
        ({"name": "a\u0007"}, "name"),
    ],
)
def test_wrong_fields_are_named(said: dict[str, Any], field: str) -> None:
    found = changed(**said)
    assert found
    assert all(fault.startswith("record 2 (line ") for fault in found)
    assert any(f"): {field}: " in fault if field else "dosage.general is missing" in fault for fault in found)


def test_all_faults_are_told_at_once() -> None:
    assert len(changed(level=9, kind="dance", colour="blue")) == 3


def test_a_record_with_hundreds_of_faults_is_named_once() -> None:
    assert len(changed(**{f"colour_{number}": 1 for number in range(300)})) == 1


def test_an_id_that_stands_twice_is_a_fault() -> None:
    whole = document()
    whole["exercises"].append(whole["exercises"][0])
    found = faults(json.dumps(whole).encode())
    assert found == ["record 3 (line 1): id: own-a stands in record 1 (line 1) already"]


def test_a_key_that_stands_twice_is_a_fault() -> None:
    text = json.dumps(document()).replace('"level": 1', '"level": 1, "level": 3', 1)
    assert faults(text.encode()) == ["record 1 (line 1): level: stands twice"]


def test_names_from_the_file_cannot_act_on_a_terminal() -> None:
    found = changed(**{"\x1b[2J" + "x" * 500: 1})
    assert len(found) == 1
    assert found[0].isprintable()
    assert len(found[0]) < 200
    assert changed(**{"\ud800": 1})[0].isprintable()


WRONG = {
    "empty": b"",
    "blank": b" \n",
    "not UTF-8": b'{"format": "\xff"}',
    "UTF-16": '{"format": 1}'.encode("utf-16"),
    "not JSON": b"hello",
    "truncated": limber.write([plain()])[:-40],
    "an array": b"[]",
    "a number": b"1",
    "an empty object": b"{}",
    "another format": json.dumps(document(format="other")).encode(),
    "another version": json.dumps(document(version=2)).encode(),
    "true for a version": json.dumps(document(version=True)).encode(),
    "an object for exercises": json.dumps(document(exercises={})).encode(),
    "null for exercises": json.dumps(document(exercises=None)).encode(),
    "an unknown field": json.dumps(document(more=1)).encode(),
    "something after the end": json.dumps(document()).encode() + b"{}",
    "nested deeply": b'{"exercises": [' + b"[" * 100_000,
    "a long number": b'{"version": ' + b"1" * 5000 + b"}",
    "no number": b'{"version": NaN}',
    "no colon": b'{"format" "limber-exercises"}',
    "a field twice": b'{"format": "limber-exercises", "format": 1}',
    "a long record": limber.write([plain(steps=["x" * 1200] * 700)]),
    "too many": json.dumps(document(exercises=[{}] * (MOST + 1))).encode(),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        limber.read(content, MOST)
    assert str(refused.value).isprintable()
    assert 5 < len(str(refused.value)) < 200


@pytest.mark.parametrize("value", ["null", "1", '"a"', "[]", "[[]]"])
def test_a_record_that_is_no_object_is_a_fault(value: str) -> None:
    content = f'{{"format": "limber-exercises", "version": 1, "exercises": [\n{value}]}}'
    assert faults(content.encode()) == ["record 1 (line 2): must be an object"]
