"""Signs in what a person wrote or ticked after a session, read and weighed like a question of today.

Only notes and new symptoms tell of signs; the pain of the session is read along with them. Pain alone, however strong,
never sends anybody to a professional without a further word (decisions on safety 5.12), so that a session without
either is not read at all.
"""

from api.rules import triage, triage_answers, understanding
from api.rules.reader import Reader
from schemas.catalog import Catalog, Lexicon, RuleSet
from schemas.findings import Finding
from schemas.recommendations import PainArea, ScreeningAnswers, TriageQuestion
from schemas.session_logs import PainLog, SessionLogFields
from schemas.session_triage import SessionTriage
from schemas.vocabulary import Disposition, Status

TOLD = frozenset({Disposition.EMERGENCY, Disposition.URGENT, Disposition.SEE_CLINICIAN})
MOST_AREAS = 10


def says_something(log: SessionLogFields) -> bool:
    """Return True when the session holds anything that a sign could stand in."""
    return bool(log.new_symptoms) or bool(log.notes and log.notes.strip())


def signs_of(
    log: SessionLogFields, reader: Reader, lexicon: Lexicon, catalog: Catalog, rules: RuleSet
) -> SessionTriage | None:
    """Return what to do, when a professional should look at it first; else None."""
    if not says_something(log):
        return None
    question = TriageQuestion(text=log.notes or "", pain_areas=_areas(log.pain))
    reading = understanding.read(question, reader, _ticked(log.new_symptoms, lexicon))
    assessment = triage.assess(reading, ScreeningAnswers(), None, catalog, rules)
    if assessment.disposition not in TOLD:
        return None
    return SessionTriage(observed_at=log.ended_at, **vars(triage_answers.triage_of(assessment, rules)))


def _areas(pain: list[PainLog]) -> list[PainArea]:
    felt = [PainArea(region=entry.region, side=entry.side, severity=_worst(entry)) for entry in pain]
    return sorted(felt, key=lambda area: -(area.severity or 0))[:MOST_AREAS]


def _worst(entry: PainLog) -> int | None:
    scores = (entry.before, entry.during_max, entry.after, entry.next_morning)
    return max((score for score in scores if score is not None), default=None)


def _ticked(symptoms: list[str], lexicon: Lexicon) -> list[Finding]:
    concepts = lexicon.concepts
    return [
        Finding(concepts[symptom].kind, symptom, Status.PRESENT, 1.0, f"/new_symptoms/{place}")
        for place, symptom in enumerate(symptoms)
    ]
