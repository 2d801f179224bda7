"""What holds a person back beside the words of today: an earlier triage, or sessions that all went badly."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.catalog import RuleSet
from schemas.findings import Assessment
from schemas.vocabulary import Action, Disposition

OPEN_TO_EXERCISE = frozenset({Disposition.CAUTION, Disposition.SELF_CARE})
ADVICE = "on_hold"
STOPPED = "progression_stopped"


def lifts(assessment: Assessment, *, cleared: bool) -> bool:
    """Return True when this screen ends a hold: complete without a stopping sign, or cleared by a clinician."""
    if assessment.disposition not in OPEN_TO_EXERCISE:
        return False
    return cleared or assessment.screen_complete


def under_hold(
    assessment: Assessment, held: Sequence[str] | None, *, cleared: bool, rules: RuleSet, may_lift: bool = True
) -> Assessment:
    """Return the triage of a person who may be on hold for the flags `held`; None means no hold.

    Whoever may not end a hold does not see behind it either.
    """
    if held is None or assessment.disposition not in OPEN_TO_EXERCISE:
        return assessment
    if may_lift and lifts(assessment, cleared=cleared):
        return assessment
    return replace(
        assessment,
        disposition=Disposition.ANSWER_FIRST,
        action=Action.ANSWER_QUESTIONS,
        advice=rules.tuning.texts[ADVICE],
        blocking_questions=frozenset(assessment.open_questions),
    )


def after_reds(assessment: Assessment, *, stopped: bool, rules: RuleSet) -> Assessment:
    """Return the triage of a person whose sessions say `stopped`: a clinician first. Source: clinical facts 4.2."""
    if not stopped or assessment.disposition not in OPEN_TO_EXERCISE:
        return assessment
    return replace(
        assessment,
        disposition=Disposition.SEE_CLINICIAN,
        action=Action.BOOK_CLINICIAN,
        advice=rules.tuning.texts[STOPPED],
    )
