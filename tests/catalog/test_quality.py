"""What editors are held to: each check finds its fault, with the line to mend, and leaves a sound folder alone."""

from pathlib import Path

import pytest

from data.catalog.quality import LEAST
from tests.catalog.editing import FIRST_FILE, SECOND, SECOND_FILE, SOUND, SUPPORTED, edited, finding, line_of, said_of
from tests.catalog.making import CONDITIONS, Folder, other

SHIPPED = Path(__file__).parents[2] / "data" / "catalog"
STEPS = SOUND[SOUND.index("steps = [") : SOUND.index("cues = ")]
DEVICE = SOUND[SOUND.index("[device]") : SOUND.index("[dosage")]
NO_SIDE = "the dose is per side, but no step speaks of a side; say when to change"
NO_REASON = "vert_fracture has neither a note here nor a reason of its own"
REVIEWED = 'reviewed_by = "A. Reader"\nreviewed_on = 2026-11-22'


def test_a_sound_folder_has_no_findings(folder: Folder) -> None:
    assert said_of(edited(folder)) == []


def test_the_catalogue_that_ships_has_no_findings() -> None:
    assert said_of(SHIPPED) == []


@pytest.mark.parametrize(
    ("old", "new", "marked", "fault"),
    [
        ('setup = "Stand with room around you and let your shoulders drop."\n', "", 'id = "', "setup: it is missing"),
        (
            'feel = "A broad pull between the shoulder blades."',
            'feel = "Pull."',
            "feel =",
            "shorter than 10 characters",
        ),
        ('breathing = "Breathe out as you reach."', 'breathing = "Yes"', "breathing =", "shorter than 5 characters"),
        (STEPS, f'steps = ["{"Reach forward. " * 12}"]\n', "steps =", "steps: it has 1 of at least 2"),
        ('["Imagine a barrel in your arms."]', "[]", "cues =", "cues: it has 0 of at least 1"),
        ('["Bending at the waist."]', "[]", "mistakes =", "mistakes: it has 0 of at least 1"),
        ('    "stiff upper back",\n', "", "lay_words =", "lay_words: it has 2 of at least 3"),
        (DEVICE, "", 'id = "', "device: it is missing"),
        ('source = "Usual practice"', 'source = " "', "source =", "source: it is missing"),
        ("level = 1", "level = 1\nproperties_known = false", "properties_known", "properties_known: it is false"),
        ('evidence = "expert_opinion"', 'evidence = "imported"', "evidence =", "evidence: imported is no grade"),
        ("mid_back = 1.0", "mid_back = 0.9", "[regions]", "regions: none has the weight 1.0"),
        ('position = "standing"', 'position = "unstated"', "position =", "position: it is unstated"),
        ('space = "spot"', 'space = "unstated"', "space =", "space: it is unstated"),
    ],
)
def test_what_is_missing_is_found(folder: Folder, old: str, new: str, marked: str, fault: str) -> None:
    first = other(old, new, SOUND)
    (said,) = said_of(edited(folder, first))
    assert said.startswith(finding(FIRST_FILE, first, marked, ""))
    assert fault in said


def test_an_exercise_without_movements_lacks_them_and_what_they_support(folder: Folder) -> None:
    first = other('movements = ["scapular protraction", "thoracic flexion"]', "movements = []", SOUND)
    said = "\n".join(said_of(edited(folder, first)))
    assert "movements: it has 0 of at least 1" in said
    assert "properties: t-flex, but movements has none of thoracic flexion, trunk flexion" in said


@pytest.mark.parametrize(
    ("movement", "supported"),
    [
        ("thoracic flexion", True),
        ("Isometric thoracic flexion", True),
        ("trunk-flexion", True),
        ("thoracic lateral flexion", False),
        ("thoracic extension", False),
    ],
)
def test_a_property_needs_a_joint_movement(folder: Folder, movement: str, supported: bool) -> None:
    first = other('"thoracic flexion"]', f'"{movement}"]', SOUND)
    said = said_of(edited(folder, first))
    if supported:
        assert said == []
        return
    (one,) = said
    assert one.startswith(finding(FIRST_FILE, first, '    "t-flex"', "properties: t-flex, but movements has none of"))


def test_a_property_that_is_no_joint_movement_needs_none(folder: Folder) -> None:
    first = other('"thoracic flexion"]', '"rib expansion"]', SOUND)
    assert said_of(edited(folder, first, properties=SUPPORTED.replace('supported_by = ["th', '# = ["th'))) == []


def test_the_hardest_level_needs_an_easier_variant(folder: Folder) -> None:
    first = other("level = 1", "level = 3", SOUND)
    (said,) = said_of(edited(folder, first))
    assert said == finding(FIRST_FILE, first, "level =", "level: 3, but no easier variant leads to it")
    eased = other("level = 3", 'level = 3\neasier = ["wall-lean"]', first)
    harder = other("level = 1", 'level = 1\nharder = ["mid-back-reach"]', SECOND)
    assert said_of(edited(folder, eased, harder)) == []


def test_variants_run_from_easy_to_hard(folder: Folder) -> None:
    first = other("level = 1", 'level = 1\neasier = ["wall-lean"]', SOUND)
    second = other("level = 1", 'level = 2\nharder = ["mid-back-reach"]', SECOND)
    assert said_of(edited(folder, first, second)) == [
        finding(FIRST_FILE, first, "easier =", "easier: wall-lean has level 2, this one 1"),
        finding(SECOND_FILE, second, "harder =", "harder: mid-back-reach has level 1, this one 2"),
    ]


@pytest.mark.parametrize(
    "step",
    [
        "Then swap sides and go through it again.",
        "Rest for a breath and change legs.",
        "Repeat all of this on the other side.",
        "Let go and do the same with your other arm.",
        "Breathe out and begin again on the opposite hip.",
    ],
)
def test_steps_that_change_sides_need_a_dose_per_side(folder: Folder, step: str) -> None:
    first = other("\n]\ncues", f'\n    "{step}",\n]\ncues', SOUND)
    (said,) = said_of(edited(folder, first))
    assert said.startswith(finding(FIRST_FILE, first, step, "steps: "))
    assert said.endswith("changes sides, but the dose is not per_side")
    sided = other("repetitions = [3, 5]", "repetitions = [3, 5]\nper_side = true", first)
    assert said_of(edited(folder, sided)) == []


@pytest.mark.parametrize(
    "step",
    [
        "Rest the right hand on the other, palms up.",
        "Circle five times, then change direction.",
        "Roll to the left and back; one roll to each side counts as one.",
        "Lift one knee and then the other, as if marching.",
        "Swap the upper hand next time you do it.",
    ],
)
def test_steps_that_use_both_sides_at_once_need_none(folder: Folder, step: str) -> None:
    assert said_of(edited(folder, other("\n]\ncues", f'\n    "{step}",\n]\ncues', SOUND))) == []


def test_a_dose_per_side_needs_steps_that_speak_of_a_side(folder: Folder) -> None:
    first = other("repetitions = [3, 5]", "repetitions = [3, 5]\nper_side = true", SOUND)
    assert said_of(edited(folder, first)) == [finding(FIRST_FILE, first, "steps =", f"steps: {NO_SIDE}")]
    assert said_of(edited(folder, other("Stay for fifteen quiet", "Bend to the left for fifteen quiet", first))) == []


def test_all_doses_agree_on_the_sides(folder: Folder) -> None:
    gentle = "[dosage.irritable]\nrepetitions = [2, 3]\nper_side = true\n\n[[contra"
    first = other("[[contra", gentle, SOUND)
    assert said_of(edited(folder, first)) == [
        finding(FIRST_FILE, first, "[dosage.general]", "dosage: per_side differs between the doses")
    ]


def test_a_contraindication_has_a_reason_to_show(folder: Folder) -> None:
    first = other("Not after a fracture of the spine.", " ", SOUND)
    assert said_of(edited(folder, first)) == []
    wordless = CONDITIONS.replace('because = "No bending."', 'because = " "')
    assert said_of(edited(folder, first, conditions=wordless)) == [
        finding(FIRST_FILE, first, "contraindicated_with", f"contraindicated_with: {NO_REASON}")
    ]
    assert said_of(edited(folder, conditions=wordless)) == []


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("Imagine a barrel in your arms.", "Slowly.", "cues"),
        ("Bending at the waist.", "Bouncing.", "mistakes"),
        ("Stay for fifteen quiet seconds, then open your hands and stand up straight.", "Hold and relax.", "steps"),
    ],
)
def test_an_entry_that_says_nothing_is_found(folder: Folder, old: str, new: str, field: str) -> None:
    first = other(old, new, SOUND)
    (said,) = said_of(edited(folder, first))
    assert said.startswith(finding(FIRST_FILE, first, new, f"{field}: '{new}' says too little"))


def test_steps_that_nobody_could_follow_are_found(folder: Folder) -> None:
    short = 'steps = ["Clasp your hands in front of you.", "Reach forward until it pulls."]\n'
    (said,) = said_of(edited(folder, other(STEPS, short, SOUND)))
    assert f"under {LEAST.all_steps}" in said


def test_repeated_summaries_and_cues_are_found_at_the_later_one(folder: Folder) -> None:
    second = other("Leaning on a wall wakes the muscles that hold the ribs up.", SUMMARY.upper(), SECOND)
    second = other("Grow wide across the back.", "Imagine a barrel in your arms!", second)
    summary, cue = said_of(edited(folder, second=second))
    assert summary.startswith(finding(SECOND_FILE, second, "summary =", "summary: it is that of mid-back-reach"))
    assert cue.startswith(finding(SECOND_FILE, second, "barrel", "cues: "))


SUMMARY = "A standing stretch for the middle of the back."
COPY = (
    SOUND.replace('id = "mid-back-reach"', 'id = "wall-lean"')
    .replace(SUMMARY, "Much the same as another one, told once more.")
    .replace("Imagine a barrel in your arms.", "Think of holding a large ball.")
)


def test_a_text_that_is_mostly_anothers_is_found_unless_they_are_variants(folder: Folder) -> None:
    (said,) = said_of(edited(folder, second=COPY))
    assert said.startswith(finding(SECOND_FILE, COPY, "steps =", "steps: "))
    assert "% of the text is that of mid-back-reach" in said
    first = other("level = 1", 'level = 1\nharder = ["wall-lean"]', SOUND)
    second = other("level = 1", 'level = 1\neasier = ["mid-back-reach"]', COPY)
    assert said_of(edited(folder, first, second)) == []


@pytest.mark.parametrize(
    ("review", "fault"),
    [
        ('reviewed_by = "A. Reader"', "reviewed_by: the day of the review, reviewed_on, is missing"),
        (REVIEWED, "reviewed_by: reviewed_text is missing, so it is void"),
        (f'{REVIEWED}\nreviewed_text = "{"0" * 64}"', "reviewed_text: the review by A. Reader is void"),
        ("reviewed_on = 2026-11-22", "reviewed_on: a review without a name"),
        (f'reviewed_text = "{"0" * 64}"', "reviewed_text: a review without a name"),
    ],
)
def test_a_void_review_is_found(folder: Folder, review: str, fault: str) -> None:
    first = other('reviewed_by = "" # nobody yet', review, SOUND)
    said = said_of(edited(folder, first))
    shown = finding(FIRST_FILE, first, f"{fault.partition(':')[0]} =", fault)
    assert any(one.startswith(shown) for one in said)


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ('    "t-flex",', '    "t-bend",', "t-bend"),
        ("mid_back = 1.0", "mid_bak = 1.0", "mid_bak"),
        ('causes = ["rowing"]', 'causes = ["rowin"]', "rowin"),
        ('conditions = ["fibromyalgia"]', 'conditions = ["vert_fracture"]', 'conditions = ["'),
        ("level = 1", "level = 7", "level ="),
    ],
)
def test_findings_of_the_reading_and_the_cross_check_have_their_line(
    folder: Folder, old: str, new: str, marked: str
) -> None:
    first = other(old, new, SOUND).replace('contraindicated_with = ["vert_fracture"]\n', "")
    first = first[: first.index("\n[[contraindication_notes]]")]
    said = said_of(edited(folder, first))
    assert any(one.startswith(finding(FIRST_FILE, first, marked, "")) for one in said)


def test_findings_stand_in_the_order_of_their_places(folder: Folder) -> None:
    first = other('feel = "A broad pull between the shoulder blades."', 'feel = "Pull."', SOUND)
    first = other('source = "Usual practice"', 'source = " "', other("# Read by an editor.\n", "", first))
    second = other('position = "standing"', 'position = "unstated"', SECOND)
    places = [one.partition(": ")[0] for one in said_of(edited(folder, first, second))]
    lines = [line_of(first, "feel ="), line_of(first, "source =")]
    assert lines == sorted(lines)
    assert places == [*(f"{FIRST_FILE}:{line}" for line in lines), f"{SECOND_FILE}:{line_of(second, 'position =')}"]


def test_a_folder_that_is_not_there_or_holds_nothing_is_not_sound(tmp_path: Path) -> None:
    assert said_of(tmp_path) == [f"{tmp_path.name}: it holds no exercise"]
    assert said_of(tmp_path / "missing") == ["missing: there is no such folder"]
