"""What editors are held to: no exercise is incomplete, contradicts itself, says next to nothing or repeats another."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.catalog.checks import Derive, cross_check
from data.catalog.documents import CatalogDocument, where
from data.catalog.likeness import likenesses
from data.catalog.reading import read_folder
from data.catalog.remarks import PlacedRemark, Remark, located, relocated
from data.catalog.reviews import NOT_THE_TEXT, text_digest
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition
from schemas.regions import MovementProperty
from schemas.vocabulary import Evidence, Position, Space


@dataclass(frozen=True, slots=True)
class Least:
    """The least that a text must say, in characters or entries: checks of the writing, not clinical limits.

    People follow an exercise alone with a screen. The bounds lie below anything a careful writer has needed, and above
    a bare word such as "Slowly." or "Relax.".
    """

    setup: int = 10
    feel: int = 10
    breathing: int = 5
    step: int = 20
    all_steps: int = 150
    cue: int = 10
    mistake: int = 10
    steps: int = 2
    cues: int = 1
    mistakes: int = 1
    movements: int = 1
    lay_words: int = 3


LEAST: Final = Least()
HARDEST: Final = 3
MAIN_WEIGHT: Final = 1.0

_PART: Final = r"(?:side|leg|arm|hand|foot|knee|hip|shoulder|elbow|wrist|ear|heel|ankle|buttock|cheek|thumb|calf|thigh)"
# "Right" alone is no side (right angle, right away), and "both feet" or "one hand" is said of any exercise.
_SPEAKS_OF_A_SIDE: Final = re.compile(
    rf"\b(?:(?:other|each|second|opposite|left|right)\s+{_PART}|the other(?=\s+one\b|\s*[.,;])"
    rf"|(?:on|to|the|your)\s+(?:left|right)|swap|switch|chang\w*\s+(?:over|sides|{_PART}s|feet)|turn over)\b",
    re.IGNORECASE,
)
_STARTS_OVER: Final = re.compile(
    rf"\b(?:(?:swap|switch|chang)\w*\s+(?:over|sides|legs|arms|hands|feet)"
    rf"|(?:repeat|the same|do it|do this)\s(?:[^.]{{0,30}}\s)?(?:on|to|with|for)\s+(?:the|your)\s+"
    rf"(?:other|second|opposite)\s+{_PART}|again\s+(?:on|to)\s+(?:the|your)\s+(?:other|second|opposite)\s+{_PART})\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Examination:
    """What a folder holds and everything that is wrong with it; `exercises` by id, findings by place.

    `readable` is false when a file could not be read: then nothing was checked that needs all of them.
    """

    exercises: Mapping[str, CatalogDocument]
    findings: tuple[PlacedRemark, ...]
    readable: bool

    def faulty(self) -> frozenset[str]:
        """Return the ids of the exercises with findings; a void review is none, for a new one mends it."""
        files = {finding.file for finding in self.findings if finding.field not in NOT_THE_TEXT}
        return frozenset(i for i, found in self.exercises.items() if where(found.path) in files)


@dataclass(frozen=True, slots=True)
class _Known:
    exercises: Mapping[str, ExerciseDefinition]
    properties: Mapping[str, MovementProperty]
    conditions: Mapping[str, Condition]


def examine(folder: Path, derived: Derive | None = None) -> Examination:
    """Return the exercises of a catalogue folder with every finding of the reading, the cross-check and the editors.

    `derived` computes an exercise's movement properties that are never stored. Raises OSError on an unreadable file.
    """
    reading = read_folder(folder)
    exercises = {d.id: d for d in reading.documents if isinstance(d.document, ExerciseDefinition)}
    texts = {where(d.path): d.path.read_text(encoding="utf-8") for d in exercises.values()}
    # A document that did not parse would make every mention of it a second, misleading finding.
    findings = [relocated(text, {}) for text in reading.findings]
    if not findings:
        findings = [relocated(text, texts) for text in cross_check(reading.documents, derived)]
    if not exercises and not findings:
        findings.append(PlacedRemark("", 0, f"{folder.name}: it holds no exercise"))
    for identity, remark in _remarks(reading.documents):
        found = exercises[identity]
        findings.append(located(found, remark, texts[where(found.path)]))
    return Examination(exercises, tuple(sorted(set(findings))), readable=not reading.findings)


def _remarks(documents: Sequence[CatalogDocument]) -> Iterator[tuple[str, Remark]]:
    stated = [item.document for item in documents]
    known = _Known(
        exercises={d.id: d for d in stated if isinstance(d, ExerciseDefinition)},
        properties={d.id: d for d in stated if isinstance(d, MovementProperty)},
        conditions={d.id: d for d in stated if isinstance(d, Condition)},
    )
    for exercise in known.exercises.values():
        for check in (_missing, _unstated, _thin, _one_sided, _void_review):
            yield from ((exercise.id, remark) for remark in check(exercise))
        for compare in (_unsupported, _levels, _unexplained):
            yield from ((exercise.id, remark) for remark in compare(exercise, known))
    yield from likenesses(known.exercises)


def _missing(exercise: ExerciseDefinition) -> Iterator[Remark]:
    for name in ("setup", "feel", "breathing"):
        least = getattr(LEAST, name)
        if len(getattr(exercise, name).strip()) < least:
            yield Remark(name, f"it is missing or shorter than {least} characters")
    for name in ("steps", "cues", "mistakes", "movements", "lay_words"):
        entries, least = [entry for entry in getattr(exercise, name) if entry.strip()], getattr(LEAST, name)
        if len(entries) < least:
            yield Remark(name, f"it has {len(entries)} of at least {least}")


def _unstated(exercise: ExerciseDefinition) -> Iterator[Remark]:
    if exercise.device is None:
        yield Remark("device", "it is missing; phones need a name for their workout stores")
    if not exercise.source.strip():
        yield Remark("source", "it is missing")
    if not exercise.properties_known:
        yield Remark("properties_known", "it is false; list the movement properties, or no condition permits it")
    if exercise.evidence is Evidence.IMPORTED:
        yield Remark("evidence", "imported is no grade; say what stands behind it")
    if MAIN_WEIGHT not in exercise.regions.values():
        yield Remark("regions", "none has the weight 1.0; name the main one")
    if exercise.position is Position.UNSTATED:
        yield Remark("position", "it is unstated")
    if exercise.space is Space.UNSTATED:
        yield Remark("space", "it is unstated")


def _thin(exercise: ExerciseDefinition) -> Iterator[Remark]:
    for name, least in (("steps", LEAST.step), ("cues", LEAST.cue), ("mistakes", LEAST.mistake)):
        for entry in getattr(exercise, name):
            if len(entry.strip()) < least:
                yield Remark(name, f"{entry!r} says too little, under {least} characters", entry)
    said = sum(len(step.strip()) for step in exercise.steps)
    if said < LEAST.all_steps:
        yield Remark(
            "steps", f"together they have {said} characters, under {LEAST.all_steps}; nobody could follow them"
        )


def _one_sided(exercise: ExerciseDefinition) -> Iterator[Remark]:
    sided = {dose.per_side for dose in exercise.dosage.values()}
    if len(sided) > 1:
        yield Remark("dosage", "per_side differs between the doses")
        return
    if sided == {True}:
        if not any(_SPEAKS_OF_A_SIDE.search(step) for step in exercise.steps):
            yield Remark("steps", "the dose is per side, but no step speaks of a side; say when to change")
        return
    for step in exercise.steps:
        if _STARTS_OVER.search(step):
            yield Remark("steps", f"{step!r} changes sides, but the dose is not per_side", step)


def _void_review(exercise: ExerciseDefinition) -> Iterator[Remark]:
    name = exercise.reviewed_by.strip()
    if not name:
        for field in ("reviewed_on", "reviewed_text"):
            if getattr(exercise, field):
                yield Remark(field, "a review without a name in reviewed_by")
        return
    if exercise.reviewed_on is None:
        yield Remark("reviewed_by", "the day of the review, reviewed_on, is missing, so it is void")
    if not exercise.reviewed_text:
        yield Remark("reviewed_by", "reviewed_text is missing, so it is void; write it with `catalog review`")
    elif exercise.reviewed_text != text_digest(exercise):
        yield Remark("reviewed_text", f"the review by {name} is void: the text has changed since")


def _unsupported(exercise: ExerciseDefinition, known: _Known) -> Iterator[Remark]:
    moved = [_words(movement) for movement in exercise.movements]
    for name in exercise.properties:
        stored = known.properties.get(name)
        ways = stored.supported_by if stored else []
        if ways and not any(_holds(movement, _words(way)) for movement in moved for way in ways):
            yield Remark("properties", f"{name}, but movements has none of {', '.join(ways)}", name)


def _words(movement: str) -> list[str]:
    return re.findall(r"[^\W_]+", movement.lower())


def _holds(movement: list[str], way: list[str]) -> bool:
    # In a row: "cervical lateral flexion" is not "cervical flexion".
    return any(movement[at : at + len(way)] == way for at in range(len(movement) - len(way) + 1))


def _levels(exercise: ExerciseDefinition, known: _Known) -> Iterator[Remark]:
    if exercise.level == HARDEST and not exercise.easier:
        yield Remark("level", f"{HARDEST}, but no easier variant leads to it")
    for name in exercise.easier:
        if name in known.exercises and known.exercises[name].level > exercise.level:
            level = known.exercises[name].level
            yield Remark("easier", f"{name} has level {level}, this one {exercise.level}", name)
    for name in exercise.harder:
        if name in known.exercises and known.exercises[name].level < exercise.level:
            level = known.exercises[name].level
            yield Remark("harder", f"{name} has level {level}, this one {exercise.level}", name)


def _unexplained(exercise: ExerciseDefinition, known: _Known) -> Iterator[Remark]:
    noted = {note.code for note in exercise.contraindication_notes if note.text.strip()}
    for code in exercise.contraindicated_with:
        condition = known.conditions.get(code)
        if condition is not None and code not in noted and not condition.because.strip():
            yield Remark("contraindicated_with", f"{code} has neither a note here nor a reason of its own", code)
