"""The sentences of an answer: why an exercise is offered, and what to watch with a condition."""

from collections.abc import Iterable, Mapping

from api.rules.contraindications import Judgement, sentence
from api.rules.needs import BY_CAUSE, Need
from api.rules.selection import Card
from api.rules.tuning import Numbers
from schemas.catalog import Catalog, RuleSet
from schemas.conditions import Condition
from schemas.overrides import Override
from schemas.recommendations import Caution, Reason
from schemas.vocabulary import Evidence, Verdict


def reasons_for(
    card: Card,
    need: Need,
    judgement: Judgement,
    irritable: bool,
    override: Override | None,
    numbers: Numbers,
    catalog: Catalog,
    rules: RuleSet,
) -> list[Reason]:
    """Return why the exercise is offered: a clinician's word, the person's own sessions, the region, the cause, the
    symptoms, the conditions; one sentence each."""
    texts = rules.tuning.texts
    reasons = []
    if override is not None:
        names = [lowered(rules.conditions[key].name) for key in override.conditions if key in rules.conditions]
        until = override.until.date().isoformat()
        reasons.append(_reason("override", texts["reason_override"], conditions=listed(names), until=until))
    reasons += _by_experience(card, need, numbers, texts)
    regions = _served(card, need)
    if regions:
        reasons.append(_region_reason(card, need, regions, catalog, rules))
    causes = [catalog.causes[key].name for key in need.causes if key in card.profile.causes and key in catalog.causes]
    if causes:
        reasons.append(_reason("cause", texts["reason_cause"], causes=listed(lowered(name) for name in causes)))
    symptoms = sorted(card.profile.symptoms & need.symptoms)
    if symptoms:
        words = listed(symptom.replace("_", " ") for symptom in symptoms)
        reasons.append(_reason("symptom", texts["reason_symptom"], symptoms=words))
    favouring = {hit.rule for hit in judgement.of(Verdict.FAVOUR)} | (card.profile.conditions & set(need.conditions))
    named = [lowered(rules.conditions[key].name) for key in sorted(favouring) if key in rules.conditions]
    if named:
        reasons.append(_reason("condition", texts["reason_condition"], conditions=listed(named)))
    if irritable:
        reasons.append(_reason("irritable", texts["reason_irritable"]))
    opinion = f"reason_evidence_{card.definition.evidence}"
    if card.definition.evidence is Evidence.EXPERT_OPINION and opinion in texts:
        reasons.append(_reason("evidence", texts[opinion]))
    return reasons


def _by_experience(card: Card, need: Need, numbers: Numbers, texts: Mapping[str, str]) -> list[Reason]:
    standing = need.history.exercises.get(card.definition.id)
    if standing is None:
        return []
    if standing.was_too_much:
        return [_reason("too_much", texts["reason_too_much"])]
    return [_reason("helped", texts["reason_helped"], sessions=str(standing.helped))] if standing.helps(numbers) else []


def cautions_for(judgement: Judgement, conditions: Mapping[str, Condition]) -> list[Caution]:
    """Return what to watch: every caution that fired, and the note of each condition whose rules touch the exercise."""
    cautions: list[Caution] = []
    said: set[tuple[str, str]] = set()
    for hit in judgement.hits:
        texts = [hit.reason] if hit.verdict is Verdict.CAUTION else []
        note = conditions[hit.rule].note
        if note:
            texts.append(sentence(note))
        for text in texts:
            if (hit.rule, text) not in said:
                said.add((hit.rule, text))
                cautions.append(Caution(rule=hit.rule, property=hit.property, text=text))
    return cautions


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: a, b and c."""
    items = list(words)
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def lowered(name: str) -> str:
    """Return a name for the middle of a sentence; names that begin with an abbreviation keep it."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _served(card: Card, need: Need) -> list[str]:
    served = [region for region in card.profile.regions if region in need.regions]
    return sorted(served, key=lambda region: (-card.profile.regions[region] * need.regions[region], region))


def _region_reason(card: Card, need: Need, regions: list[str], catalog: Catalog, rules: RuleSet) -> Reason:
    muscles = [catalog.muscles[key].name for key in card.definition.muscles.primary if key in catalog.muscles]
    places = [f"the {lowered(catalog.regions[key].name)}" for key in regions if key in catalog.regions]
    return _reason(
        "region",
        rules.tuning.texts["reason_region_by_cause" if need.origin == BY_CAUSE else "reason_region"],
        regions=listed(places) if places else listed(regions),
        muscles=listed(lowered(name) for name in muscles) if muscles else "muscles there",
    )


def _reason(code: str, template: str, **words: str) -> Reason:
    return Reason(code=code, text=template.format(**words))
