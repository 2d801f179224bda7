"""What conditions say about exercises: forbid beats caution beats favour, and every verdict carries its reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from api.rules.properties import UNLISTED, all_properties
from schemas.catalog import Catalog, RuleSet
from schemas.conditions import Condition
from schemas.exercises import ExerciseDefinition
from schemas.regions import MovementProperty, Region
from schemas.vocabulary import Kind, Verdict

LISTED_FORBID = "contraindicated_with"
LISTED_CAUTION = "cautioned_with"
EVERYTHING_ELSE = "*"


@dataclass(frozen=True, slots=True)
class Hit:
    """One verdict of one rule: the condition's id, the movement property that fired, and the sentence that says why."""

    rule: str
    verdict: Verdict
    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The strictest verdict over all conditions, and every hit in the order of the conditions given."""

    verdict: Verdict
    hits: tuple[Hit, ...]

    def of(self, verdict: Verdict) -> tuple[Hit, ...]:
        """Return the hits of one verdict."""
        return tuple(hit for hit in self.hits if hit.verdict is verdict)


NEUTRAL = Judgement(Verdict.NEUTRAL, ())


SharedSets = dict[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Traits:
    """What rules test of an exercise: all its properties, its leaf regions, all its regions with their parents, its own
    lists."""

    properties: frozenset[str]
    leaves: frozenset[str]
    regions: frozenset[str]
    breathing: bool
    forbidden_with: frozenset[str]
    cautioned_with: frozenset[str]
    notes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words that reasons are made of, and the tree of regions: leaves of each region, parents of each region."""

    properties: Mapping[str, MovementProperty]
    regions: Mapping[str, Region]
    leaves: Mapping[str, frozenset[str]]
    parents: Mapping[str, frozenset[str]]


def region_leaves(regions: Mapping[str, Region]) -> dict[str, frozenset[str]]:
    """Return the leaf regions below every region; a leaf stands for itself."""
    children: dict[str, list[str]] = {}
    for region in regions.values():
        if region.parent is not None:
            children.setdefault(region.parent, []).append(region.id)

    def below(region_id: str) -> frozenset[str]:
        if region_id not in children:
            return frozenset({region_id})
        return frozenset().union(*(below(child) for child in children[region_id]))

    return {region_id: below(region_id) for region_id in {*regions, *children}}


def vocabulary_of(properties: Mapping[str, MovementProperty], regions: Mapping[str, Region]) -> Vocabulary:
    """Return the vocabulary with its region tree worked out."""
    leaves = region_leaves(regions)
    parents = {
        leaf: frozenset(parent for parent, below in leaves.items() if leaf in below and parent != leaf)
        for leaf in leaves
    }
    return Vocabulary(properties, regions, leaves, parents)


def traits_of(definition: ExerciseDefinition, vocabulary: Vocabulary, shared: SharedSets | None = None) -> Traits:
    """Return what rules may test of an exercise. `shared` holds the sets of other exercises, so that equal ones are
    one."""
    shared = {} if shared is None else shared
    leaves = expanded(definition.regions, vocabulary)
    parents: frozenset[str] = frozenset().union(*(vocabulary.parents.get(leaf, frozenset()) for leaf in leaves))

    def one(found: frozenset[str]) -> frozenset[str]:
        return shared.setdefault(found, found)

    return Traits(
        properties=one(all_properties(definition)),
        leaves=one(leaves),
        regions=one(leaves | parents | frozenset(definition.regions)),
        breathing=definition.kind is Kind.BREATHING,
        forbidden_with=one(frozenset(definition.contraindicated_with)),
        cautioned_with=one(frozenset(definition.cautioned_with)),
        notes={note.code: note.text for note in definition.contraindication_notes},
    )


def expanded(region_ids: Iterable[str], vocabulary: Vocabulary) -> frozenset[str]:
    """Return the leaf regions that `region_ids` name, parents replaced by their leaves."""
    return frozenset().union(*(vocabulary.leaves.get(region, frozenset({region})) for region in region_ids))


def check(
    traits: Traits, conditions: Sequence[Condition], vocabulary: Vocabulary, families: Mapping[str, frozenset[str]]
) -> Judgement:
    """Return what all `conditions` together say of an exercise: the union of their hits.

    `families` maps a condition id to the vague conditions that stand for it; an exercise that lists one of those lists
    the condition itself. Expand vague conditions first (`Rulebook.united`). Source: condition rules, 3.2.
    """
    return merged([hits_of(traits, condition, vocabulary, families) for condition in conditions])


def merged(groups: Iterable[tuple[Hit, ...]]) -> Judgement:
    """Return the judgement that the hits of several conditions add up to."""
    hits = tuple(hit for group in groups for hit in group)
    if not hits:
        return NEUTRAL
    found = {hit.verdict for hit in hits}
    strictest = next(verdict for verdict in (Verdict.FORBID, Verdict.CAUTION, Verdict.FAVOUR) if verdict in found)
    return Judgement(strictest, hits)


def hits_of(
    traits: Traits, condition: Condition, vocabulary: Vocabulary, families: Mapping[str, frozenset[str]]
) -> tuple[Hit, ...]:
    """Return every hit of one condition on one exercise; property rules first, then the exercise's own lists.

    An exercise whose movement properties nobody has listed is forbidden by every condition.
    """
    if UNLISTED in traits.properties:
        return (Hit(condition.id, Verdict.FORBID, UNLISTED, reason_for(UNLISTED, condition, vocabulary)),)
    own = expanded(condition.regions, vocabulary)
    overlaps = not own or not own.isdisjoint(traits.leaves)
    testable = traits.properties | traits.regions
    named = frozenset({condition.id}) | families.get(condition.id, frozenset())
    listed = _listed(traits, condition, named)
    if condition.scoped and not overlaps:
        return listed
    lists = [(Verdict.FORBID, condition.forbid), (Verdict.CAUTION, condition.caution)]
    if overlaps or traits.breathing:
        lists.append((Verdict.FAVOUR, condition.favour))
    hits = [
        Hit(condition.id, verdict, test, reason_for(test, condition, vocabulary))
        for verdict, tests in lists
        for test in tests
        if test != EVERYTHING_ELSE and testable.issuperset(test.split("+"))
    ]
    if not hits and not listed:
        hits = [
            Hit(condition.id, verdict, EVERYTHING_ELSE, reason_for(EVERYTHING_ELSE, condition, vocabulary))
            for verdict, tests in lists
            if EVERYTHING_ELSE in tests
        ][:1]
    return (*hits, *listed)


def _listed(traits: Traits, condition: Condition, named: frozenset[str]) -> tuple[Hit, ...]:
    hits = []
    for verdict, listed, rule_property in (
        (Verdict.FORBID, traits.forbidden_with, LISTED_FORBID),
        (Verdict.CAUTION, traits.cautioned_with, LISTED_CAUTION),
    ):
        for code in sorted(named & listed):
            reason = traits.notes.get(code, sentence(condition.because))
            hits.append(Hit(condition.id, verdict, rule_property, reason))
    return tuple(hits)


def reason_for(test: str, condition: Condition, vocabulary: Vocabulary) -> str:
    """Return the sentence that says why a property matters with a condition."""
    if test == EVERYTHING_ELSE:
        return sentence(condition.because)
    phrases = [_phrase(part, vocabulary) for part in test.split("+")]
    return f"This exercise {' and '.join(phrases)}. {sentence(condition.because)}"


def _phrase(part: str, vocabulary: Vocabulary) -> str:
    if part in vocabulary.properties:
        return vocabulary.properties[part].phrase.rstrip(".")
    if part in vocabulary.regions:
        return f"works on the {vocabulary.regions[part].name}"
    return f"involves {part.replace('-', ' ')}"


def sentence(words: str) -> str:
    """Return `words` with a capital and a full stop."""
    words = words.strip()
    return words[:1].upper() + words[1:] + ("" if words.endswith((".", "!", "?")) else ".")


class Rulebook:
    """Every condition's hits on every exercise of one release, worked out when a condition is first asked for."""

    __slots__ = ("_families", "_hits", "_members", "_traits", "conditions", "vocabulary")

    def __init__(
        self, catalog: Catalog, rules: RuleSet, vocabulary: Vocabulary, base: "Rulebook | None" = None
    ) -> None:
        """`base` judges the same release with fewer exercises: what it knows of those is taken over."""
        gates = {gate.id: gate for gate in rules.tuning.gates}
        self.vocabulary = vocabulary
        self.conditions: Mapping[str, Condition] = {**rules.conditions, **gates}
        known: Mapping[str, Traits] = {} if base is None else base._traits
        shared: SharedSets = {}
        self._traits: dict[str, Traits] = {
            key: known.get(key) or traits_of(definition, vocabulary, shared)
            for key, definition in catalog.exercises.items()
        }
        self._members = {key: self._closure(key) for key in self.conditions}
        self._families = {
            key: frozenset(vague for vague, members in self._members.items() if key in members and vague != key)
            for key in self.conditions
        }
        self._hits: dict[str, dict[str, tuple[Hit, ...]]] = {}

    @property
    def exercise_ids(self) -> tuple[str, ...]:
        """The exercises that can be judged."""
        return tuple(self._traits)

    def traits(self, exercise_id: str) -> Traits:
        """Return what rules test of an exercise."""
        return self._traits[exercise_id]

    def united(self, condition_ids: Iterable[str]) -> tuple[str, ...]:
        """Return the known conditions and, for vague ones, all that they stand for; sorted, each once."""
        return tuple(sorted({member for key in condition_ids for member in self._members.get(key, ())}))

    def judge(self, exercise_id: str, condition_ids: Iterable[str]) -> Judgement:
        """Return what the conditions (already united) say of an exercise, hits in the order of `condition_ids`."""
        return merged([self._table(key).get(exercise_id, ()) for key in condition_ids])

    def _closure(self, condition_id: str) -> tuple[str, ...]:
        seen: set[str] = set()
        waiting = [condition_id]
        while waiting:
            key = waiting.pop()
            if key in self.conditions and key not in seen:
                seen.add(key)
                waiting.extend(self.conditions[key].unites)
        return tuple(sorted(seen))

    def _table(self, condition_id: str) -> dict[str, tuple[Hit, ...]]:
        table = self._hits.get(condition_id)
        if table is None:
            condition = self.conditions[condition_id]
            judged = {
                key: hits_of(traits, condition, self.vocabulary, self._families) for key, traits in self._traits.items()
            }
            table = {key: hits for key, hits in judged.items() if hits}
            self._hits[condition_id] = table
        return table
