"""The parts of an answer that stand before any exercise: what was understood, the triage, the questions still open."""

from collections.abc import Iterable

from api.rules.needs import UNKNOWN_CONDITION, Need, holds
from schemas.catalog import RuleSet
from schemas.findings import Assessment, Finding, Reading
from schemas.recommendations import (
    Disclaimer,
    FiredFlag,
    OpenQuestion,
    Screening,
    Triage,
    Understood,
    UnderstoodRegion,
    UnderstoodTerm,
    UnknownWords,
)
from schemas.vocabulary import Status

DISCLAIMER_CODE = "information_not_diagnosis"
SHOWN_KINDS = ("cause", "condition", "quality", "pattern", "sign")


def understood(reading: Reading, need: Need) -> Understood:
    """Return what was understood, each with where it was said; never the words themselves."""
    counted = [finding for finding in reading.findings if holds(finding)]
    rest = [finding for finding in reading.findings if not holds(finding) and finding.kind in (*SHOWN_KINDS, "region")]
    return Understood(
        regions=[_region(finding) for finding in counted if finding.kind == "region"],
        causes=_terms(counted, "cause"),
        conditions=_terms(counted, "condition"),
        qualities=_terms(counted, "quality"),
        patterns=_terms(counted, "pattern"),
        signs=_terms(counted, "sign"),
        denied=[_term(finding) for finding in rest if finding.status is Status.DENIED],
        ignored=[_term(finding) for finding in rest if finding.status is not Status.DENIED],
        unknown=[
            UnknownWords(source=words.pointer, question=words.question, nearest=list(words.nearest))
            for words in reading.unplaced
        ],
        equipment=None if need.equipment is None else sorted(need.equipment),
        positions=None if need.positions is None else sorted(need.positions),
        age=reading.person.age,
        pregnant=reading.person.pregnant,
        pregnancy_weeks=reading.person.pregnancy_weeks,
        severity=need.severity,
        duration_days=reading.duration_days,
        subject=reading.person.subject,
        checked_for=[*need.conditions, *([UNKNOWN_CONDITION] if need.unknown_condition else [])],
    )


def triage_of(assessment: Assessment, rules: RuleSet) -> Triage:
    """Return the disposition, the flags that fired in the order of the assessment, and what to do."""
    flags = [
        FiredFlag(
            id=fired.id,
            version=rules.red_flags[fired.id].version,
            name=rules.red_flags[fired.id].name,
            level=fired.level,
            reason=rules.red_flags[fired.id].reason,
            span=fired.span,
        )
        for fired in assessment.flags
    ]
    return Triage(disposition=assessment.disposition, flags=flags, action=assessment.action, advice=assessment.advice)


def screening_of(assessment: Assessment, rules: RuleSet) -> Screening:
    """Return whether the screen is complete and which questions are still open, blocking ones first."""
    return Screening(
        complete=assessment.screen_complete,
        open=[
            OpenQuestion(id=key, text=rules.questions[key].text, blocking=key in assessment.blocking_questions)
            for key in assessment.open_questions
        ],
    )


def disclaimer_of(rules: RuleSet) -> Disclaimer:
    """Return what every answer says of itself."""
    return Disclaimer(code=DISCLAIMER_CODE, text=rules.tuning.texts["disclaimer"])


def _region(finding: Finding) -> UnderstoodRegion:
    return UnderstoodRegion(
        region=finding.id,
        status=finding.status,
        side=finding.side,
        severity=finding.severity,
        confidence=round(finding.confidence, 3),
        source=finding.pointer,
        span=finding.span,
    )


def _terms(findings: Iterable[Finding], kind: str) -> list[UnderstoodTerm]:
    return [_term(finding) for finding in findings if finding.kind == kind]


def _term(finding: Finding) -> UnderstoodTerm:
    return UnderstoodTerm(
        kind=finding.kind, id=finding.id, status=finding.status, source=finding.pointer, span=finding.span
    )
