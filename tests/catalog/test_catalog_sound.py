"""The catalogue that ships: it loads without a finding, and its condition rules are those of the domain sheet."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.rules.phrases import parse
from api.rules.properties import DERIVED, all_properties
from data.catalog.loader import assemble, read_files
from schemas.catalog import Catalog, RuleSet
from schemas.conditions import Condition
from schemas.regions import Region
from schemas.vocabulary import FlagLevel

FOLDER = Path(__file__).parents[2] / "data" / "catalog"
SHEET = (
    "disc_acute sciatica cerv_radic cerv_myelopathy stenosis spondylolisthesis sij lbp_acute lbp_chronic osteoporosis "
    "vert_fracture axial_spa rheumatoid scoliosis post_spine_surgery pregnancy_t1 pregnancy_t2 pregnancy_t3 postpartum "
    "hypermobile bppv hypertension eye_pressure cardiac rc_tear rc_repair subacromial frozen_shoulder sh_instability "
    "acl meniscus pfp knee_oa knee_replacement hip_oa fai thr_posterior thr_anterior gtps ham_tendon strain_acute "
    "plantar_fasciitis achilles_mid achilles_ins ankle_sprain carpal_tunnel tennis_elbow golfers_elbow dequervain "
    "cubital tmj whiplash tos dvt anticoag neuropathy_feet hernia fibromyalgia falls_risk"
)
HEALING = (
    "post_spine_surgery rc_repair acl thr_posterior thr_anterior hip_replacement knee_replacement vert_fracture "
    "recent_fracture surgery_recent tendon_repair"
)
GREEN = "sciatica cerv_radic pregnancy pregnancy_t1 pregnancy_t2 pregnancy_t3 achilles_mid achilles_ins ham_tendon"
HEART_FIRST = (
    "chest_pressure sweating_sick_faint sudden_tearing fever_weight_cancer_night fall_or_fragile_bones numb_weak_clumsy"
)
NERVES_FIRST = "saddle_numbness bladder_bowel_sexual both_legs_spreading_weakness trauma fever_cancer_weight"
ROWS = {
    "disc_acute": (
        "l-flex-end; spine-load; l-rot-end; impact; ballistic",
        "l-flex; l-ext-end; iso-strong; inv; kn-ext-end; neural-tension; asym-pelvis",
        "spine-neutral; l-ext; walk; relax; supine",
    ),
    "cerv_radic": (
        "c-over; neural-tension; ballistic",
        "c-ext; c-lat; c-rot; c-flex; oh; sh-load",
        "c-ret; neural-slide; sc-ret; spine-neutral",
    ),
    "cerv_myelopathy": (
        "c-over; c-flex; c-ext; c-rot; c-lat; ballistic; impact; inv; neural-tension",
        "single-leg; *",
        "breath; seated",
    ),
    "stenosis": ("l-ext-end", "l-ext; impact; oh+standing; prone", "l-flex; l-flex-end; seated; supine; walk"),
    "osteoporosis": (
        "l-flex-end; spine-load; ballistic; l-rot-end; roller-spine",
        "l-flex; t-flex; t-rot; l-rot; inv; single-leg; impact",
        "spine-neutral; sc-ret; t-ext; resist; iso-hold",
    ),
    "vert_fracture": (
        "l-flex; l-flex-end; t-flex; l-rot-end; spine-load; impact; ballistic; inv; smr; roller-spine",
        "t-rot; l-rot; l-ext-end; c-over; single-leg; prone",
        "spine-neutral; sc-ret; supine; iso-hold; breath",
    ),
    "post_spine_surgery": (
        "l-flex; l-flex-end; l-ext-end; l-rot; l-rot-end; spine-load; inv; impact; ballistic; t-rot; roller-spine",
        "hp-flex90; prone; iso-strong; oh; neural-tension",
        "spine-neutral; walk; breath",
    ),
    "pregnancy_t3": (
        "prone; supine; inv; iso-strong; ballistic; impact",
        "single-leg; hp-abd-end; l-rot-end; asym-pelvis; l-ext-end; floor",
        "seated; side-lying; breath; walk",
    ),
    "hypermobile": (
        "c-over; ballistic; hang; sh-abd90+sh-er-end",
        "static; passive; sh-ext-end; kn-ext-end; el-ext-end; hp-abd-end; l-ext-end; t-rot",
        "iso-hold; resist; spine-neutral; dynamic",
    ),
    "hypertension": (
        "iso-strong; inv",
        "iso-hold; oh; resist; head-move",
        "breath; relax; dynamic; walk; seated",
    ),
    "thr_posterior": (
        "hp-flex90; hp-add; hp-ir-end; impact; ballistic; asym-pelvis",
        "single-leg; floor; kneel; l-flex-end; squat",
        "supine; dynamic; iso-hold; walk",
    ),
    "gtps": ("hp-add+static; smr+hip_lateral", "hp-add; single-leg; side-lying; impact", "iso-hold; resist"),
    "strain_acute": (
        "static; ballistic; eccentric; smr; impact; pnf",
        "resist; iso-strong",
        "dynamic; iso-hold; relax",
    ),
    "dvt": ("smr; impact; ballistic; iso-strong", "*", "breath"),
    "falls_risk": (
        "ballistic; impact",
        "single-leg; floor; head-move; inv",
        "seated; supine; resist; iso-hold",
    ),
}


@pytest.fixture(scope="module")
def shipped() -> tuple[Catalog, RuleSet]:
    """The catalogue that ships; loading it raises when a check fails."""
    catalog, rules, _ = assemble((d.kind, d.id, d.document) for d in read_files(FOLDER, all_properties))
    return catalog, rules


@pytest.fixture(scope="module")
def conditions(shipped: tuple[Catalog, RuleSet]) -> Mapping[str, Condition]:
    return shipped[1].conditions


def test_every_condition_of_the_sheet_is_there(conditions: Mapping[str, Condition]) -> None:
    assert len(SHEET.split()) == 59
    assert set(SHEET.split()) <= set(conditions)


@pytest.mark.parametrize("name", ROWS)
def test_a_condition_says_what_the_sheet_says(conditions: Mapping[str, Condition], name: str) -> None:
    condition = conditions[name]
    said = tuple(set(tests) for tests in (condition.forbid, condition.caution, condition.favour))
    assert said == tuple(set(row.split("; ")) for row in ROWS[name])


def test_the_corrections_of_the_sheet_hold(conditions: Mapping[str, Condition]) -> None:
    on_the_spine = {"osteoporosis", "vert_fracture", "axial_spa", "post_spine_surgery"}
    assert on_the_spine <= {i for i, c in conditions.items() if "roller-spine" in c.forbid}
    assert {"eccentric", "ank-load"} <= set(conditions["fluoroquinolone"].forbid)
    assert conditions["dvt"].level is FlagLevel.URGENT
    assert conditions["cerv_myelopathy"].level is FlagLevel.URGENT
    assert conditions["hypertension"].max_hold_seconds == 10
    assert conditions["fibromyalgia"].gentle_start
    assert conditions["strain_acute"].scoped
    assert set(conditions["pregnancy"].unites) == {"pregnancy_t1", "pregnancy_t2", "pregnancy_t3"}
    assert set(conditions["hip_replacement"].unites) == {"thr_posterior", "thr_anterior"}


def test_healing_tissue_needs_clearance_and_only_green_pain(conditions: Mapping[str, Condition]) -> None:
    assert [i for i in (*HEALING.split(), "cardiac") if not conditions[i].clearance_required] == []
    assert [i for i in (*HEALING.split(), *GREEN.split()) if not conditions[i].green_only] == []


def test_a_vague_condition_is_no_milder_than_what_it_stands_for(conditions: Mapping[str, Condition]) -> None:
    for vague in conditions.values():
        for united in (conditions[name] for name in vague.unites):
            assert vague.clearance_required or not united.clearance_required
            assert vague.green_only or not united.green_only


def test_the_derived_properties_are_those_that_are_computed(shipped: tuple[Catalog, RuleSet]) -> None:
    assert {i for i, p in shipped[0].properties.items() if p.derived} == set(DERIVED)


def test_a_parent_region_asks_what_its_children_ask(shipped: tuple[Catalog, RuleSet]) -> None:
    regions = shipped[0].regions
    missing = [
        (region.parent, question)
        for region in regions.values()
        if region.parent is not None
        for question in region.ask_first
        if question not in regions[region.parent].ask_first
    ]
    assert missing == []


def test_every_region_has_questions_and_every_leaf_has_words(shipped: tuple[Catalog, RuleSet]) -> None:
    regions = shipped[0].regions
    parents = {region.parent for region in regions.values()}
    assert [i for i, region in regions.items() if not region.ask_first] == []
    assert len(regions) - len(parents - {None}) == 28
    assert [i for i, region in regions.items() if i not in parents and len(region.lay_words) < 12] == []


@pytest.mark.parametrize(
    ("region", "questions"),
    [
        ("mid_back", f"{HEART_FIRST} pressing_or_moving_changes"),
        ("chest", f"{HEART_FIRST} pressing_or_moving_changes"),
        ("neck", HEART_FIRST),
        ("shoulder", HEART_FIRST),
        ("upper_trap", HEART_FIRST),
        ("low_back", NERVES_FIRST),
        ("si_joint", NERVES_FIRST),
        ("glute", NERVES_FIRST),
        ("hamstring", NERVES_FIRST),
        ("tailbone", NERVES_FIRST),
        ("calf", "calf_swelling"),
    ],
)
def test_a_region_asks_its_screening_questions(shipped: tuple[Catalog, RuleSet], region: str, questions: str) -> None:
    assert set(questions.split()) <= set(shipped[0].regions[region].ask_first)


def test_every_flag_is_there_once_flags_are(shipped: tuple[Catalog, RuleSet]) -> None:
    flags = shipped[1].red_flags
    assert [name for number in range(1, 53) if (name := f"rf{number:02}") not in flags] == []


def test_every_lay_word_follows_the_notation(shipped: tuple[Catalog, RuleSet]) -> None:
    catalog, rules = shipped
    groups = (catalog.regions, catalog.muscles, catalog.equipment, catalog.causes, rules.conditions)
    for entry in (entry for group in groups for entry in group.values()):
        assert all(parse(phrase) for phrase in entry.lay_words), entry.id


def test_a_region_says_nothing_twice(shipped: tuple[Catalog, RuleSet]) -> None:
    groups: list[Mapping[str, Region] | Mapping[str, Condition]] = [shipped[0].regions, shipped[1].conditions]
    for entry in (entry for group in groups for entry in group.values()):
        assert len(entry.lay_words) == len(set(entry.lay_words)), entry.id


def test_no_reason_promises_or_diagnoses(conditions: Mapping[str, Condition]) -> None:
    for condition in conditions.values():
        assert not re.search(r"\b(diagnos\w*|cures?|safe|safely|guarantee\w*)\b", condition.because), condition.id


def test_the_urgent_conditions_are_these(
    conditions: Mapping[str, Condition],
) -> None:
    urgent = {i for i, c in conditions.items() if c.level is FlagLevel.URGENT}
    assert urgent == {"dvt", "cerv_myelopathy", "tendon_rupture"}
