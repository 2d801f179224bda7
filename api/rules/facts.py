"""The facts that findings establish, as the red-flag rules name them."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.rules.reader import Reader
from schemas.findings import Finding, PersonFacts
from schemas.vocabulary import Status

LEAST_SURE = 0.3
SURE = 0.5
CLEARANCE = "condition.clearance_required"
COUNTED_KINDS = ("region", "cause", "condition", "quality", "pattern", "timing")


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts by how they were said. `denied` are those said not to be, and not said to be elsewhere; `measured` are
    among those that are present, `ruled_out` those that a measure speaks against and none for."""

    present: frozenset[str]
    uncertain: frozenset[str]
    recent: frozenset[str]
    denied: frozenset[str]
    measured: frozenset[str]
    ruled_out: frozenset[str]


@dataclass(frozen=True, slots=True)
class Amounts:
    """The measured amounts of one question, by measure."""

    values: tuple[tuple[str, float], ...] = ()


def establish(findings: Iterable[Finding], person: PersonFacts, amounts: Amounts, child: bool, reader: Reader) -> Facts:
    """Return the facts of `findings`, of the person and of the measures."""
    present: set[str] = set()
    uncertain: set[str] = set()
    recent: set[str] = set()
    denied: set[str] = set()
    for finding in findings:
        names = _names(finding, reader)
        if finding.status is Status.PRESENT:
            present.update(names)
        elif finding.status is Status.UNCERTAIN:
            uncertain.update(names)
        elif finding.status is Status.PAST and finding.recent:
            (recent if finding.confidence >= 1 or finding.kind != "sign" else uncertain).update(names)
        elif finding.status is Status.DENIED:
            denied.update(names)
    present.update(_of_person(person, child, reader))
    measured = _measured(amounts, reader)
    present.update(measured)
    return Facts(
        frozenset(present),
        frozenset(uncertain - present),
        frozenset(recent - present),
        frozenset(denied - present - uncertain - recent),
        frozenset(measured),
        frozenset(short_of(amounts, reader) - present),
    )


def _names(finding: Finding, reader: Reader) -> set[str]:
    if finding.kind == "sign":
        return {finding.id}
    if finding.kind not in COUNTED_KINDS or (finding.kind == "region" and finding.confidence < LEAST_SURE):
        return set()
    vague = finding.kind == "region" and finding.confidence < SURE
    names = set() if vague else {f"{finding.kind}.{finding.id}"}
    if finding.kind == "region" and finding.id in reader.parents:
        names.add(f"region.{reader.parents[finding.id]}")
    if finding.kind == "cause" and finding.id in reader.mechanical and finding.confidence > SURE:
        names.add("cause.mechanical")
    if finding.kind == "condition":
        names.update(f"condition.{each}" for each in reader.unites.get(finding.id, ()))
        if finding.id in reader.clearance:
            names.add(CLEARANCE)
    return names


def _of_person(person: PersonFacts, child: bool, reader: Reader) -> set[str]:
    names: set[str] = set()
    if person.age is not None:
        names.add("person.age")
    elif child:
        names.add("person.child")
    if person.pregnant:
        names.add("person.pregnant")
    if person.pregnancy_weeks is not None:
        names.add("person.pregnancy_weeks")
    if person.postpartum_weeks is not None:
        names.add("person.postpartum")
        if person.postpartum_weeks <= reader.limits.get("postpartum.early_weeks", 6):
            names.add("person.postpartum_early")
    if person.subject != "self":
        names.add("person.other")
    return names


def _measured(amounts: Amounts, reader: Reader) -> set[str]:
    names: set[str] = set()
    for concept in reader.measures:
        for measure, value in amounts.values:
            low, high = concept.at_least.get(measure), concept.at_most.get(measure)
            if (
                (low is None and high is None)
                or (low is not None and value < low)
                or (high is not None and value > high)
            ):
                continue
            names.add(concept.id if concept.kind == "sign" else f"{concept.kind}.{concept.id}")
    return names


def short_of(amounts: Amounts, reader: Reader) -> set[str]:
    """The signs that a measure falls short of, such as fever at 36.7 degrees."""
    return {
        concept.id
        for concept in reader.measures
        for measure, value in amounts.values
        if concept.kind == "sign" and value < concept.at_least.get(measure, value)
    }
