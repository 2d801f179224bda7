"""Turns records of free-exercise-db into exercises by tables; a record that does not say enough is left out.

Source: the shape of github.com/yuhonas/free-exercise-db, `dist/exercises.json`.
"""

import re
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from api.interop.json_records import JsonRecord, JsonText
from api.interop.parsed import Fault, FileRefused, Found, LeftOut, Parsed, failures, shown, text_of
from schemas.exercises import ExerciseDefinition, Muscles
from schemas.imports import ImportTables, KindRule, NamedThing
from schemas.vocabulary import Evidence, Position, Space

_NO_SLUG: Final = re.compile(r"[^a-z0-9]+")


class FreeExercise(BaseModel):
    """A record as the database publishes it; what is not used here is passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    id: str
    name: str
    category: str
    level: str
    force: str | None = None
    equipment: str | None = None
    primaryMuscles: list[str]  # noqa: N815 - the name in the file
    secondaryMuscles: list[str]  # noqa: N815 - the name in the file
    instructions: list[str]


class _Undecided(Exception):
    """The record cannot become an exercise; the message is the reason."""


def read(content: bytes, tables: ImportTables, most: int) -> Parsed:
    """Return what the records of a file become and which were left out; faults are records of the wrong shape.

    Raises FileRefused when the file is no array of records, or of more than `most`.
    """
    text = JsonText(text_of(content), most)
    if not text.next_is("["):
        raise FileRefused("it is not a file of free-exercise-db: the outermost value must be an array")
    records = text.records()
    text.end()
    maker = _Maker(tables)
    found: list[Found] = []
    faults: list[Fault] = []
    left_out: list[LeftOut] = []
    taken: dict[str, str] = {}
    for record in records:
        entry, wrong = _entry(record)
        faults += wrong
        if entry is None:
            continue
        try:
            definition = maker.exercise(entry)
            if definition.id in taken:
                raise _Undecided(f"its id becomes the one of {taken[definition.id]}")
        except _Undecided as undecided:
            left_out.append(LeftOut(record.place, shown(entry.id), str(undecided)))
        else:
            taken[definition.id] = record.place
            found.append(Found(definition, record.place))
    return Parsed(tuple(found), tuple(faults), tuple(left_out))


def _entry(record: JsonRecord) -> tuple[FreeExercise | None, list[Fault]]:
    if not isinstance(record.value, dict):
        return None, [Fault(record.place, "", "must be an object")]
    try:
        return FreeExercise.model_validate(record.value), []
    except ValidationError as error:
        return None, [Fault(record.place, name, detail) for name, detail in failures(error)]


class _Maker:
    """Makes exercises by the tables."""

    def __init__(self, tables: ImportTables) -> None:
        self._tables = tables
        self._things = [(_pattern(thing), thing) for thing in tables.things]

    def exercise(self, entry: FreeExercise) -> ExerciseDefinition:
        """Return the exercise that a record becomes. Raises _Undecided with the reason when it becomes none."""
        steps = [step for step in entry.instructions if step.strip()]
        if not steps:
            raise _Undecided("no instructions")
        if entry.level not in self._tables.levels:
            raise _Undecided(f"unmapped level: {shown(entry.level)}")
        equipment = self._with_things(entry, self._equipment(entry))
        rule = self._rule(entry)
        primary = self._groups(entry.primaryMuscles)
        if not primary:
            raise _Undecided("no primary muscle")
        secondary = [name for name in self._groups(entry.secondaryMuscles) if name not in primary]
        fields = {
            **self._said(entry),
            **self._ruled(rule, primary, secondary),
            "steps": steps,
            "equipment": equipment,
            "muscles": self._muscles(primary, secondary),
            "source": self._source(entry, rule),
        }
        try:
            return ExerciseDefinition.model_validate(fields)
        except ValidationError as error:
            name, detail = next(failures(error))
            raise _Undecided(f"it does not fit: {shown(name)}: {detail}") from None

    def _said(self, entry: FreeExercise) -> dict[str, object]:
        """Return what the record and the tables say whatever its kind; nothing is known of how it moves and where."""
        tables = self._tables
        return {
            "id": f"{tables.id_prefix}-{_NO_SLUG.sub('-', entry.id.lower()).strip('-')}",
            "name": entry.name,
            "level": tables.levels[entry.level],
            "position": Position.UNSTATED,
            "space": Space.UNSTATED,
            "properties_known": False,
            "stop_if": tables.stop_if,
            "evidence": Evidence.IMPORTED,
            "licence": tables.licence,
            "revised_on": tables.revised_on,
        }

    def _ruled(self, rule: KindRule, primary: list[str], secondary: list[str]) -> dict[str, object]:
        """Return what follows from its kind."""
        return {
            "kind": rule.kind,
            "summary": _summary(rule, primary, secondary),
            "regions": self._regions(rule, primary, secondary),
            "dosage": self._tables.doses[rule.dose or ""].dosage,
        }

    def _source(self, entry: FreeExercise, rule: KindRule) -> str:
        dose = self._tables.doses[rule.dose or ""].source
        return f"{self._tables.source}, record {entry.id}. The dose is not of the record: {dose}."

    def _equipment(self, entry: FreeExercise) -> list[str]:
        said = entry.equipment or ""
        if said not in self._tables.equipment:
            raise _Undecided(f"unmapped equipment: {shown(said)}")
        return self._tables.equipment[said]

    def _rule(self, entry: FreeExercise) -> KindRule:
        for rule in self._tables.kind_rules:
            if _fits(rule, entry):
                if rule.kind is None:
                    raise _Undecided(f"undecided kind: {rule.why}")
                return rule
        raise _Undecided(f"unmapped category: {shown(entry.category)} with force {shown(entry.force or 'not said')}")

    def _with_things(self, entry: FreeExercise, equipment: list[str]) -> list[str]:
        """Return the equipment with the things that the text names: needing more than it does harms nobody."""
        text = " ".join((entry.name, *entry.instructions)).lower()
        found = list(equipment)
        for pattern, thing in self._things:
            named = pattern.search(text)
            if named is None or not {thing.equipment, *thing.part_of}.isdisjoint(found):
                continue
            if thing.equipment is None:
                raise _Undecided(f"its text names what has no counterpart here: {named[1]}")
            found.append(thing.equipment)
        return found

    def _groups(self, names: list[str]) -> list[str]:
        for name in names:
            if name not in self._tables.muscle_groups:
                raise _Undecided(f"unmapped muscle: {shown(name)}")
        return list(dict.fromkeys(names))

    def _muscles(self, primary: list[str], secondary: list[str]) -> Muscles:
        groups = self._tables.muscle_groups
        first = list(dict.fromkeys(muscle for name in primary for muscle in groups[name].muscles))
        others = dict.fromkeys(muscle for name in secondary for muscle in groups[name].muscles)
        return Muscles(primary=first, secondary=[muscle for muscle in others if muscle not in first])

    def _regions(self, rule: KindRule, primary: list[str], secondary: list[str]) -> dict[str, float]:
        relief = self._tables.reliefs[rule.relief or ""]
        weights = dict(self._weighted(secondary, relief.secondary))
        weights.update(self._weighted(primary, relief.primary))
        return dict(sorted(weights.items()))

    def _weighted(self, names: list[str], weight: float) -> Iterator[tuple[str, float]]:
        for name in names:
            for region in self._tables.muscle_groups[name].regions:
                yield region, weight


def _fits(rule: KindRule, entry: FreeExercise) -> bool:
    return (
        entry.category in rule.categories
        and (not rule.forces or (entry.force or "") in rule.forces)
        and (not rule.equipment or (entry.equipment or "") in rule.equipment)
        and (not rule.name_has or any(part in entry.name.lower() for part in rule.name_has))
    )


def _pattern(thing: NamedThing) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in thing.words)
    return re.compile(rf"\b({words})(?:e?s)?\b")


def _summary(rule: KindRule, primary: list[str], secondary: list[str]) -> str:
    others = f" Also at work: {', '.join(secondary)}." if secondary else ""
    main = ", ".join(primary)
    return f"{rule.called}. Main muscles: {main}.{others} Imported as published; nobody here has reviewed it."
