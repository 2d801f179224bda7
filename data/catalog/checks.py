"""Cross-checks of the catalogue: every id that is named exists, and no exercise contradicts a condition rule."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from data.catalog.documents import CatalogDocument
from schemas.catalog import Tuning
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition
from schemas.lexicon import Concept
from schemas.red_flags import Question, RedFlag
from schemas.regions import Cause, MovementProperty, Muscle, Nicknames, Region, Topic
from schemas.translations import Translation

PRIVATE_PREFIX: Final = "own-"
SIGN: Final = "sign"
SYMPTOM_KINDS: Final = ("quality", "pattern")
COMPUTED_FACTS: Final = frozenset({"cause.mechanical", "condition.clearance_required"})
"""Facts that are about vocabulary documents, but are no id of one."""
FALLBACK_COUNTRY: Final = "ZZ"

Derive = Callable[[ExerciseDefinition], Collection[str]]


class Index:
    """The documents by kind and id, and what is asked of them again and again."""

    def __init__(self, documents: Sequence[CatalogDocument], derive: Derive | None) -> None:
        self.documents = documents
        self.derive = derive
        self.ids: dict[str, dict[str, CatalogDocument]] = defaultdict(dict)
        for found in documents:
            self.ids[found.kind].setdefault(found.id, found)
        self.regions = {i: d.document for i, d in self.ids["region"].items() if isinstance(d.document, Region)}
        self.conditions = {i: d.document for i, d in self.ids["condition"].items() if isinstance(d.document, Condition)}
        self.exercises = {
            i: d.document for i, d in self.ids["exercise"].items() if isinstance(d.document, ExerciseDefinition)
        }
        concepts = [d.document for d in documents if isinstance(d.document, Concept)]
        self.concepts: Mapping[str, set[str]] = _grouped((concept.kind, _bare(concept)) for concept in concepts)
        self.derived = {
            i
            for i, d in self.ids["property"].items()
            if isinstance(d.document, MovementProperty) and d.document.derived
        }
        parents = {region.parent for region in self.regions.values()}
        self.leaves = [i for i in sorted(self.regions) if i not in parents]

    def unknown(self, kind: str, names: Iterable[str], said: str) -> Iterator[str]:
        """Yield a finding for every name that is no id of the kind."""
        for name in names:
            if name not in self.ids[kind]:
                yield f"{said}: there is no {kind} {name}"

    def facts(self, names: Iterable[str], said: str) -> Iterator[str]:
        """Yield a finding for every fact that nothing can establish."""
        for name in names:
            kind, _, identity = name.partition(".")
            if name in COMPUTED_FACTS:
                continue
            if not identity:
                known = not self.concepts or name in self.concepts.get(SIGN, ())
            elif kind in ("region", "cause", "condition"):
                known = identity in self.ids[kind]
            elif kind == "heard":
                known = identity in self.ids["red_flag"]
            elif kind == "answer":
                known = not self.ids["question"] or identity in self.ids["question"]
            else:
                known = kind not in self.concepts or identity in self.concepts[kind]
            if not known:
                yield f"{said}: nothing establishes the fact {name}"

    def ancestry(self, region: str) -> list[str]:
        """Return the region and its parents, nearest first; a loop ends where it closes."""
        line: list[str] = []
        step: str | None = region
        while step is not None and step in self.regions and step not in line:
            line.append(step)
            step = self.regions[step].parent
        return line


def cross_check(documents: Sequence[CatalogDocument], derived: Derive | None = None) -> list[str]:
    """Return everything that is wrong between documents, each finding with its file; empty when all is sound.

    `derived` computes an exercise's movement properties that are never stored; without it only stored ones count.
    """
    index = Index(documents, derived)
    findings = list(_whole(index))
    for found in documents:
        findings += [f"{found.place}: {finding}" for finding in _one(found, index)]
    return findings


def own_findings(exercise: ExerciseDefinition, index: Index) -> list[str]:
    """Return everything that is wrong with an exercise of an organisation, each finding led by its field.

    Its variants need not name it in return: a shared exercise knows nothing of it.
    """
    findings = [] if exercise.id.startswith(PRIVATE_PREFIX) else [f"id: must begin with {PRIVATE_PREFIX}"]
    for name in ("easier", "harder"):
        findings += index.unknown("exercise", getattr(exercise, name), name)
    return [*findings, *_exercise(exercise, index)]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        groups[key].add(value)
    return dict(groups)


def _bare(concept: Concept) -> str:
    # A concept may carry its kind in front of its id, so that ids stay unique across kinds.
    return concept.id.removeprefix(f"{concept.kind}-").removeprefix(f"{concept.kind}_")


def _whole(index: Index) -> Iterator[str]:
    counts = Counter((found.kind, found.id) for found in index.documents)
    for found in index.documents:
        if counts[found.kind, found.id] > 1:
            yield f"{found.place}: this id stands more than once"
    served = {region for exercise in index.exercises.values() for region in exercise.regions}
    for leaf in index.leaves:
        if leaf not in served:
            yield f"{index.ids['region'][leaf].place}: no exercise serves it"
    if index.ids["numbers"] and FALLBACK_COUNTRY not in index.ids["numbers"]:
        yield f"emergency_numbers.toml: the fallback {FALLBACK_COUNTRY} is missing"


def _one(found: CatalogDocument, index: Index) -> Iterator[str]:
    document = found.document
    if isinstance(document, Region):
        yield from _region(document, index)
    elif isinstance(document, Muscle | Cause | Concept):
        yield from index.unknown("region", document.regions, "regions")
    elif isinstance(document, Condition):
        yield from _condition(document, index)
    elif isinstance(document, ExerciseDefinition):
        yield from _shared(document, index)
    elif isinstance(document, Topic | Nicknames):
        named = document.exercises if isinstance(document, Topic) else [document.id]
        yield from index.unknown("exercise", named, "exercises")
    elif isinstance(document, Question):
        yield from index.unknown("region", document.regions, "regions")
        yield from index.facts(document.answered_by, "answered_by")
        yield from index.facts(document.when, "when")
    elif isinstance(document, Tuning):
        yield from _tuning(document, index)
    elif isinstance(document, RedFlag):
        yield from _red_flag(document, index)
    elif isinstance(document, Translation):
        yield from index.unknown(document.of, [document.id], "id")


def _region(region: Region, index: Index) -> Iterator[str]:
    if region.parent is not None:
        yield from index.unknown("region", [region.parent], "parent")
        top = index.regions.get(index.ancestry(region.id)[-1])
        if top is not None and top.parent in index.regions:
            yield "parent: its parents run in a circle"
    yield from index.unknown("muscle", region.muscles, "muscles")
    if index.ids["question"]:
        yield from index.unknown("question", region.ask_first, "ask_first")


def _condition(condition: Condition, index: Index) -> Iterator[str]:
    yield from index.unknown("region", condition.regions, "regions")
    yield from index.unknown("condition", condition.unites, "unites")
    for united in condition.unites:
        if united == condition.id or (united in index.conditions and index.conditions[united].unites):
            yield f"unites: {united} itself stands for others"
    for verdict in ("forbid", "caution", "favour"):
        parts = {part for test in getattr(condition, verdict) for part in test.split("+")} - {"*"}
        for part in sorted(parts - index.ids["property"].keys() - index.regions.keys()):
            yield f"{verdict}: {part} is neither a movement property nor a region"
    for test in sorted({*condition.forbid} & {*condition.favour}):
        yield f"favour: {test} is forbidden as well"
    if not (condition.forbid or condition.caution or condition.favour or condition.unites or condition.level):
        yield "it has no rule"


def _tuning(tuning: Tuning, index: Index) -> Iterator[str]:
    for gate in tuning.gates:
        yield from (f"gate {gate.id}: {finding}" for finding in _condition(gate, index))
        if gate.id in index.conditions:
            yield f"gate {gate.id}: a condition has this id"
    yield from index.facts(tuning.implied_conditions, "implied_conditions")
    known = {*index.conditions, *(gate.id for gate in tuning.gates)}
    for name in tuning.implied_conditions.values():
        if name not in known:
            yield f"implied_conditions: there is no condition {name}"


def _red_flag(flag: RedFlag, index: Index) -> Iterator[str]:
    for number, case in enumerate(flag.cases, start=1):
        groups = [case.all_of, *case.any_of, case.none_of]
        yield from index.facts((fact for group in groups for fact in group), f"case {number}")


def _shared(exercise: ExerciseDefinition, index: Index) -> Iterator[str]:
    if exercise.id.startswith(PRIVATE_PREFIX):
        yield f"id: {PRIVATE_PREFIX} is kept for the exercises of organisations"
    yield from _exercise(exercise, index)
    yield from _variants(exercise, index)


def _exercise(exercise: ExerciseDefinition, index: Index) -> Iterator[str]:
    yield from index.unknown("region", exercise.regions, "regions")
    for region in exercise.regions:
        if region in index.regions and region not in index.leaves:
            yield f"regions: {region} has parts; name the part"
    yield from index.unknown("muscle", [*exercise.muscles.primary, *exercise.muscles.secondary], "muscles")
    yield from index.unknown("equipment", [*exercise.equipment, *exercise.equipment_optional], "equipment")
    yield from index.unknown("cause", exercise.causes, "causes")
    yield from index.unknown("stop_rule", exercise.stop_if, "stop_if")
    yield from index.unknown("property", exercise.properties, "properties")
    for name in exercise.properties:
        if name in index.derived:
            yield f"properties: {name} is derived from kind and position and must not be stored"
    known = {symptom for kind in SYMPTOM_KINDS for symptom in index.concepts.get(kind, ())}
    for symptom in exercise.symptoms:
        if known and symptom not in known:
            yield f"symptoms: there is no quality or pattern {symptom}"
    yield from _exercise_conditions(exercise, index)


def _exercise_conditions(exercise: ExerciseDefinition, index: Index) -> Iterator[str]:
    for name in ("conditions", "contraindicated_with", "cautioned_with"):
        yield from index.unknown("condition", getattr(exercise, name), name)
    coded = {*exercise.contraindicated_with, *exercise.cautioned_with}
    for note in exercise.contraindication_notes:
        if note.code not in coded:
            yield f"contraindication_notes: {note.code} has no code in contraindicated_with or cautioned_with"
        yield from index.unknown("condition", [note.code], "contraindication_notes")
    for name in sorted({*exercise.contraindicated_with} & {*exercise.cautioned_with}):
        yield f"cautioned_with: {name} is contraindicated as well"
    for name in exercise.conditions:
        if name in exercise.contraindicated_with:
            yield f"conditions: it claims to suit {name} and is contraindicated with it"
        for rule, test in _forbidden_by(exercise, name, index):
            yield f"conditions: it claims to suit {name}, but the rule of {rule} forbids {test}"


def _forbidden_by(exercise: ExerciseDefinition, name: str, index: Index) -> Iterator[tuple[str, str]]:
    if name not in index.conditions:
        return
    holds = {*exercise.properties, *(index.derive(exercise) if index.derive else ())}
    holds.update(step for region in exercise.regions for step in index.ancestry(region))
    for rule in (name, *index.conditions[name].unites):
        condition = index.conditions.get(rule)
        if condition is None or (condition.scoped and not holds & {*condition.regions}):
            continue
        for test in condition.forbid:
            if test == "*" or holds.issuperset(test.split("+")):
                yield rule, test


def _variants(exercise: ExerciseDefinition, index: Index) -> Iterator[str]:
    for here, there in (("easier", "harder"), ("harder", "easier")):
        names = getattr(exercise, here)
        yield from index.unknown("exercise", names, here)
        for name in names:
            if name in index.exercises and exercise.id not in getattr(index.exercises[name], there):
                yield f"{here}: {name} does not name it under {there}"
