"""The texts that the model of alarms is learned from, read as a server reads them, some varied as people type."""

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from varied import mistyped, polite, unpunctuated

FOLDER = Path(__file__).parent
CATALOG = FOLDER.parent.parent / "data" / "catalog"
sys.path.insert(0, str(FOLDER.parent.parent))

from api.rules import understanding  # noqa: E402
from api.rules.alarms import features  # noqa: E402
from api.rules.hearing import hear  # noqa: E402
from api.rules.reader import Reader  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.catalog import Catalog, RuleSet  # noqa: E402
from schemas.recommendations import RecommendationQuestion  # noqa: E402

TUNED_ON = ("set_1", "set_2", "practice")
LEVELS = ("see_clinician", "urgent", "emergency")
HARMLESS = frozenset({"caution", "self_care"})
VARIED = 0.35
DENIED = 900
JOINED = 0.25
SHORT_ENOUGH = 140
JOINTS = (". ", ". ", ". Also ", "\n", ", ", " and ")
SHORT = (
    *("{p}", "{p} pain", "sore {p}", "my {p} hurts", "{p} aches", "stiff {p}", "tight {p}", "pain in my {p}"),
    *("pain is {n}/10 in my {p}", "{p} hurts {n} out of 10", "{p} pain since yesterday", "left {p} sore, I am 34"),
)

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
KNOWN = ("{p}, {c}", "I have {p}, {c}", "{c}. {p} for years", "on treatment for {p}, {c}")
EXCUSED = (
    *("{c}, no {p}", "no {p}. {c}", "{c}. I don't have {p}", "{c} but no {p} at all", "denies {p}, {c}"),
    *("{p} 3 years ago, all clear. {c}", "had {p} back in 2015, long healed. {c}", "my father had {p}. {c}"),
)


@dataclass(frozen=True)
class Practice:
    """A text: its features, what it may be answered, the signs it is about, the places meant where they are told."""

    id: str
    file: str
    varied: bool
    keys: tuple[int, ...]
    allowed: frozenset[str]
    signs: frozenset[str]
    regions: frozenset[str] | None

    def label(self, level: int) -> int | None:
        """1 when it needs at least the level, 0 when it needs less, None when both are right."""
        needed = set(LEVELS[level:])
        if self.allowed <= needed:
            return 1
        return None if self.allowed & needed else 0


def practice_texts() -> list[Practice]:
    """Every text that may be tuned on, and some of them as people mistype, run on or lead in."""
    documents = read_files(CATALOG)
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    reader = understanding.compile_reader(lexicon, catalog, replace(rules, alarms={}))
    chance = random.Random(20261122)
    found: list[Practice] = []
    for file, case in cases():
        text = case["question"].get("text", "")
        if not case["expect"].get("disposition") or not text.strip():
            continue
        found.append(heard(file, case, reader, varied=False))
        if chance.random() < VARIED:
            case["question"]["text"] = as_typed(text, chance)
            found.append(heard(file, case, reader, varied=True))
    found += [heard(file, case, reader, varied=True) for file, case in joined(chance)]
    found += [heard("examples", case, reader, varied=False) for case in examples(rules)]
    found += [heard("short", case, reader, varied=False) for case in short_complaints(catalog, chance)]
    found += [heard("expecting", case, reader, varied=False) for case in expecting(catalog, chance)]
    found += [heard("measured", case, reader, varied=False) for case in ordinary_measures(chance)]
    found += [heard("known", case, reader, varied=False) for case in known_conditions(rules, chance)]
    phrases = sorted(
        {p for c in lexicon.concepts.values() if c.kind == "sign" for p in c.phrases if p.replace(" ", "").isalpha()}
    )
    found += [denied(phrase, chance, reader) for phrase in chance.sample(phrases, min(DENIED, len(phrases)))]
    return found


def texts_hash() -> str:
    """Return the hash of all files that are learned from."""
    digest = hashlib.sha256()
    for name in TUNED_ON:
        for path in sorted((FOLDER / name).glob("*.jsonl")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


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


def known_conditions(rules: RuleSet, chance: random.Random) -> Iterator[dict[str, Any]]:
    """An ordinary complaint of somebody with a condition that is no flag by itself."""
    for condition in rules.conditions.values():
        if condition.level is None and not condition.clearance_required:
            spoken = [words for words in condition.lay_words if words.replace(" ", "").isalpha()]
            for number, words in enumerate(chance.sample(spoken, min(len(spoken), len(KNOWN)))):
                text = KNOWN[number].format(c=chance.choice(COMPLAINTS), p=words)
                question, expect = {"text": text}, {"disposition": [*HARMLESS, "answer_first"]}
                yield {"id": f"known {condition.id} {number}", "question": question, "expect": expect}


def joined(chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """Texts with a harmless complaint before or behind them: what is dangerous stays so beside it."""
    plain = [(file, case) for file, case in cases() if set(case["question"]) == {"text"}]
    sure = [(file, case, frozenset(case["expect"].get("disposition", ()))) for file, case in plain]
    harmless = [case for _, case, allowed in sure if allowed and allowed <= HARMLESS]
    partners = [text for case in harmless if len(text := case["question"]["text"]) < SHORT_ENOUGH]
    for file, case, allowed in sure:
        decided = allowed <= HARMLESS or not allowed & HARMLESS
        if not allowed or not decided or not case["question"]["text"].strip() or chance.random() >= JOINED:
            continue
        pair = [case["question"]["text"].rstrip(". "), chance.choice(partners).rstrip(". ")]
        chance.shuffle(pair)
        expect = {name: case["expect"][name] for name in ("disposition", "flags_any_of") if name in case["expect"]}
        yield file, {"id": case["id"], "question": {"text": chance.choice(JOINTS).join(pair)}, "expect": expect}


def as_typed(text: str, chance: random.Random) -> str:
    """Mistyped, run on in capitals or small letters, or behind a polite sentence."""
    return chance.choice((mistyped, polite, lambda said, _: unpunctuated(chance.choice((said.upper(), said)), chance)))(
        text, chance
    )


def cases() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in TUNED_ON:
        for path in sorted((FOLDER / name).glob("*.jsonl")):
            for line in path.read_text("utf-8").splitlines():
                yield path.stem, json.loads(line)


def heard(file: str, case: dict[str, Any], reader: Reader, varied: bool) -> Practice:
    asked = RecommendationQuestion.model_validate(case["question"])
    reading = understanding.read(asked, reader)
    tokens = hear(asked.text, reader, bool(asked.pain_areas)).tokens
    keys = tuple(feature.key for feature in features(tokens, reading.findings, reading.person))
    expect = case["expect"]
    places = {*expect.get("regions_any_of_first", ()), *expect.get("regions_include", ())}
    return Practice(
        id=case["id"],
        file=file,
        varied=varied,
        keys=keys,
        allowed=frozenset(expect["disposition"]),
        signs=frozenset(expect.get("flags_any_of", ())),
        regions=frozenset(places) or None,
    )


def denied(phrase: str, chance: random.Random, reader: Reader) -> Practice:
    """An ordinary complaint with a sign that is denied, long past or somebody else's."""
    text = chance.choice(EXCUSED)
    question = {"text": text.format(c=chance.choice(COMPLAINTS), p=phrase)}
    case = {"id": f"denied {phrase}", "question": question, "expect": {"disposition": list(HARMLESS)}}
    return heard("denied", case, reader, varied=True)
