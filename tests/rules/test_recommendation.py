import pytest

from api.rules.preparation import Prepared, prepare
from api.rules.recommendation import recommend, triage_answer, understood
from schemas.catalog import RuleSet, Tuning
from schemas.findings import PersonFacts, Unplaced
from schemas.recommendations import RecommendationQuestion
from schemas.vocabulary import Disposition, Kind, Side, Status
from tests.rules.making import (
    STAMP,
    STOPPING,
    answer,
    assessment,
    condition,
    exercise,
    finding,
    ids,
    offered,
    properties,
    reading,
    release,
    sore,
)


def test_rows_and_a_sore_mid_back(shipped: Prepared) -> None:  # worked check 1
    said = reading(finding("region", "mid_back"), finding("cause", "rowing"))
    got = answer(shipped, said)
    assert "standing-mid-back-reach" in ids(got)[:3]
    seed = offered(got, "standing-mid-back-reach")
    assert {"region", "cause"} <= {reason.code for reason in seed.reasons}
    assert "mid and upper back" in seed.reasons[0].text
    assert seed.dosage.hold_seconds == (10, 20)
    assert seed.stop_if
    assert all("mid_back" in offer.exercise.regions for offer in got.exercises)
    assert got.routine.items


@pytest.mark.parametrize("disposition", STOPPING)
def test_a_stopping_disposition_offers_nothing(shipped: Prepared, disposition: Disposition) -> None:
    got = answer(shipped, sore("mid_back"), disposition)
    assert (got.exercises, got.routine.items, got.excluded_count) == ([], [], 0)
    assert got.safety_net
    assert got.disclaimer.text


def test_see_clinician_offers_breathing_at_most(shipped: Prepared) -> None:
    got = answer(shipped, sore("mid_back"), Disposition.SEE_CLINICIAN, limit=20)
    assert {offer.exercise.kind for offer in got.exercises} == {Kind.BREATHING}
    assert len(got.exercises) <= shipped.numbers.breathing_most
    assert got.excluded[0].rule == "see_clinician"
    assert got.education == [shipped.rules.tuning.texts["education_see_clinician"]]


def test_no_region_no_random_stretch(shipped: Prepared) -> None:
    for said in (reading(), reading(finding("condition", "hypertension")), reading(finding("quality", "stiff"))):
        got = answer(shipped, said)
        assert got.exercises == []
        assert shipped.rules.tuning.texts["education_no_region"] in got.education


def test_a_denied_region_is_not_served(shipped: Prepared) -> None:
    got = answer(shipped, reading(finding("region", "neck", status=Status.DENIED)))
    assert got.exercises == []
    assert [term.id for term in got.understood.denied] == ["neck"]


def test_a_cause_alone_points_at_its_regions(shipped: Prepared) -> None:
    got = answer(shipped, reading(finding("cause", "rowing")))
    assert got.exercises
    assert "often loads" in got.exercises[0].reasons[0].text


def test_a_parent_region_stands_for_its_leaves(shipped: Prepared) -> None:
    got = answer(shipped, reading(finding("region", "back")), limit=10)
    served = {region for offer in got.exercises for region in offer.exercise.regions}
    assert {"mid_back", "low_back"} <= served


def test_osteoporosis_and_a_sore_low_back(shipped: Prepared) -> None:  # worked check 4
    got = answer(shipped, sore("low_back", "osteoporosis"), limit=20)
    assert not properties(got) & {"l-flex-end", "spine-load", "l-rot-end", "ballistic", "roller-spine"}
    left_out = {each.exercise_id: each for each in got.excluded}
    assert left_out["childs-pose"].property == "l-flex-end"
    assert "thin vertebra" in left_out["childs-pose"].reason
    assert {"bird-dog", "glute-bridge", "hip-hinge-drill-with-stick"} <= set(ids(got))
    seed = offered(answer(shipped, sore("mid_back", "osteoporosis"), limit=20), "standing-mid-back-reach")
    assert ("osteoporosis", "t-flex") in {(caution.rule, caution.property) for caution in seed.cautions}


def test_backward_bending_with_a_disc_comes_with_its_note(shipped: Prepared) -> None:  # worked check 5
    got = answer(shipped, sore("low_back", "disc_acute"), limit=20)
    backward = [offer for offer in got.exercises if {"l-ext", "l-ext-end"} & set(offer.exercise.properties)]
    assert backward
    for offer in backward:
        assert any("back toward the spine" in caution.text for caution in offer.cautions)
    assert "single-knee-to-chest" in ids(answer(shipped, sore("low_back", "stenosis"), limit=20))


def test_pregnant_and_the_week_unknown(shipped: Prepared) -> None:  # worked check 6
    got = answer(shipped, sore("low_back", person=PersonFacts(pregnant=True)), limit=20)
    assert got.exercises
    assert not properties(got) & {"supine", "prone", "inv", "iso-strong", "ballistic"}
    rules = {each.rule for each in got.excluded}
    assert rules & {"pregnancy_t2", "pregnancy_t3"}


@pytest.mark.parametrize(("week", "rule"), [(13, "pregnancy_t1"), (14, "pregnancy_t2"), (28, "pregnancy_t3")])
def test_the_week_of_pregnancy_chooses_the_trimester(shipped: Prepared, week: int, rule: str) -> None:
    person = PersonFacts(pregnant=True, pregnancy_weeks=week)
    got = answer(shipped, sore("low_back", "pregnancy", person=person), limit=20)
    trimesters = {"pregnancy_t1", "pregnancy_t2", "pregnancy_t3", "pregnancy"}
    assert {each.rule for each in got.excluded} & trimesters <= {rule}
    cautions = {caution.rule for offer in got.exercises for caution in offer.cautions}
    assert cautions & trimesters <= {rule}
    assert got.exercises[0].dosage.rule.endswith("green_only")


def test_a_new_hip_needs_clearance_first(shipped: Prepared) -> None:  # worked check 7
    got = answer(shipped, sore("hip_front", "thr_posterior"), limit=20)
    assert {offer.exercise.kind for offer in got.exercises} <= {Kind.BREATHING}
    assert shipped.rules.tuning.texts["education_clearance"] in got.education
    cleared = answer(shipped, sore("hip_front", "thr_posterior"), limit=20, screening={"cleared": True})
    assert cleared.exercises
    assert not properties(cleared) & {"hp-flex90", "hp-add", "hp-ir-end", "impact", "ballistic", "asym-pelvis"}
    assert "green_only" in cleared.exercises[0].dosage.rule


def test_an_operation_long_ago_still_forbids_but_asks_no_clearance(shipped: Prepared) -> None:
    old = finding("condition", "thr_posterior", status=Status.PAST)
    got = answer(shipped, reading(finding("region", "hip_front"), old), limit=20)
    assert {offer.exercise.kind for offer in got.exercises} - {Kind.BREATHING}
    assert not properties(got) & {"hp-flex90", "hp-add"}


def test_carpal_tunnel_keeps_weight_off_the_wrist(shipped: Prepared) -> None:  # worked check 8
    got = answer(shipped, sore("wrist", "carpal_tunnel"), limit=20)
    assert "wr-load" not in properties(got)
    assert "tendon-glides" in ids(got)


def test_blood_pressure_unknown_shortens_the_holds(shipped: Prepared) -> None:  # worked check 9
    got = answer(shipped, sore("low_back", "hypertension"), limit=20)
    assert not properties(got) & {"iso-strong", "inv"}
    holds = [offer.dosage.hold_seconds for offer in got.exercises if offer.dosage.hold_seconds]
    assert holds
    assert all(hold[1] <= 10 for hold in holds)


def test_sciatica_gets_sliders_with_the_stop_note_and_no_tensioner(shipped: Prepared) -> None:  # worked check 10
    got = answer(shipped, sore("hamstring", "sciatica"), limit=20)
    assert "neural-tension" not in properties(got)
    sliders = [offer for offer in got.exercises if offer.exercise.kind is Kind.NERVE_SLIDER]
    assert sliders
    for offer in sliders:
        assert any("further down the leg" in caution.text for caution in offer.cautions)


def test_when_nothing_is_left_it_is_said(tuning: Tuning) -> None:  # worked check 12
    pool = [
        exercise("bend", properties=["l-flex"]),
        exercise("arch", properties=["l-ext"]),
        exercise("breathe", kind="breathing", position="seated", regions={"neck": 1.0}),
        exercise("walk", kind="dynamic", position="walking", regions={"calf": 1.0}),
        exercise("breathe-lying", kind="breathing", position="supine", regions={"neck": 1.0}),
    ]
    conditions = [condition("stiff", forbid=["l-flex"]), condition("bent", forbid=["l-ext", "supine"])]
    prepared = release(tuning, pool, conditions)
    got = answer(prepared, sore("mid_back", "stiff", "bent"))
    assert set(ids(got)) == {"breathe", "walk"}
    assert got.exercises[0].reasons[0].code == "fallback"
    assert tuning.texts["education_nothing_left"] in got.education
    assert {each.exercise_id: each.rule for each in got.excluded} == {"bend": "stiff", "arch": "bent"}


UNKNOWN = (Unplaced("/conditions/0", "Which condition is it?", kind="condition"),)


def test_an_unknown_condition_leaves_only_easy_exercises(shipped: Prepared) -> None:  # decisions 5.11
    said = reading(finding("region", "low_back"), unplaced=UNKNOWN)
    got = answer(shipped, said, limit=20)
    assert got.exercises
    assert {offer.exercise.level for offer in got.exercises} == {1}
    loads = {"spine-load", "sh-load", "resist", "eccentric", "iso-strong", "inv", "smr", "roller-spine"}
    assert not properties(got) & loads
    assert not [each for each in properties(got) if each.endswith("-end")]
    assert {each.rule for each in got.excluded} == {"unknown_condition"}
    assert shipped.rules.tuning.texts["education_unknown_condition"] in got.education
    assert got.understood.unknown[0].question == "Which condition is it?"


def test_severe_pain_means_no_end_range_and_a_small_dose(shipped: Prepared) -> None:  # decisions 5.12
    got = answer(shipped, sore("low_back", severity=8), limit=20)
    assert got.exercises
    assert not [each for each in properties(got) if each.endswith("-end")]
    assert "resist" not in properties(got)
    assert {each.rule for each in got.excluded} == {"severity", "severity_load"}
    assert shipped.rules.tuning.texts["education_severity"] in got.education
    assert all(
        offer.dosage.rule.split("+")[0] == "irritable" or "gentle" in offer.dosage.rule for offer in got.exercises
    )


def test_above_five_nothing_loaded(shipped: Prepared) -> None:
    assert "resist" not in properties(answer(shipped, sore("low_back", severity=6), limit=20))
    assert "resist" in properties(answer(shipped, sore("low_back", severity=5), limit=20))


def test_a_roller_never_meets_a_thin_spine(shipped: Prepared) -> None:  # decisions 5.10
    for name in ("osteoporosis", "vert_fracture", "axial_spa", "post_spine_surgery"):
        got = answer(shipped, sore("mid_back", name), limit=20, screening={"cleared": True})
        assert "roller-spine" not in properties(got)


def test_urgent_conditions_offer_nothing_even_when_triage_let_them_through(shipped: Prepared) -> None:
    for name in ("dvt", "cerv_myelopathy"):
        assert answer(shipped, sore("calf", name), screening={"cleared": True}).exercises == []


def test_what_the_person_lacks_is_left_out_and_said(shipped: Prepared) -> None:
    got = answer(shipped, sore("mid_back"), limit=20, equipment=["chair"], positions=["seated", "standing"], level=1)
    assert {each.rule for each in got.excluded} == {"equipment", "position", "level"}
    assert all(set(offer.exercise.equipment) <= {"chair"} for offer in got.exercises)
    assert {offer.exercise.position for offer in got.exercises} <= {"seated", "standing"}
    assert {offer.exercise.level for offer in got.exercises} == {1}
    assert got.understood.equipment == ["chair"]


def test_equipment_words_count_as_what_they_were_read_as(shipped: Prepared) -> None:
    said = reading(finding("region", "mid_back"), finding("equipment", "foam_roller", pointer="/equipment/0"))
    got = answer(shipped, said, limit=20, equipment=["that roller thing"])
    assert got.understood.equipment == ["foam_roller"]
    assert answer(shipped, said).understood.equipment is None


def test_excluded_is_cut_but_counted(tuning: Tuning) -> None:
    pool = [exercise(f"stretch-{number:03}") for number in range(60)]
    got = answer(release(tuning, pool, [condition("sore", forbid=["static"])]), sore("mid_back", "sore"))
    assert (len(got.excluded), got.excluded_count) == (50, 60)


def test_the_sore_side_reaches_the_dose(shipped: Prepared) -> None:
    got = answer(shipped, reading(finding("region", "neck", side=Side.LEFT)), limit=20)
    alone = {Kind.NERVE_SLIDER, Kind.NERVE_TENSIONER, Kind.SELF_MASSAGE}
    sided = [each for each in got.exercises if each.dosage.per_side and each.exercise.kind not in alone]
    assert sided
    assert all(offer.dosage.sides == [Side.RIGHT, Side.LEFT] for offer in sided)


def test_past_conditions_and_other_people_do_not_count(shipped: Prepared) -> None:
    for status in (Status.PAST, Status.OTHER_PERSON, Status.FIGURATIVE, Status.HYPOTHETICAL, Status.DENIED):
        said = reading(finding("region", "low_back"), finding("condition", "osteoporosis", status=status))
        assert answer(shipped, said, limit=20).excluded == []
    recent = finding("condition", "osteoporosis", status=Status.PAST, recent=True)
    unsure = finding("condition", "osteoporosis", status=Status.UNCERTAIN)
    for counted in (recent, unsure):
        assert answer(shipped, reading(finding("region", "low_back"), counted)).excluded


def test_tingling_counts_as_nerve_symptoms(shipped: Prepared) -> None:
    said = reading(finding("region", "hamstring"), finding("quality", "tingling"))
    assert "nerve_symptoms" in {each.rule for each in answer(shipped, said).excluded}


def test_it_never_promises(shipped: Prepared) -> None:
    for text in (*shipped.rules.tuning.texts.values(), *(gate.because for gate in shipped.rules.tuning.gates)):
        assert not {"diagnosis", "diagnose", "safe", "safely", "cure", "cures", "treats"} & set(text.lower().split())


def test_triage_alone_carries_the_same_parts(shipped: Prepared) -> None:
    question, said = RecommendationQuestion(), sore("mid_back", "osteoporosis")
    alone = triage_answer(question, said, assessment(), shipped, STAMP)
    whole = recommend(question, said, assessment(), shipped, STAMP)
    assert (alone.triage, alone.screening, alone.understood) == (whole.triage, whole.screening, whole.understood)
    assert understood(question, said, shipped) == whole.understood


def test_a_missing_number_or_text_is_refused_by_name(shipped: Prepared, tuning: Tuning) -> None:
    values = {key: value for key, value in tuning.values.items() if key != "weight_region"}
    broken = tuning.model_copy(update={"values": values})
    rules = RuleSet(shipped.rules.conditions, {}, {}, {}, broken, "x")
    with pytest.raises(ValueError, match="weight_region"):
        prepare(shipped.catalog, rules)
