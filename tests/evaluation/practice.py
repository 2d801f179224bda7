"""The texts that the models of alarms and conditions learn from, as a server reads them, some varied as people type."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from practice_made import (
    COMPLAINTS,
    HARMLESS,
    examples,
    expecting,
    known_conditions,
    ordinary_measures,
    short_complaints,
    terse,
)
from varied import mistyped, polite, unpunctuated

FOLDER = Path(__file__).parent
CATALOG = FOLDER.parent.parent / "data" / "catalog"

from api.rules import understanding  # noqa: E402
from api.rules.hearing import hear  # noqa: E402
from api.rules.impressions import features  # noqa: E402
from api.rules.reader import Reader  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.recommendations import RecommendationQuestion  # noqa: E402
from schemas.vocabulary import Status  # noqa: E402

TUNED_ON = ("set_1", "set_2", "practice")
LEVELS = ("see_clinician", "urgent", "emergency")
VARIED = 0.35
DENIED = 900
JOINED = 0.25
SHORT_ENOUGH = 140
JOINTS = (". ", ". ", ". Also ", "\n", ", ", " and ")
EXCUSED = (
    *("{c}, no {p}", "no {p}. {c}", "{c}. I don't have {p}", "{c} but no {p} at all", "denies {p}, {c}"),
    *("{p} 3 years ago, all clear. {c}", "had {p} back in 2015, long healed. {c}", "my father had {p}. {c}"),
)


@dataclass(frozen=True)
class Practice:
    """A text: its features, what it may be answered, the signs it is about, the places meant where they are told, and
    the conditions of the person: those an author wrote it for (`sure`), else those that the words named.
    """

    id: str
    file: str
    varied: bool
    keys: tuple[int, ...]
    unnamed_keys: tuple[int, ...]
    allowed: frozenset[str]
    signs: frozenset[str]
    regions: frozenset[str] | None
    conditions: frozenset[str]
    unclear: frozenset[str]
    sure: bool

    def label(self, level: int) -> int | None:
        """1 when it needs at least the level, 0 when it needs less, None when both are right."""
        needed = set(LEVELS[level:])
        if not self.allowed:
            return None
        if self.allowed <= needed:
            return 1
        return None if self.allowed & needed else 0


def practice_texts() -> list[Practice]:
    """Every text that may be tuned on, and some of them as people mistype, run on or lead in."""
    documents = read_files(CATALOG)
    catalog, rules, lexicon = assemble((item.kind, item.id, item.document) for item in documents)
    reader = understanding.compile_reader(lexicon, catalog, replace(rules, alarms={}, told_conditions={}))
    chance = random.Random(20261122)
    found: list[Practice] = []
    for file, case in cases():
        text = case["question"].get("text", "")
        if not {"disposition", "condition"} & case["expect"].keys() or not text.strip():
            continue
        found.append(heard(file, case, reader, varied=False))
        if chance.random() < VARIED:
            case["question"]["text"] = as_typed(text, chance)
            found.append(heard(file, case, reader, varied=True))
    found += [heard(file, case, reader, varied=True) for file, case in joined(chance)]
    found += [heard("examples", case, reader, varied=False) for case in examples(rules)]
    found += [heard("short", case, reader, varied=False) for case in short_complaints(catalog, chance)]
    found += [heard("terse", case, reader, varied=False) for case in terse(catalog, chance)]
    found += [heard("expecting", case, reader, varied=False) for case in expecting(catalog, chance)]
    found += [heard("measured", case, reader, varied=False) for case in ordinary_measures(chance)]
    found += [heard("known", case, reader, varied=False) for case in known_conditions(catalog, rules, lexicon, chance)]
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
    others = [found for found in reading.findings if found.kind != "condition"]
    expect = case["expect"]
    named = [found for found in reading.findings if found.kind == "condition" and found.pointer == "/text"]
    told = {found.id for found in named if found.status is Status.PRESENT} - {expect.get("not")}
    places = {*expect.get("regions_any_of_first", ()), *expect.get("regions_include", ())}
    return Practice(
        id=case["id"],
        file=file,
        varied=varied,
        keys=tuple(feature.key for feature in features(tokens, reading.findings, reading.person)),
        unnamed_keys=tuple(feature.key for feature in features(tokens, others, reading.person)),
        allowed=frozenset(expect.get("disposition", ())),
        signs=frozenset(expect.get("flags_any_of", ())),
        regions=frozenset(places) or None,
        conditions=frozenset(told | {expect["condition"]} if expect.get("condition") else told),
        unclear=frozenset(found.id for found in named if found.status is not Status.PRESENT) - {expect.get("not")},
        sure="condition" in expect,
    )


def denied(phrase: str, chance: random.Random, reader: Reader) -> Practice:
    """An ordinary complaint with a sign that is denied, long past or somebody else's."""
    text = chance.choice(EXCUSED)
    question = {"text": text.format(c=chance.choice(COMPLAINTS), p=phrase)}
    case = {"id": f"denied {phrase}", "question": question, "expect": {"disposition": list(HARMLESS)}}
    return heard("denied", case, reader, varied=True)
