"""The table for spreadsheets: restored exactly, harmless when opened, every fault with its line and column."""

import csv
import io
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from api.interop import cells, comma_separated
from api.interop.columns import COLUMNS
from api.interop.parsed import FileRefused
from schemas.exercises import ExerciseDefinition
from tests.interop.making import AWKWARD, MOST, plain, several, texts


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def rows(**said: str) -> bytes:
    """A table of two exercises, the second with other cells."""
    header, first, second = table(comma_separated.write([plain("own-a"), plain("own-b")]))
    for name, cell in said.items():
        second[header.index(name.replace("__", "."))] = cell
    made = io.StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows([header, first, second])
    return made.getvalue().encode()


def faults(content: bytes) -> list[str]:
    return [str(fault) for fault in comma_separated.read(content, MOST).faults]


def read(content: bytes) -> list[ExerciseDefinition]:
    parsed = comma_separated.read(content, MOST)
    assert parsed.faults == ()
    return [found.definition for found in parsed.found]


@settings(max_examples=60, deadline=None)
@given(several())
def test_what_is_written_is_read_and_written_the_same(definitions: list[ExerciseDefinition]) -> None:
    written = comma_separated.write(definitions)
    assert read(written) == sorted(definitions, key=lambda item: item.id)
    assert comma_separated.write(reversed(definitions)) == comma_separated.write(read(written)) == written


@settings(max_examples=60, deadline=None)
@given(several())
def test_no_cell_begins_like_a_formula(definitions: list[ExerciseDefinition]) -> None:
    for row in table(comma_separated.write(definitions)):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@given(texts(60))
def test_a_guarded_cell_is_restored(cell: str) -> None:
    assert cells.unguarded(cells.guarded(cell)) == cell


def test_an_apostrophe_that_somebody_typed_stays() -> None:
    assert cells.unguarded("'tis") == "'tis"
    assert cells.unguarded("'=1") == "=1"


@given(st.lists(texts(30, 1), max_size=5))
@example(list(AWKWARD))
def test_a_list_in_a_cell_is_restored(entries: list[str]) -> None:
    assert cells.parted(cells.joined(entries)) == entries


def test_a_list_is_readable_and_may_be_typed_without_spaces() -> None:
    assert cells.joined(["one", "two | three", "c:\\"]) == "one | two \\| three | c:\\\\"
    assert cells.parted("one|two  |  three ") == ["one", "two", "three"]


def test_every_field_has_its_column() -> None:
    assert {column.path[0] for column in COLUMNS} == set(ExerciseDefinition.model_fields)


def test_a_row_reads_as_people_would_write_it() -> None:
    header, row = table(comma_separated.write([plain(name="=Reach", steps=["Reach.", "Hold."])]))
    said = dict(zip(header, row, strict=True))
    assert said["name"] == "'=Reach"
    assert said["steps"] == "Reach. | Hold."
    assert said["regions"] == "mid_back:1.0 | neck:0.5"
    assert said["dosage.general.hold_seconds"] == "10 to 20"
    assert said["dosage.irritable.sets"] == ""
    assert said["properties_known"] == "true"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_line_ends_and_a_byte_order_mark_do_not_matter(mark: bytes, line_end: bytes) -> None:
    written = comma_separated.write([plain("own-a"), plain("own-b")]).removeprefix(b"\xef\xbb\xbf")
    assert read(mark + written.replace(b"\r\n", line_end)) == [plain("own-a"), plain("own-b")]


def test_columns_with_defaults_may_be_missing_and_blank_rows_are_passed_over() -> None:
    header, row = table(comma_separated.write([plain()]))
    kept = [place for place, name in enumerate(header) if row[place] and name != "licence"]
    lines = [",".join(f'"{source[place]}"' for place in kept) for source in (header, row)]
    content = f"{lines[0]}\n\n{lines[1]}\n{',' * (len(kept) - 1)}\n"
    assert read(content.encode()) == [plain()]


def test_ranges_may_be_typed_in_other_ways() -> None:
    parsed = read(rows(dosage__general__hold_seconds="10-20", dosage__general__repetitions="4"))
    dose = parsed[1].dosage["general"]  # type: ignore[index]
    assert (dose.hold_seconds, dose.repetitions) == ((10, 20), (4, 4))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"level": "high"}, "line 3: level: "),
        ({"level": ""}, "line 3: level: Field required"),
        ({"kind": "dance"}, "line 3: kind: "),
        ({"regions": "mid_back"}, "line 3: regions: an entry needs a colon"),
        ({"regions": "mid_back:0.5 | mid_back:1"}, "line 3: regions: a region stands twice"),
        ({"regions": "mid_back:nan"}, "line 3: regions: "),
        ({"steps": "One. || Two."}, "line 3: steps: an entry of the list is empty"),
        ({"steps": "One.\\"}, "line 3: steps: a backslash stands last"),
        ({"dosage__general__sets": "many"}, "line 3: dosage.general.sets: must be a range"),
        ({"dosage__general__sets": "3 to 1"}, "line 3: dosage.general: sets: the least is above the most"),
        ({"dosage__general__per_side": "perhaps"}, "line 3: dosage.general.per_side: "),
        ({"device__healthkit": "flexibility"}, "line 3: device.health_connect_segment: Field required"),
        ({"muscles__primary": ""}, "line 3: muscles.primary: "),
        ({"id": "own-a"}, "line 3: id: own-a stands in line 2 already"),
    ],
)
def test_a_fault_names_the_line_and_the_column(said: dict[str, str], fault: str) -> None:
    found = faults(rows(**said))
    assert len(found) == 1
    assert found[0].startswith(fault)


def test_the_line_is_where_the_row_begins_even_after_cells_of_many_lines() -> None:
    header, first, second = table(comma_separated.write([plain("own-a", setup="a\nb\r\nc"), plain("own-b")]))
    second[header.index("level")] = "9"
    made = io.StringIO(newline="")
    csv.writer(made).writerows([header, first, second])
    assert faults(made.getvalue().encode())[0].startswith("line 5: level: ")


def test_a_row_with_another_number_of_cells_is_a_fault() -> None:
    assert faults(rows().rstrip() + b",one more")[0].startswith("line 3: has ")
    assert faults(rows().rpartition(b",")[0])[0].startswith("line 3: has ")


def heading(change: Any) -> list[str]:
    header = [column.name for column in COLUMNS]
    return faults(",".join(change(header)).encode())


def test_wrong_columns_are_named() -> None:
    assert heading(lambda header: [*header, "colour"]) == ["line 1: colour: there is no such column"]
    assert heading(lambda header: [*header, "name"]) == ["line 1: name: stands twice"]
    assert heading(lambda header: header[1:]) == ["line 1: id: the column is missing"]
    assert heading(lambda header: header) == []


WRONG = {
    "empty": b"",
    "blank rows": b",,\n,,\n",
    "not UTF-8": b"id,name\n\xff,a\n",
    "another table": b"colour,size\nblue,3\n",
    "far too many columns": b"id" + b",a" * 100_000,
    "JSON": b'{"format": "limber-exercises", "version": 1}',
    "an open quote": rows()[:-3] + b',"open',
    "a stray quote": b'id,name\n"a"b,c\n',
    "a long row": comma_separated.write([plain(steps=["x" * 1200] * 200)]),
    "too many": comma_separated.write([]) + b"own-a\r\n" * (MOST + 1),
}


@pytest.mark.parametrize("content", WRONG.values(), ids=WRONG)
def test_a_wrong_file_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(FileRefused) as refused:
        comma_separated.read(content, MOST)
    assert str(refused.value).isprintable()
