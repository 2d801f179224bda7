"""Every example of red_flags.toml: positives fire their flag, negatives do not."""

import pytest

from schemas.red_flags import RedFlag
from schemas.vocabulary import Disposition, FlagLevel
from tests.rules.asking import ask, shipped

FLAGS = list(shipped().rules.red_flags.values())
POSITIVE = [pytest.param(flag, text, id=f"{flag.id}-{text[:40]}") for flag in FLAGS for text in flag.positive]
NEGATIVE = [pytest.param(flag, text, id=f"{flag.id}-{text[:40]}") for flag in FLAGS for text in flag.negative]


@pytest.mark.parametrize(("flag", "text"), POSITIVE)
def test_a_positive_example_fires_its_flag(flag: RedFlag, text: str) -> None:
    heard = ask(text)
    assert flag.id in heard.flags
    assert heard.disposition not in (Disposition.CAUTION, Disposition.SELF_CARE)


@pytest.mark.parametrize(("flag", "text"), NEGATIVE)
def test_a_negative_example_does_not(flag: RedFlag, text: str) -> None:
    assert flag.id not in ask(text).flags


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.id)
def test_every_flag_is_complete(flag: RedFlag) -> None:
    only_answered = all(fact.startswith("answer.") for case in flag.cases for fact in case.all_of)
    assert len(flag.positive) >= 5 or only_answered
    assert len(flag.negative) >= 3
    assert flag.cases
    assert flag.source


def test_the_flags_of_the_clinical_sheet_are_all_there() -> None:
    assert {f"rf{number:02d}" for number in range(1, 53)} <= set(shipped().rules.red_flags)


def test_what_needs_an_ambulance_says_whom_to_call() -> None:
    for flag in FLAGS:
        if flag.level is FlagLevel.EMERGENCY:
            assert "{emergency}" in flag.advice


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.id)
def test_reasons_never_pronounce_a_diagnosis(flag: RedFlag) -> None:
    said = flag.reason.lower()
    assert "you have a" not in said
    assert "diagnos" not in said
