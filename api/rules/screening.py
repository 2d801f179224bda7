"""Which screening questions are still open for what was understood."""

from collections.abc import Mapping

from api.rules.flags import ANSWER, FactBase
from schemas.catalog import Catalog, RuleSet
from schemas.findings import Reading
from schemas.red_flags import Question
from schemas.vocabulary import Status


def open_questions(
    reading: Reading, evidence: FactBase, answers: Mapping[str, bool], catalog: Catalog, rules: RuleSet
) -> tuple[str, ...]:
    """Return the ids of the questions to ask, most important first, without those that are answered already."""
    said, places = _places(reading, catalog)
    named = {name for place in sorted(said) for name in _asked_first(place, catalog)}
    wanted = [
        question
        for question in rules.questions.values()
        if question.id in named
        or places.intersection(question.regions)
        or evidence.uncertain.intersection(question.when)
    ]
    still = [q for q in wanted if q.id not in answers and not _answered(q, reading, evidence)]
    return tuple(q.id for q in sorted(still, key=lambda q: (q.priority, q.id)))


def _places(reading: Reading, catalog: Catalog) -> tuple[set[str], set[str]]:
    """The places that were said, and those with the larger areas that they belong to."""
    places = {f.id for f in reading.findings if f.kind == "region" and f.status in (Status.PRESENT, Status.UNCERTAIN)}
    parents = {catalog.regions[place].parent for place in places if place in catalog.regions}
    return places, places | {parent for parent in parents if parent}


def _asked_first(place: str, catalog: Catalog) -> list[str]:
    region = catalog.regions.get(place)
    return list(region.ask_first) if region is not None else []


def _answered(question: Question, reading: Reading, evidence: FactBase) -> bool:
    """A present finding answers a question; denials do when every part of it is denied."""
    if not question.answered_by:
        return False
    if evidence.certain.intersection(question.answered_by) or f"{ANSWER}{question.id}" in evidence.certain:
        return True
    return reading.denied_facts.issuperset(question.answered_by)
