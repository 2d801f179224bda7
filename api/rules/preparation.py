"""A release made ready for answering: everything that no question changes, worked out once."""

from collections.abc import Mapping
from dataclasses import dataclass

from api.rules.contraindications import Rulebook, vocabulary_of
from api.rules.ranking import families_of, muscle_regions_of, profile_of
from api.rules.selection import Card
from api.rules.tuning import Numbers, Tables, numbers_of, tables_of
from schemas.catalog import Catalog, RuleSet
from schemas.exercises import ExerciseBrief, ExerciseDefinition
from schemas.recommendations import Reason
from schemas.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Prepared:
    """A release made ready for answering: every index and every part of an answer that no question changes."""

    catalog: Catalog
    rules: RuleSet
    cards: Mapping[str, Card]
    by_region: Mapping[str, tuple[tuple[str, float], ...]]
    general: tuple[str, ...]
    rulebook: Rulebook
    numbers: Numbers
    tables: Tables


def prepare(catalog: Catalog, rules: RuleSet, base: Prepared | None = None) -> Prepared:
    """Return the release ready for `recommend`; raises ValueError when tuning lacks a value or a text.

    `base` is the same release with fewer exercises: what is known of those is taken over.
    """
    numbers = numbers_of(rules.tuning)
    vocabulary = vocabulary_of(catalog.properties, catalog.regions)
    rulebook = Rulebook(catalog, rules, vocabulary, None if base is None else base.rulebook)
    families = families_of(catalog.exercises)
    known = {} if base is None else base.cards
    places = muscle_regions_of(catalog.regions)
    stops = {code: Reason(code=code, text=rule.text) for code, rule in catalog.stop_rules.items()}
    cards = {
        key: known.get(key) or _card(catalog.exercises[key], families[key], places, stops, rulebook)
        for key in sorted(catalog.exercises)
    }
    by_region: dict[str, list[tuple[str, float]]] = {}
    for key, card in cards.items():
        for region, weight in card.definition.regions.items():
            by_region.setdefault(region, []).append((key, weight))
    return Prepared(
        catalog=catalog,
        rules=rules,
        cards=cards,
        by_region={region: tuple(served) for region, served in by_region.items()},
        general=tuple(key for key in cards if _serves_anybody(key, cards[key], rulebook)),
        rulebook=rulebook,
        numbers=numbers,
        tables=tables_of(rules.tuning),
    )


def _card(
    definition: ExerciseDefinition,
    family: str,
    muscle_regions: Mapping[str, frozenset[str]],
    stops: Mapping[str, Reason],
    rulebook: Rulebook,
) -> Card:
    traits = rulebook.traits(definition.id)
    brief = ExerciseBrief(
        id=definition.id,
        name=definition.name,
        summary=definition.summary,
        kind=definition.kind,
        regions=definition.regions,
        muscles=definition.muscles,
        properties=sorted(traits.properties),
        equipment=definition.equipment,
        equipment_optional=definition.equipment_optional,
        space=definition.space,
        position=definition.position,
        level=definition.level,
        evidence=definition.evidence,
    )
    told = tuple(stops[code] for code in definition.stop_if if code in stops)
    return Card(definition, brief, profile_of(definition, traits, family, muscle_regions), told)


def _serves_anybody(key: str, card: Card, rulebook: Rulebook) -> bool:
    walking = card.definition.kind is Kind.DYNAMIC and "walk" in rulebook.traits(key).properties
    return card.definition.kind is Kind.BREATHING or walking
