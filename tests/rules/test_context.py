"""How a thing was said decides whether it counts: innocent wordings stay quiet, and alarms behind them do not."""

from typing import Any

import pytest

from schemas.findings import Reading
from schemas.vocabulary import Status
from tests.rules.asking import ask

INNOCENT = [
    ("no vision problems, no dizziness, tight jaw", "vision_loss"),
    ("If I ever lost control of my bladder I would call. Low back tight", "bladder_change"),
    ("the leaflet says to watch for numbness between the legs, I have none. tight glutes", "saddle_numbness"),
    ("what should I do if my calf ever got hot and swollen? It isn't. tight from running", "calf_swelling"),
    ("couldn't breathe for laughing, thumb sore from texting", "breathless"),
    ("I didn't want to live when I was 22, all well now. Stiff low back from the garden", "suicidal"),
    ("collapsed on the sofa after work, upper back tight", "fainted"),
    ("the dog fell down the stairs, I carried him and my low back is stiff", "major_trauma"),
    ("moved a chest freezer, lower back tight", "chest_pain"),
    ("temperature in the cold store is brutal, stiff neck", "fever"),
    ("sweating buckets on the erg, low back stiff", "sweating"),
    ("my brain is melting from spreadsheets, neck tight", "thunderclap"),
    ("dislocated my shoulder at 19, I'm 45, fine since. it aches after bowling", "deformity"),
]
ALARMING = [
    ("sweating buckets on the treadmill, then chest pain", "sweating"),
    ("breathless on the stairs like always, ankles swollen", "breathless"),
    ("hurt my hand when I fell off a ladder, back is sore", "major_trauma"),
    ("moved a chest freezer and now I have crushing chest pain", "chest_pain"),
    ("I shat myself when I coughed, back pain", "bowel_change"),
    ("a temperature of 39 in the warehouse, stiff back", "fever"),
    ("I could have broken my ankle, it is swollen and I can't put weight on it", "cant_bear_weight"),
    ("I read the list and I have numbness in my saddle area, it isn't going away", "saddle_numbness"),
    ("my bladder was normal until this morning, now I can't pee", "bladder_change"),
    ("I've wanted to die since I was 22", "suicidal"),
    ("no chest pain but sweaty and breathless", "breathless"),
]


def read(text: str, **fields: Any) -> Reading:
    return ask(text, **fields).reading


def ids(reading: Reading, kind: str) -> set[str]:
    return {f.id for f in reading.findings if f.kind == kind and f.status is Status.PRESENT}


def regions(reading: Reading) -> list[str]:
    found = [f for f in reading.findings if f.kind == "region" and f.status is Status.PRESENT]
    return [f.id for f in sorted(found, key=lambda f: -f.confidence)]


@pytest.mark.parametrize(("text", "sign"), INNOCENT)
def test_an_innocent_wording_establishes_no_sign(text: str, sign: str) -> None:
    assert sign not in read(text).facts


@pytest.mark.parametrize(("text", "sign"), ALARMING)
def test_a_positive_mention_still_counts(text: str, sign: str) -> None:
    reading = read(text)
    assert sign in reading.facts | reading.recent_facts


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("can't lift my arm without a pinch", "lifting"),
        ("pain running down my leg when I sit", "running"),
        ("my heart is jumping and the calf is tight", "jumping"),
        ("type 2 diabetes, tight calf", "repetitive_hand_work"),
    ],
)
def test_bare_verbs_name_no_cause(text: str, cause: str) -> None:
    assert cause not in ids(read(text), "cause")


@pytest.mark.parametrize(
    ("text", "mechanical"),
    [
        ("52, mid back ache from my desk", True),
        ("ache between the shoulder blades after rowing yesterday, no idea why", True),
        ("52, mid back ache, no idea why, I work in an office", False),
        ("70, first ever back pain, retired builder", False),
        ("back ache between the shoulders, dead tired", False),
    ],
)
def test_only_a_linked_cause_explains_the_pain(text: str, mechanical: bool) -> None:
    assert ("cause.mechanical" in read(text).facts) is mechanical


def test_walking_boots_are_no_fracture_but_a_walking_boot_is() -> None:
    assert "recent_fracture" not in ids(read("new walking boots, my shins ache"), "condition")
    assert "recent_fracture" in ids(read("in a walking boot for my ankle, hips stiff"), "condition")


def test_a_rowing_workout_is_rowing_alone() -> None:
    assert ids(read("", causes=["rowing workout"]), "cause") == {"rowing"}


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("lower bakc stiff", "low_back"),
        ("low bak stif", "low_back"),
        ("stiff nek", "neck"),
        ("SORE KNE", "knee"),
        ("S.I. joint stiff", "si_joint"),
        ("broke my ankle in 1999. It is stiff", "ankle"),
        ("pain from my lower back to the calf", "low_back"),
    ],
)
def test_places_are_found_behind_typos_and_turns_of_speech(text: str, region: str) -> None:
    assert regions(read(text))[0] == region


@pytest.mark.parametrize(
    ("text", "condition", "counts"),
    [
        ("cipro last month, tight calf", "fluoroquinolone", True),
        ("cipro two years ago, tight calf", "fluoroquinolone", False),
        ("steroid injection last week in my elbow", "steroid_injection", True),
        ("stenosis diagnosed 5 years ago, low back stiff", "stenosis", True),
        ("ACL reconstruction 10 years ago, knee stiff", "acl", False),
    ],
)
def test_conditions_count_as_long_as_they_last(text: str, condition: str, counts: bool) -> None:
    assert (condition in ids(read(text), "condition")) is counts


def test_weeks_still_to_come_are_not_the_week_of_pregnancy() -> None:
    reading = read("bump is huge, due in a few weeks, low back aches")
    assert reading.person.pregnant
    assert reading.person.pregnancy_weeks is None
    lost = read("pregnant, lost track of the weeks, calves feel tight")
    assert lost.person.pregnant
    assert lost.person.pregnancy_weeks is None, "only weeks that are counted tell the trimester"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("hernia was ruled out by the surgeon, just a tight groin after football", "hernia"),
        ("thought I'd slipped a disc but the MRI is clean, just stiff in the low back", "disc_acute"),
        ("had asthma as a toddler, grew out of it, 40 now. tight hamstrings", "copd_asthma"),
        ("dislocated my shoulder at 12, forty years ago, never any bother since. low back stiff", "sh_instability"),
        ("had a frozen shoulder in 2010, gone completely, now my neck is stiff", "frozen_shoulder"),
        ("I'm a Cancer, star sign I mean, with a stiff neck", "cancer_history"),
        ("husband's on warfarin but it's me with the stiff neck", "anticoag"),
        ("our cat is diabetic, bending for her jabs and my back's stiff", "diabetes"),
        ("watched Vertigo slumped on the sofa and woke with a stiff neck", "bppv"),
    ],
)
def test_a_condition_that_is_not_the_persons_own_does_not_count(text: str, condition: str) -> None:
    assert condition not in ids(read(text), "condition")


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("triple bypass four years ago, tight chest muscles", "cardiac"),
        ("3 stents in 2021, fine since, stiff back from golf", "cardiac"),
        ("right hip done in 2019, stiff calf", "hip_replacement"),
        ("had asthma as a kid and still use an inhaler, tight chest muscles", "copd_asthma"),
        ("my shoulder dislocated 12 years ago, comes out still, better after physio", "sh_instability"),
        ("thought it was my sciatica, hip x-ray was normal", "sciatica"),
        ("thought I'd slipped a disc and it isn't getting better", "disc_acute"),
        ("had leukaemia as a kid, no trouble since, tight hips", "cancer_history"),
        ("panicked it was cancer but it's a slipped disc, scan otherwise clear", "disc_acute"),
        ("cancer was ruled out, it's a hernia, tight hips", "hernia"),
    ],
)
def test_a_condition_that_lasts_counts_however_it_is_told(text: str, condition: str) -> None:
    assert condition in ids(read(text), "condition")
