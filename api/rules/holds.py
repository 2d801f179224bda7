"""What holds a person back beside the words of today: an earlier triage, or sessions that all went badly."""

from collections.abc import Sequence
from dataclasses import replace

from api.rules.triage import ACTIONS
from schemas.catalog import RuleSet
from schemas.findings import Assessment, Flagged
from schemas.vocabulary import OPEN_TO_EXERCISE, Disposition

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
    held_back = halted(assessment, Disposition.ANSWER_FIRST, rules.tuning.texts[ADVICE])
    return replace(held_back, blocking_questions=frozenset(assessment.open_questions))


def after_reds(assessment: Assessment, *, stopped: bool, rules: RuleSet) -> Assessment:
    """Return the triage of a person whose sessions say `stopped`: a clinician first. Source: clinical facts 4.2."""
    return halted(assessment, Disposition.SEE_CLINICIAN, rules.tuning.texts[STOPPED]) if stopped else assessment


def halted(assessment: Assessment, disposition: Disposition, advice: str, flags: Sequence[Flagged] = ()) -> Assessment:
    """Return the triage that ends in `disposition` for these flags too, unless it stops the person already."""
    if assessment.disposition not in OPEN_TO_EXERCISE:
        return assessment
    return replace(
        assessment,
        disposition=disposition,
        action=ACTIONS[disposition],
        advice=advice,
        flags=(*assessment.flags, *flags),
    )
