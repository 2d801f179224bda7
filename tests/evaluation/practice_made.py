"""Practice texts that are made from the catalogue: what most people write, in frames."""

import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from schemas.catalog import Catalog, Lexicon, RuleSet

HARMLESS = frozenset({"caution", "self_care"})
SHORT = (
    *("{p}", "{p} pain", "sore {p}", "my {p} hurts", "{p} aches", "stiff {p}", "tight {p}", "pain in my {p}"),
    *("pain is {n}/10 in my {p}", "{p} hurts {n} out of 10", "{p} pain since yesterday", "left {p} sore, I am 34"),
)

COMPLAINT = (
    *("{p} pain", "sore {p}", "my {p} hurts", "{p} aches", "stiff {p}", "tight {p}", "pain in my {p}", "aching {p}"),
    *("{p} is sore", "{p} trouble", "left {p} pain", "right {p} sore", "pain in the {p}", "my {p} feels tight"),
)
SINCE = (
    *("", "", "", " since {n} days", " for two weeks", " since last week", " for months", " since yesterday"),
    *(" on and off for years", " {n} weeks now", " for a few days", ", {n} days"),
)
BY = (
    *("", "", "", " after work", " from sitting", " at my desk", " after gardening", " after the gym", " when I bend"),
    *(" in the morning", " on the stairs", " after running", " from lifting", " by the evening", " when I turn"),
    *(" after driving", " doing housework", " after a long day", " when I get up", " after football"),
)
AGE = ("", "", "", ", {a}", ", I'm {a}", ". {a} years old", ", m {a}", ", f {a}", ". Any stretches?", ", what helps?")
UNLIKE_ORDINARY = ("chest", "heart")
TERSE = 45

TRAVELS = (
    *("pain from my {p} to my {q}", "{p} pain that goes to the {q}", "it starts in my {p} and spreads to the {q}"),
    *("aching {p}, sometimes down to my {q}", "my {p} hurts, a bit in the {q} as well"),
)
MEASURED = (
    *("my BP was {s}/{d}, {c}", "blood pressure {s} over {d} at the check-up, {c}", "{c}, bp {s}/{d} today"),
    *("{c}. BP {s}/{d}, pulse {b}, all fine", "{c}, temp 36.{n} so no fever", "resting heart rate {b}, {c}"),
)
EXPECTING = (
    *(
        "I'm {w} weeks pregnant and my {p} aches",
        "{w} weeks pregnant, everything normal, {p} is tired",
        "{w}wks preg, sore {p}",
    ),
    *("im {w} weeks gone and my {p} hurts in the evening", "I am {w} weeks with my first, all fine, {p} a bit stiff"),
    *("had the {w} week scan, baby is perfect, just my {p} aches", "{p} tight since the bump grew, {w} weeks"),
    *(
        "pregnant, {w} weeks, midwife happy with everything, tight {p}",
        "second baby, {w} weeks, my {p} is sore from work",
    ),
)
COMPLAINTS = ("stiff neck from the desk", "tight hamstrings", "my lower back aches after gardening", "sore shoulder")
KNOWN = (
    *("{p}, {c}", "I have {p}, {c}", "{c}. {p} for years", "on treatment for {p}, {c}", "{c}, I have {p}", "{c}, {p}"),
    *("{c} and {p}", "{c}. Also {p}", "with {p}. {c}", "{c}, what can I do with {p}", "{p} here, {c}"),
)
MADE = 24
AT_THE_PLACE = 0.6
RISKS = frozenset({"cancer_history", "fever_illness"})
"""Conditions beside which a bare complaint is no ordinary one."""

GROUP = re.compile(r"\(([^()]*)\)")
MARKS = re.compile(r"~+|<>|=")


def examples(rules: RuleSet) -> Iterator[dict[str, Any]]:
    """The examples of the red flags: each fires its flag, or is harmless."""
    for flag in rules.red_flags.values():
        levels = {flag.level, *(case.level for case in flag.cases if case.level)}
        allowed = [level.value for level in levels]
        for number, text in enumerate(flag.positive):
            expect: dict[str, Any] = {"disposition": allowed, "flags_any_of": [flag.id]}
            yield {"id": f"{flag.id} + {number}", "question": {"text": text}, "expect": expect}
        for number, text in enumerate(flag.negative):
            expect = {"disposition": [*HARMLESS, "answer_first"]}
            yield {"id": f"{flag.id} - {number}", "question": {"text": text}, "expect": expect}


def short_complaints(catalog: Catalog, chance: random.Random) -> Iterator[dict[str, Any]]:
    """A place and nothing but pain there, as most people write."""
    parents = {region.parent for region in catalog.regions.values()}
    for region in catalog.regions.values():
        if region.id in parents:
            continue
        spoken = [words for words in region.lay_words if words.replace(" ", "").isalpha()] or [region.name.lower()]
        for number, frame in enumerate(SHORT):
            text = frame.format(p=chance.choice(spoken), n=chance.randrange(2, 10))
            expect = {"disposition": [*HARMLESS, "answer_first"], "regions_any_of_first": [region.id]}
            yield {"id": f"short {region.id} {number}", "question": {"text": text}, "expect": expect}
        for number, frame in enumerate(TRAVELS):
            other = chance.choice([leaf for leaf in catalog.regions.values() if leaf.id not in (*parents, region.id)])
            text = frame.format(p=chance.choice(spoken), q=other.name.lower())
            expect = {"disposition": [*HARMLESS, "answer_first"], "regions_any_of_first": [region.id]}
            yield {"id": f"travels {region.id} {number}", "question": {"text": text}, "expect": expect}


def terse(catalog: Catalog, chance: random.Random) -> Iterator[dict[str, Any]]:
    """An ordinary complaint in a handful of words: where, since when, by what, how old, and nothing else."""
    for region in catalog.regions.values():
        places = [words for words in (*region.lay_words, region.name.lower()) if plain(words)]
        places = [words for words in places if not any(word in words for word in UNLIKE_ORDINARY)]
        for number in range(TERSE if places else 0):
            frame = "".join(chance.choice(part) for part in (COMPLAINT, SINCE, BY, AGE))
            text = frame.format(p=chance.choice(places), n=chance.randrange(2, 9), a=chance.randrange(19, 50))
            yield {
                "id": f"terse {region.id} {number}",
                "question": {"text": text},
                "expect": {"disposition": [*HARMLESS]},
            }


def expecting(catalog: Catalog, chance: random.Random) -> Iterator[dict[str, Any]]:
    """An ordinary complaint of somebody who is pregnant and well."""
    leaves = [region for region in catalog.regions.values() if region.parent is not None and region.lay_words]
    for number in range(120):
        region = chance.choice(leaves)
        spoken = [words for words in region.lay_words if words.replace(" ", "").isalpha()] or [region.name.lower()]
        text = chance.choice(EXPECTING).format(w=chance.randrange(8, 40), p=chance.choice(spoken))
        yield {"id": f"expecting {number}", "question": {"text": text}, "expect": {"disposition": [*HARMLESS]}}


def ordinary_measures(chance: random.Random) -> Iterator[dict[str, Any]]:
    """An ordinary complaint beside a blood pressure, a pulse or a temperature that is as it should be."""
    for number in range(60):
        frame = chance.choice(MEASURED)
        facts = {"s": chance.randrange(105, 150), "d": chance.randrange(65, 92), "b": chance.randrange(52, 84)}
        text = frame.format(c=chance.choice(COMPLAINTS), n=chance.randrange(3, 9), **facts)
        expect = {"disposition": [*HARMLESS, "answer_first"]}
        yield {"id": f"measured {number}", "question": {"text": text}, "expect": expect}


def known_conditions(
    catalog: Catalog, rules: RuleSet, lexicon: Lexicon, chance: random.Random
) -> Iterator[dict[str, Any]]:
    """An ordinary complaint, often where the condition is, of somebody with a condition that is no flag by itself."""
    concepts = {concept.id: concept for concept in lexicon.concepts.values() if concept.kind == "condition"}
    for condition in rules.conditions.values():
        concept = concepts.get(f"condition_{condition.id}")
        phrases = [*condition.lay_words, *(concept.phrases if concept else ())]
        places = [words for id_ in condition.regions for words in catalog.regions[id_].lay_words if plain(words)]
        known = condition.level is None and not condition.clearance_required
        for number in range(min(MADE, 2 * len(phrases))):
            complaint = chance.choice(COMPLAINTS)
            if places and condition.id not in RISKS and chance.random() < AT_THE_PLACE:
                complaint = chance.choice(SHORT[1:8]).format(p=chance.choice(places))
            text = chance.choice(KNOWN).format(c=complaint, p=spoken(chance.choice(phrases), chance))
            expect: dict[str, Any] = {"condition": condition.id}
            if known:
                expect["disposition"] = [*HARMLESS, "answer_first"]
            yield {"id": f"known {condition.id} {number}", "question": {"text": text}, "expect": expect}


def plain(phrase: str) -> bool:
    """True for a phrase that is nothing but words."""
    return phrase.replace(" ", "").isalpha()


def spoken(phrase: str, chance: random.Random) -> str:
    """One way to say a phrase of the lexicon: an alternative of each group, nothing in the gaps."""
    while (group := GROUP.search(phrase)) is not None:
        phrase = phrase[: group.start()] + chance.choice(group[1].split("|")) + phrase[group.end() :]
    return " ".join(MARKS.sub(" ", phrase).split())
