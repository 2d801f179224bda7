from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.rules.contraindications import Judgement, Rulebook, check, traits_of, vocabulary_of
from api.rules.preparation import Prepared
from schemas.catalog import Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition
from schemas.regions import MovementProperty, Region
from schemas.vocabulary import Verdict
from tests.rules.making import condition, exercise, release, rows

WORDS = vocabulary_of(rows("properties", "property", MovementProperty), rows("regions", "region", Region))
PROPERTIES = ("t-flex", "l-flex-end", "c-over", "oh", "smr", "static", "standing", "breath", "mid_back", "back", "hip")
tests = st.lists(st.one_of(st.sampled_from((*PROPERTIES, "*")), st.just("t-flex+oh")), max_size=3, unique=True)
conditions = st.lists(
    st.builds(
        lambda name, forbid, caution, favour, regions, scoped: condition(
            name, forbid=forbid, caution=caution, favour=favour, regions=regions, scoped=scoped
        ),
        st.sampled_from(["one", "two", "three", "four"]),
        tests,
        tests,
        tests,
        st.lists(st.sampled_from(["mid_back", "back", "knee"]), max_size=2, unique=True),
        st.booleans(),
    ),
    max_size=4,
    unique_by=lambda each: each.id,
)


def judged(definition: ExerciseDefinition, *found: Condition) -> Judgement:
    return check(traits_of(definition, WORDS), found, WORDS, {})


def one(**rules: Any) -> Condition:
    return condition("sore", **rules)


def test_forbid_beats_caution_beats_favour() -> None:
    stretch = exercise(properties=["t-flex"])
    assert judged(stretch, one(forbid=["t-flex"], caution=["static"], favour=["standing"])).verdict is Verdict.FORBID
    assert judged(stretch, one(caution=["static"], favour=["standing"])).verdict is Verdict.CAUTION
    assert judged(stretch, one(favour=["standing"])).verdict is Verdict.FAVOUR
    assert judged(stretch, one(forbid=["oh"])).verdict is Verdict.NEUTRAL


def test_a_favour_of_one_condition_never_lifts_the_forbid_of_another() -> None:
    both = judged(exercise(properties=["l-flex"]), condition("a", favour=["l-flex"]), condition("b", forbid=["l-flex"]))
    assert both.verdict is Verdict.FORBID


def test_every_part_of_a_combination_must_hold_and_regions_count_as_parts() -> None:
    assert judged(exercise(properties=["oh"]), one(forbid=["oh+standing"])).verdict is Verdict.FORBID
    assert judged(exercise(properties=["oh"], position="seated"), one(forbid=["oh+standing"])).hits == ()
    roll = exercise(kind="self_massage", regions={"hip_lateral": 0.4, "quad": 1.0})
    assert judged(roll, one(forbid=["smr+hip_lateral"])).verdict is Verdict.FORBID
    assert judged(roll, one(forbid=["smr+hip"])).verdict is Verdict.FORBID, "a parent stands for its leaves"
    assert judged(roll, one(forbid=["smr+heel_arch"])).verdict is Verdict.NEUTRAL


def test_the_star_catches_what_is_not_otherwise_judged() -> None:
    myelopathy = one(forbid=["c-flex"], caution=["single-leg", "*"], favour=["breath", "seated"])
    assert [hit.property for hit in judged(exercise(properties=["c-flex"]), myelopathy).hits] == ["c-flex"]
    assert [hit.property for hit in judged(exercise(), myelopathy).hits] == ["*"]
    assert judged(exercise(position="seated"), myelopathy).verdict is Verdict.FAVOUR
    assert judged(exercise(), one(forbid=["*"])).verdict is Verdict.FORBID


def test_a_favour_counts_only_where_the_regions_overlap_or_for_breathing() -> None:
    back = one(regions=["back"], favour=["standing", "breath"])
    assert judged(exercise(regions={"low_back": 1.0}), back).verdict is Verdict.FAVOUR
    assert judged(exercise(regions={"wrist": 1.0}), back).verdict is Verdict.NEUTRAL
    assert judged(exercise(regions={"wrist": 1.0}, kind="breathing"), back).verdict is Verdict.FAVOUR
    assert judged(exercise(), one(favour=["standing"])).verdict is Verdict.FAVOUR, "no regions mean the whole body"


def test_a_scoped_condition_speaks_only_of_its_own_regions() -> None:
    strain = one(regions=["thigh"], scoped=True, forbid=["static"])
    assert judged(exercise(regions={"hamstring": 1.0}), strain).verdict is Verdict.FORBID
    assert judged(exercise(regions={"neck": 1.0}), strain).verdict is Verdict.NEUTRAL


def test_a_forbid_of_an_unscoped_condition_holds_in_every_region() -> None:
    assert judged(exercise(regions={"neck": 1.0}), one(regions=["thigh"], forbid=["static"])).verdict is Verdict.FORBID


def test_reasons_name_the_movement_and_why() -> None:
    hit = judged(exercise(properties=["l-flex-end"]), one(forbid=["l-flex-end"], because="bending presses")).hits[0]
    assert hit.reason == "This exercise rounds the low back fully or for long. Bending presses."


def test_an_exercise_obeys_its_own_lists_and_gives_its_own_note() -> None:
    stretch = exercise(
        contraindicated_with=["sore"],
        cautioned_with=["other"],
        contraindication_notes=[{"code": "sore", "text": "Not with a sore one."}],
    )
    forbidden, cautioned = judged(stretch, one()).hits[0], judged(stretch, condition("other")).hits[0]
    assert (forbidden.verdict, forbidden.property) == (Verdict.FORBID, "contraindicated_with")
    assert forbidden.reason == "Not with a sore one."
    assert (cautioned.verdict, cautioned.reason) == (Verdict.CAUTION, "Other calls for care.")


def test_a_vague_condition_is_the_union_of_what_it_stands_for(tuning: Tuning) -> None:
    vague = condition("vague", unites=["first", "second"])
    parts = [condition("first", forbid=["prone"]), condition("second", forbid=["supine"])]
    lying = [exercise("on-the-back", position="supine"), exercise("on-the-front", position="prone")]
    book = release(tuning, lying, [vague, *parts]).rulebook
    assert book.united(["vague"]) == ("first", "second", "vague")
    assert {book.judge(key.id, book.united(["vague"])).verdict for key in lying} == {Verdict.FORBID}
    assert book.judge("on-the-back", book.united(["first"])).verdict is Verdict.NEUTRAL


def test_an_exercise_that_lists_a_vague_condition_lists_its_members(tuning: Tuning) -> None:
    vague, part = condition("vague", unites=["first"]), condition("first")
    book = release(tuning, [exercise(contraindicated_with=["vague"])], [vague, part]).rulebook
    assert book.judge("plain-stretch", book.united(["first"])).verdict is Verdict.FORBID


@given(found=conditions, extra=conditions)
def test_adding_a_condition_never_enlarges_the_permitted_set(
    found: Sequence[Condition], extra: Sequence[Condition]
) -> None:
    pool = [
        exercise(properties=["t-flex", "oh"]),
        exercise(properties=["l-flex-end"], regions={"knee": 1.0}),
        exercise(kind="breathing"),
        exercise(kind="self_massage", properties=["c-over"]),
    ]
    for each in pool:
        before = judged(each, *found).verdict
        after = judged(each, *found, *extra).verdict
        assert before is not Verdict.FORBID or after is Verdict.FORBID


def permitted(book: Rulebook, *names: str) -> set[str]:
    found = book.united(names)
    assert set(names) <= set(found), "an id that the conditions do not have"
    return {key for key in book.exercise_ids if book.judge(key, found).verdict is not Verdict.FORBID}


@given(data=st.data())
def test_no_pair_of_shipped_conditions_enlarges_the_permitted_set(shipped: Prepared, data: st.DataObject) -> None:
    names = st.sampled_from(sorted(shipped.rules.conditions))
    first, second = data.draw(names), data.draw(names)
    book = shipped.rulebook
    assert permitted(book, first, second) == permitted(book, first) & permitted(book, second)


@pytest.mark.parametrize(
    ("names", "absent", "present"),
    [
        (  # worked check 4
            ["osteoporosis"],
            [
                "double-knee-to-chest",
                "childs-pose",
                "seated-forward-bend-in-chair",
                "standing-roll-down",
                "long-sit-forward-fold",
                "childs-pose-side-reach",
                "inchworm",
                "foam-roller-thoracic-extension",
                "foam-roll-upper-back",
            ],
            ["bird-dog", "glute-bridge", "hip-hinge-drill-with-stick", "standing-mid-back-reach"],
        ),
        (  # worked check 5
            ["stenosis"],
            ["prone-press-up", "standing-back-bend"],
            ["single-knee-to-chest", "supine-pelvic-tilt"],
        ),
        (["spondylolisthesis"], ["prone-press-up", "standing-back-bend"], ["supine-pelvic-tilt"]),
        (
            ["disc_acute"],
            ["double-knee-to-chest", "childs-pose", "standing-roll-down", "supine-spinal-twist"],
            ["prone-lying", "prone-on-elbows", "standing-mid-back-reach"],
        ),
        (  # worked check 7
            ["thr_posterior"],
            [
                "supine-figure-four",
                "seated-figure-four",
                "knee-to-opposite-shoulder",
                "pigeon-pose",
                "elevated-pigeon-on-table",
                "90-90-hip-switch",
                "seated-cross-leg-twist",
                "single-knee-to-chest",
                "double-knee-to-chest",
                "supported-deep-squat-hold",
            ],
            ["ankle-pumps", "quad-set", "seated-diaphragmatic-breathing"],
        ),
        (  # worked check 8
            ["carpal_tunnel"],
            ["cat-cow", "bird-dog", "downward-dog"],
            ["tendon-glides"],
        ),
        (["sciatica"], ["slump-tensioner"], ["seated-sciatic-slider", "supine-sciatic-slider"]),  # worked check 10
    ],
)
def test_what_the_shipped_conditions_keep_away(
    shipped: Prepared, names: list[str], absent: list[str], present: list[str]
) -> None:
    left = permitted(shipped.rulebook, *names)
    assert set(absent) <= set(shipped.rulebook.exercise_ids)
    assert not left & set(absent)
    assert set(present) <= left


def test_the_reason_names_the_property_of_the_rule(shipped: Prepared) -> None:
    hits = shipped.rulebook.judge("childs-pose", shipped.rulebook.united(["osteoporosis"])).of(Verdict.FORBID)
    assert (hits[0].rule, hits[0].property) == ("osteoporosis", "l-flex-end")
    seed = shipped.rulebook.judge("standing-mid-back-reach", shipped.rulebook.united(["osteoporosis"]))
    assert seed.verdict is Verdict.CAUTION
    assert "t-flex" in {hit.property for hit in seed.hits}


def test_rollers_and_balls_stay_off_a_spine_that_may_break(shipped: Prepared) -> None:
    pressing = {
        key for key in shipped.rulebook.exercise_ids if "roller-spine" in shipped.rulebook.traits(key).properties
    }
    assert pressing
    for name in ("osteoporosis", "vert_fracture", "axial_spa", "post_spine_surgery"):
        assert not pressing & permitted(shipped.rulebook, name)


def test_frozen_bottle_and_early_knee_extension_are_kept_away(shipped: Prepared) -> None:
    assert "frozen-bottle-ball-roll" not in permitted(shipped.rulebook, "neuropathy_feet")
    assert "seated-knee-extension" not in permitted(shipped.rulebook, "acl")


def test_pregnant_without_a_week_means_nothing_lying_flat(shipped: Prepared) -> None:
    left = permitted(shipped.rulebook, "pregnancy")
    flat = {key for key in left if shipped.rulebook.traits(key).properties & {"supine", "prone", "inv", "iso-strong"}}
    assert flat == set()
    positions = {shipped.catalog.exercises[key].position for key in left}
    assert {"side_lying", "seated", "walking"} <= positions


def test_blood_pressure_unknown_forbids_hard_holds_and_head_down(shipped: Prepared) -> None:  # worked check 9
    left = permitted(shipped.rulebook, "hypertension")
    assert not {key for key in left if shipped.rulebook.traits(key).properties & {"iso-strong", "inv"}}
    assert "seated-diaphragmatic-breathing" in left


SHEET = {"osteoporosis": 15, "vert_fracture": 42, "pregnancy_t3": 66, "thr_posterior": 51, "stenosis": 2}
"""How many of its 242 exercises the sheet of clinical facts counts as forbidden."""


@pytest.mark.parametrize("name", SHEET)
def test_a_condition_forbids_no_fewer_than_the_sheet(shipped: Prepared, name: str) -> None:  # worked check 13
    forbidden = len(shipped.cards) - len(permitted(shipped.rulebook, name))
    assert SHEET[name] <= forbidden <= SHEET[name] * 1.6


def test_the_catalogue_holds_at_least_the_sheet(shipped: Prepared) -> None:  # worked check 13
    parents = {region.parent for region in shipped.catalog.regions.values()}
    leaves = shipped.catalog.regions.keys() - parents
    assert (len(leaves), len(shipped.cards) >= 242, len(shipped.rules.conditions) >= 59) == (28, True, True)
    for region in leaves:
        assert len([key for key, _ in shipped.by_region[region]]) >= 8, region
    used = {name for card in shipped.cards.values() for name in card.definition.properties}
    assert used <= shipped.catalog.properties.keys()
