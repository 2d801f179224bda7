"""The loader on small folders: each fault gives its finding, and nothing depends on the order of files."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from data.catalog.documents import KINDS
from data.catalog.loader import CatalogError, assemble, cross_check, dump, parse, read_files
from schemas.exercises import ExerciseDefinition
from schemas.lexicon import Concept

REGIONS = """
[[region]]
id = "back"
name = "Back"

[[region]]
id = "mid_back"
parent = "back"
name = "Mid back"
muscles = ["rhomboids"]
ask_first = ["trauma"]
"""
MUSCLES = '[[muscle]]\nid = "rhomboids"\nname = "Rhomboids"\nregions = ["mid_back"]\n'
EQUIPMENT = '[[equipment]]\nid = "mat"\nname = "Mat"\n'
CAUSES = '[[cause]]\nid = "rowing"\nname = "Rowing machine"\nregions = { mid_back = 1.0 }\nmechanical = true\n'
STOP_RULES = '[[stop_rule]]\nid = "sharp_pain"\ntext = "Stop if it turns sharp."\n'
PROPERTIES = """
[[property]]
id = "sc-prot"
name = "Shoulder blades apart"
phrase = "draws the shoulder blades apart"

[[property]]
id = "t-flex"
name = "Upper back rounding"
phrase = "rounds the upper back"

[[property]]
id = "static"
name = "Static stretch"
phrase = "holds a stretch without moving"
derived = true
"""
CONDITIONS = """
[[condition]]
id = "vert_fracture"
name = "Vertebral fracture"
forbid = ["t-flex"]
because = "No bending."
source = "Usual practice"

[[condition]]
id = "fragile_spine"
name = "Fragile spine"
unites = ["vert_fracture"]
because = "No bending."
source = "Usual practice"

[[condition]]
id = "strain"
name = "Strain"
regions = ["mid_back"]
scoped = true
forbid = ["static+mid_back"]
because = "No stretching."
source = "Usual practice"

[[condition]]
id = "fibromyalgia"
name = "Fibromyalgia"
favour = ["sc-prot"]
because = "Gentle work."
source = "Usual practice"
"""
TUNING = 'source = "Usual practice"\n[values]\npain_most = 5\n[texts]\nfallback = "Call."\n'
NUMBERS = '[[numbers]]\ncountry = "ZZ"\nemergency = "112"\nsource = "ITU"\n'
EXERCISE = """
id = "mid-back-reach"
name = "Mid-Back Reach"
summary = "A standing stretch for the middle of the back."
setup = "Stand with room around you."
steps = ["Clasp the hands in front of you.", "Reach forward."]
cues = ["Slowly."]
mistakes = ["Bouncing."]
feel = "A pull between the shoulder blades."
breathing = "Breathe out."
stop_if = ["sharp_pain"]
kind = "static_stretch"
movements = ["scapular protraction"]
position = "standing"
space = "spot"
level = 1
properties = ["sc-prot", "t-flex"]
causes = ["rowing"]
conditions = ["fibromyalgia"]
evidence = "expert_opinion"
source = "Usual practice"
revised_on = 2026-11-22

[regions]
mid_back = 1.0

[muscles]
primary = ["rhomboids"]

[device]
healthkit = "flexibility"
health_connect_segment = "stretching"

[dosage.general]
hold_seconds = [10, 20]
repetitions = [3, 5]
"""
FILES = {
    "regions.toml": REGIONS,
    "muscles.toml": MUSCLES,
    "equipment.toml": EQUIPMENT,
    "causes.toml": CAUSES,
    "stop_rules.toml": STOP_RULES,
    "properties.toml": PROPERTIES,
    "conditions.toml": CONDITIONS,
    "tuning.toml": TUNING,
    "emergency_numbers.toml": NUMBERS,
    "exercises/mid-back-reach.toml": EXERCISE,
}
CONCEPT = '[[concept]]\nid = "stiff"\nkind = "quality"\nphrases = ["stiff"]\n'

Folder = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a maker of a sound little catalogue in which some files are others."""

    def make(**changes: str) -> Path:
        for name, content in {**FILES, **{key.replace("__", "/"): text for key, text in changes.items()}}.items():
            path = tmp_path / (name if name.endswith(".toml") else f"{name}.toml")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return tmp_path

    return make


def findings_of(folder: Path) -> str:
    with pytest.raises(CatalogError) as caught:
        read_files(folder)
    assert str(caught.value) == "\n".join(caught.value.findings)
    return str(caught.value)


def other(old: str, new: str, text: str = EXERCISE) -> str:
    assert old in text
    return text.replace(old, new)


def test_a_sound_folder_has_every_document_with_its_line(folder: Folder) -> None:
    found = {(d.kind, d.id): d for d in read_files(folder())}
    assert found["region", "mid_back"].line == 6
    assert found["region", "mid_back"].place.endswith("regions.toml:6: region mid_back")
    assert found["exercise", "mid-back-reach"].path.name == "mid-back-reach.toml"
    assert ("numbers", "ZZ") in found
    assert ("tuning", "tuning") in found


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('causes = ["rowing"]', 'causes = ["rowin"]', "there is no cause rowin"),
        ('primary = ["rhomboids"]', 'primary = ["rhombus"]', "there is no muscle rhombus"),
        ("mid_back = 1.0", "mid_bak = 1.0", "there is no region mid_bak"),
        ("mid_back = 1.0", "mid_back = 1.0\nback = 0.5", "back has parts"),
        ('stop_if = ["sharp_pain"]', 'stop_if = ["pain"]', "there is no stop_rule pain"),
        ("level = 1", 'level = 1\nequipment = ["rug"]', "there is no equipment rug"),
        ("level = 1", 'level = 1\nequipment_optional = ["rug"]', "there is no equipment rug"),
        ('"t-flex"]', '"t-bend"]', "there is no property t-bend"),
        ('"t-flex"]', '"static"]', "static is derived from kind and position"),
        ('["fibromyalgia"]', '["fibro"]', "there is no condition fibro"),
        ('["fibromyalgia"]', '["vert_fracture"]', "claims to suit vert_fracture, but the rule of vert_fracture"),
        ('["fibromyalgia"]', '["fragile_spine"]', "claims to suit fragile_spine, but the rule of vert_fracture"),
        ("level = 1", 'level = 1\ncontraindicated_with = ["gout"]', "contraindicated_with: there is no condition gout"),
        ("level = 1", 'level = 1\ncautioned_with = ["gout"]', "cautioned_with: there is no condition gout"),
        ("level = 1", 'level = 1\ncontraindicated_with = ["fibromyalgia"]', "forbidden by a condition that it claims"),
        ("level = 1", 'level = 1\neasier = ["nothing"]', "easier: there is no exercise nothing"),
        ("level = 1", "level = 4", "level: Input should be less than or equal to 3"),
        ("[dosage.general]", "[dosage.older_adult]", "dosage.general is missing"),
        ('id = "mid-back-reach"', 'id = "reach"', "the file name differs from the id"),
    ],
)
def test_a_fault_of_an_exercise_is_found(folder: Folder, old: str, new: str, finding: str) -> None:
    message = findings_of(folder(**{"exercises__mid-back-reach": other(old, new)}))
    assert finding in message
    assert "exercises/mid-back-reach.toml:" in message


def test_a_note_without_its_code_is_found(folder: Folder) -> None:
    note = '\n[[contraindication_notes]]\ncode = "vert_fracture"\ntext = "Not with a fracture."\n'
    message = findings_of(folder(**{"exercises__mid-back-reach": EXERCISE + note}))
    assert "the contraindication note vert_fracture has no code" in message


def test_a_contraindication_and_a_caution_for_the_same_condition_are_found(folder: Folder) -> None:
    both = 'level = 1\ncontraindicated_with = ["strain"]\ncautioned_with = ["strain"]'
    assert "strain is contraindicated as well" in findings_of(
        folder(**{"exercises__mid-back-reach": other("level = 1", both)})
    )


def test_a_derived_property_counts_against_a_claimed_condition_when_it_can_be_computed(folder: Folder) -> None:
    made = folder(**{"exercises__mid-back-reach": other('["fibromyalgia"]', '["strain"]')})
    assert read_files(made)
    with pytest.raises(CatalogError, match=r"rule of strain forbids static\+mid_back"):
        read_files(made, lambda exercise: {"static"} if exercise.kind == "static_stretch" else ())


def test_a_variant_that_is_linked_one_way_is_found(folder: Folder) -> None:
    second = other("mid-back-reach", "second-reach", other("level = 1", 'level = 1\nharder = ["mid-back-reach"]'))
    second = other('harder = ["second-reach"]', 'harder = ["mid-back-reach"]', second)
    message = findings_of(folder(**{"exercises__second-reach": second}))
    assert "exercise second-reach: harder: mid-back-reach does not name it under easier" in message


def test_a_shared_exercise_must_not_take_a_private_name(folder: Folder) -> None:
    own = other("mid-back-reach", "own-reach")
    assert "own- is kept" in findings_of(folder(**{"exercises__own-reach": own}))


def test_a_region_that_no_exercise_serves_is_found(folder: Folder) -> None:
    more = REGIONS + '\n[[region]]\nid = "knee"\nname = "Knee"\n'
    assert "regions.toml:12: region knee: no exercise serves it" in findings_of(folder(regions=more))


def test_parents_that_run_in_a_circle_are_found(folder: Folder) -> None:
    circle = REGIONS.replace('name = "Back"', 'name = "Back"\nparent = "mid_back"')
    assert "its parents run in a circle" in findings_of(folder(regions=circle))


def test_an_unknown_parent_and_a_repeated_id_are_found(folder: Folder) -> None:
    message = findings_of(folder(regions=REGIONS.replace('parent = "back"', 'parent = "bac"') + REGIONS))
    assert "parent: there is no region bac" in message
    assert "this id stands more than once" in message


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('forbid = ["t-flex"]', 'forbid = ["t-bend"]', "t-bend is neither a movement property nor a region"),
        ('["static+mid_back"]', '["static+knee"]', "knee is neither a movement property nor a region"),
        ('unites = ["vert_fracture"]', 'unites = ["nothing"]', "unites: there is no condition nothing"),
        ('unites = ["vert_fracture"]', 'unites = ["fragile_spine"]', "fragile_spine itself stands for others"),
        ('forbid = ["t-flex"]', 'forbid = ["t-flex"]\nfavour = ["t-flex"]', "favour: t-flex is forbidden as well"),
        ('forbid = ["t-flex"]', "", "it has no rule"),
        ('regions = ["mid_back"]', 'regions = ["middle"]', "there is no region middle"),
    ],
)
def test_a_fault_of_a_condition_is_found(folder: Folder, old: str, new: str, finding: str) -> None:
    assert finding in findings_of(folder(conditions=other(old, new, CONDITIONS)))


def test_invalid_toml_is_found_with_its_line_and_hides_no_other_fault(folder: Folder) -> None:
    message = findings_of(folder(regions='[[region]]\nid = "back\n', muscles=MUSCLES + "size = 3\n"))
    assert "regions.toml: not valid TOML" in message
    assert "line 2" in message
    assert "muscles.toml:5: muscle rhomboids: size: Extra inputs are not permitted" in message


def test_a_stray_file_and_a_stray_table_are_found(folder: Folder) -> None:
    message = findings_of(folder(region=REGIONS, muscles=MUSCLES + '[[musle]]\nid = "x"\nname = "X"\n'))
    assert "region.toml: it is not a file of the catalogue" in message
    assert "musle does not belong here" in message


def test_text_that_is_not_utf8_is_found(folder: Folder) -> None:
    made = folder()
    (made / "causes.toml").write_bytes(b'name = "\xff"')
    assert "causes.toml: it is not UTF-8 text" in findings_of(made)


def test_symptoms_and_questions_are_checked_once_they_exist(folder: Folder) -> None:
    stiff = {"exercises__mid-back-reach": other("level = 1", 'level = 1\nsymptoms = ["stuf"]')}
    assert read_files(folder(**stiff))
    question = '[[question]]\nid = "fall"\ntext = "A fall?"\nsource = "NHS"\n'
    message = findings_of(folder(lexicon__words=CONCEPT, questions=question, **stiff))
    assert "there is no quality or pattern stuf" in message
    assert "ask_first: there is no question trauma" in message


def test_a_flag_on_a_fact_that_nothing_establishes_is_found(folder: Folder) -> None:
    flag = (
        '[[red_flag]]\nid = "rf01"\nname = "x"\nlevel = "urgent"\nconcern = "x"\nreason = "x"\n'
        'action = "same_day_care"\nadvice = "x"\nsource = "NHS"\npositive = []\nnegative = []\n'
        'cases = [{ all_of = ["numb_sadle", "region.mid_back", "quality.stif", "person.pregnant"] }]\n'
    )
    sign = '[[concept]]\nid = "numb_saddle"\nkind = "sign"\nphrases = ["numb saddle"]\n'
    message = findings_of(folder(red_flags=flag, lexicon__words=CONCEPT + sign))
    assert "nothing establishes the fact numb_sadle" in message
    assert "nothing establishes the fact quality.stif" in message
    assert "region.mid_back" not in message
    assert "person.pregnant" not in message


def test_numbers_need_the_fallback(folder: Folder) -> None:
    message = findings_of(folder(emergency_numbers=NUMBERS.replace("ZZ", "GB")))
    assert "the fallback ZZ is missing" in message


def test_concepts_of_several_files_are_merged_in_file_order(folder: Folder) -> None:
    found = read_files(folder(lexicon__b=CONCEPT.replace('["stiff"]', '["rusty", "stiff"]'), lexicon__a=CONCEPT))
    (concept,) = [d.document for d in found if isinstance(d.document, Concept)]
    assert concept.phrases == ["stiff", "rusty"]


def test_concepts_of_one_id_need_one_kind_and_stand_once_in_a_file(folder: Folder) -> None:
    message = findings_of(folder(lexicon__a=CONCEPT + CONCEPT, lexicon__b=CONCEPT.replace("quality", "pattern")))
    assert "b.toml:1: concept stiff: its kind is pattern" in message
    assert "a.toml:5: concept stiff: it stands twice in this file" in message


def test_emergency_words_are_numbered_by_language(folder: Folder) -> None:
    words = "".join(f'[[word]]\nlanguage = "{language}"\nphrase = "{language}"\n' for language in ("de", "fr", "de"))
    found = read_files(folder(lexicon__emergency_words=words))
    assert [d.id for d in found if d.kind == "emergency_word"] == ["de-001", "fr-001", "de-002"]


def test_assembled_hashes_depend_on_no_order_but_on_every_word(folder: Folder) -> None:
    pieces = [(d.kind, d.id, d.document) for d in read_files(folder(lexicon__a=CONCEPT))]
    shuffled = random.Random(4).sample(pieces, len(pieces))
    stored = [(kind, identity, parse(kind, dump(document))) for kind, identity, document in shuffled]
    first, second = assemble(pieces), assemble(stored)
    assert first == second
    assert (first[0].hash, first[1].hash) == (second[0].hash, second[1].hash)
    assert len(first[0].hash) == 16
    assert list(first[0].regions) == sorted(first[0].regions)
    changed = [
        (k, i, d.model_copy(update={"name": "Other"}) if (k, i) == ("muscle", "rhomboids") else d) for k, i, d in pieces
    ]
    assert assemble(changed)[0].hash != first[0].hash
    assert assemble(changed)[1].hash == first[1].hash


def test_rules_need_their_thresholds(folder: Folder) -> None:
    pieces = [(d.kind, d.id, d.document) for d in read_files(folder()) if d.kind != "tuning"]
    with pytest.raises(CatalogError, match="exactly one set of thresholds"):
        assemble(pieces)


def test_a_document_comes_back_from_its_text_unchanged(folder: Folder) -> None:
    for found in read_files(folder(lexicon__a=CONCEPT)):
        text = dump(found.document)
        assert parse(found.kind, text) == found.document
        assert text == json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def test_parse_refuses_unknown_kinds_and_bad_payloads() -> None:
    with pytest.raises(KeyError):
        parse("nothing", "{}")
    with pytest.raises(ValidationError):
        parse("muscle", '{"id": "Rhomboids"}')


def test_the_kinds_are_the_fourteen_of_the_catalogue() -> None:
    assert (
        list(KINDS)
        == (
            "exercise region muscle equipment cause property stop_rule condition red_flag question numbers concept "
            "emergency_word tuning"
        ).split()
    )


def test_a_folder_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert "there is no such folder" in findings_of(tmp_path / "nothing")


def test_cross_check_takes_documents_as_they_are(folder: Folder) -> None:
    found = read_files(folder())
    assert cross_check(found) == []
    without = [d for d in found if not isinstance(d.document, ExerciseDefinition)]
    assert [finding.split(": ", 1)[1] for finding in cross_check(without)] == ["region mid_back: no exercise serves it"]
