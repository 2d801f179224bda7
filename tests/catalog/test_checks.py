"""Each fault between documents gives its finding."""

import pytest

from data.catalog.loader import CatalogError, cross_check, read_files
from schemas.exercises import ExerciseDefinition
from tests.catalog.making import CONCEPT, CONDITIONS, EXERCISE, NUMBERS, REGIONS, Folder, findings_of, other


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
    assert "regions.toml:13: region knee: no exercise serves it" in findings_of(folder(regions=more))


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


def test_cross_check_takes_documents_as_they_are(folder: Folder) -> None:
    found = read_files(folder())
    assert cross_check(found) == []
    without = [d for d in found if not isinstance(d.document, ExerciseDefinition)]
    assert [finding.split(": ", 1)[1] for finding in cross_check(without)] == ["region mid_back: no exercise serves it"]
