"""What a hold does: after an emergency or urgent triage no exercise before a new screen or a clinician's word."""

from collections.abc import Sequence
from dataclasses import replace

from schemas.catalog import RuleSet
from schemas.findings import Assessment
from schemas.vocabulary import Action, Disposition

STOPPING = frozenset({Disposition.EMERGENCY, Disposition.URGENT})
OPEN_TO_EXERCISE = frozenset({Disposition.CAUTION, Disposition.SELF_CARE})
ADVICE = "on_hold"


def lifts(assessment: Assessment, *, cleared: bool) -> bool:
    """Return True when this screen ends a hold: complete without a stopping sign, or cleared by a clinician."""
    if assessment.disposition not in OPEN_TO_EXERCISE:
        return False
    return cleared or assessment.screen_complete


def under_hold(assessment: Assessment, held: Sequence[str] | None, *, cleared: bool, rules: RuleSet) -> Assessment:
    """Return the triage of a person who may be on hold for the flags `held`; None means no hold."""
    if held is None or assessment.disposition not in OPEN_TO_EXERCISE or lifts(assessment, cleared=cleared):
        return assessment
    return replace(
        assessment,
        disposition=Disposition.ANSWER_FIRST,
        action=Action.ANSWER_QUESTIONS,
        advice=rules.tuning.texts[ADVICE],
        blocking_questions=frozenset(assessment.open_questions),
    )
