"""Reviews through the command line: written, void when a word changes, and all or nothing."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.__main__ import cli
from data.catalog.reviews import NOT_THE_TEXT, is_reviewed, text_digest
from schemas.exercises import ExerciseDefinition
from tests.catalog.editing import FIRST_FILE, SECOND, SECOND_FILE, SOUND, edited, finding
from tests.catalog.making import Folder, other

DAY = "2026-11-20"


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["catalog", *arguments, "--folder", str(folder)])


def reviewed(folder: Path, *ids: str, by: str = "A. Reader", on: str = DAY) -> Result:
    return run(folder, "review", "--by", by, "--on", on, *ids)


def definition(text: str) -> ExerciseDefinition:
    return ExerciseDefinition.model_validate(tomllib.loads(text))


def texts(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_review_is_written_and_the_rest_of_the_file_stays(folder: Folder) -> None:
    made = edited(folder)
    result = reviewed(made, "mid-back-reach", "wall-lean", "mid-back-reach")
    assert (result.exit_code, result.stdout) == (
        0,
        f"{FIRST_FILE}: reviewed by A. Reader on {DAY}\n{SECOND_FILE}: reviewed by A. Reader on {DAY}\n",
    )
    for file, text in ((FIRST_FILE, SOUND), (SECOND_FILE, SECOND)):
        written = (made / file).read_text()
        assert is_reviewed(definition(written))
        assert definition(written).reviewed_on == date.fromisoformat(DAY)
        assert text_digest(definition(written)) == text_digest(definition(text))
        added = [line for line in written.splitlines() if line not in text.splitlines()]
        assert [line.split(" = ")[0] for line in added if line] == ["reviewed_by", "reviewed_on", "reviewed_text"]
        assert [line for line in text.splitlines() if line not in written.splitlines()] in (
            [],
            ['reviewed_by = "" # nobody yet'],
        )
    assert 'reviewed_by = "A. Reader" # nobody yet' in (made / FIRST_FILE).read_text()
    assert not [name for name in texts(made) if not name.endswith(".toml")]
    checked = run(made, "check")
    assert (checked.exit_code, checked.stdout) == (0, "2 exercises, no findings\n")


def test_one_changed_word_makes_a_review_void_and_a_new_one_mends_it(folder: Folder) -> None:
    made = edited(folder)
    reviewed(made, "mid-back-reach")
    file = made / FIRST_FILE
    file.write_text(other("a barrel", "a drum", file.read_text()))
    assert not is_reviewed(definition(file.read_text()))
    checked = run(made, "check")
    void = "reviewed_text: the review by A. Reader is void: the text has changed since"
    shown = finding(FIRST_FILE, file.read_text(), "reviewed_text =", void)
    assert (checked.exit_code, checked.stdout) == (1, f"{shown}\n2 exercises, 1 finding\n")
    assert reviewed(made, "mid-back-reach", by="B. Reader").exit_code == 0
    assert definition(file.read_text()).reviewed_by == "B. Reader"
    assert run(made, "check").exit_code == 0


@pytest.mark.parametrize(
    ("ids", "by", "on", "reason"),
    [
        (["wall-lean", "wall-leen"], "A. Reader", DAY, "there is no exercise wall-leen"),
        (["wall-lean"], "  ", DAY, "a review needs the name of the person"),
        (["wall-lean"], "A" * 121, DAY, "the review cannot be written"),
        (["wall-lean"], "A\x07Reader", DAY, "the review cannot be written"),
        (
            ["wall-lean"],
            "A. Reader",
            (datetime.now(UTC) + timedelta(days=2)).date().isoformat(),
            "a review cannot be of a day to come",
        ),
        (["wall-lean", "mid-back-reach"], "A. Reader", DAY, f"{FIRST_FILE}: it has findings"),
    ],
)
def test_all_or_nothing(folder: Folder, ids: list[str], by: str, on: str, reason: str) -> None:
    made = edited(folder, other("Imagine a barrel in your arms.", "Slowly.", SOUND))
    before = texts(made)
    result = reviewed(made, *ids, by=by, on=on)
    assert result.exit_code == 1
    assert result.stderr.startswith("limber: ")
    assert reason in result.stderr
    assert result.stdout == ""
    assert texts(made) == before


def test_nothing_is_reviewed_in_a_catalogue_that_cannot_be_read(folder: Folder) -> None:
    made = edited(folder, conditions="[[condition]\n")
    before = texts(made)
    result = reviewed(made, "wall-lean")
    assert result.exit_code == 1
    assert "the catalogue cannot be read" in result.stderr
    assert "conditions.toml: not valid TOML" in result.stdout
    assert texts(made) == before


def test_files_that_cannot_be_written_stay_as_they_are(folder: Folder) -> None:
    made = edited(folder)
    before = texts(made)
    (made / f"{SECOND_FILE}.new").mkdir()
    result = reviewed(made, "mid-back-reach", "wall-lean")
    assert result.exit_code == 1
    assert "the files cannot be written" in result.stderr
    assert texts(made) == before


def test_a_day_that_is_no_date_is_refused(folder: Folder) -> None:
    assert reviewed(edited(folder), "wall-lean", on="20 November").exit_code == 2


def test_the_digest_is_of_the_text_and_not_of_its_review() -> None:
    written = definition(SOUND)
    assert len(text_digest(written)) == 64
    for field, value in {
        "reviewed_by": "A. Reader",
        "reviewed_on": date(2026, 11, 1),
        "reviewed_text": "x",
        "revised_on": date(2026, 11, 1),
    }.items():
        assert field in NOT_THE_TEXT
        assert text_digest(written.model_copy(update={field: value})) == text_digest(written)
    for field, value in {
        "level": 2,
        "cues": ["Another cue."],
        "properties_known": False,
        "cautioned_with": ["x"],
    }.items():
        assert text_digest(written.model_copy(update={field: value})) != text_digest(written)


def test_a_review_needs_name_day_and_this_very_text() -> None:
    whole = {
        "reviewed_by": "A. Reader",
        "reviewed_on": date(2026, 11, 1),
        "reviewed_text": text_digest(definition(SOUND)),
    }
    assert is_reviewed(definition(SOUND).model_copy(update=whole))
    for field, value in {"reviewed_by": " ", "reviewed_on": None, "reviewed_text": ""}.items():
        assert not is_reviewed(definition(SOUND).model_copy(update={**whole, field: value}))
