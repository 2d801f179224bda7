"""The texts that the model of alarms is learned from, read as a server reads them, some varied as people type."""

import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
CATALOG = FOLDER.parent.parent / "data" / "catalog"
sys.path.insert(0, str(FOLDER.parent.parent))

from api.rules import understanding  # noqa: E402
from api.rules.alarms import features  # noqa: E402
from api.rules.hearing import hear  # noqa: E402
from api.rules.reader import Reader  # noqa: E402
from data.catalog.loader import assemble, read_files  # noqa: E402
from schemas.recommendations import RecommendationQuestion  # noqa: E402

TUNED_ON = ("set_1", "set_2", "practice")
LEVELS = ("see_clinician", "urgent", "emergency")
HARMLESS = frozenset({"caution", "self_care"})
VARIED = 0.35
DENIED = 900
LETTERS = "abcdefghijklmnopqrstuvwxyz"


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
            case["question"]["text"] = chance.choice((mistyped, run_on, led_in))(text, chance)
            found.append(heard(file, case, reader, varied=True))
    phrases = sorted(
        {p for c in lexicon.concepts.values() if c.kind == "sign" for p in c.phrases if p.replace(" ", "").isalpha()}
    )
    found += [denied(phrase, chance, reader) for phrase in chance.sample(phrases, min(DENIED, len(phrases)))]
    return found


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
    """An ordinary complaint with a sign that is denied."""
    complaint = chance.choice(
        ("stiff neck from the desk", "tight hamstrings after football", "my lower back aches after gardening")
    )
    text = chance.choice(
        ("{c}, no {p}", "no {p}. {c}", "{c}. I don't have {p}", "{c} but no {p} at all", "denies {p}, {c}")
    )
    question = {"text": text.format(c=complaint, p=phrase)}
    case = {"id": f"denied {phrase}", "question": question, "expect": {"disposition": list(HARMLESS)}}
    return heard("denied", case, reader, varied=True)


def mistyped(text: str, chance: random.Random) -> str:
    """One wrong, missing, doubled or swapped letter in every eighth word."""
    said = text.split()
    for at in chance.sample(range(len(said)), max(1, len(said) // 8)):
        word = said[at]
        if len(word) > 3:
            cut = chance.randrange(1, len(word) - 1)
            wrong = (
                word[cut + 1] + word[cut],
                "",
                word[cut] * 2 + word[cut + 1],
                chance.choice(LETTERS) + word[cut + 1],
            )
            rest = word[cut + 2 :] if wrong else word[cut + 1 :]
            said[at] = word[:cut] + chance.choice(wrong) + rest
    return " ".join(said)


def run_on(text: str, chance: random.Random) -> str:
    """Without any punctuation, sometimes in capitals."""
    plain = "".join(letter for letter in text if letter.isalnum() or letter in " '/")
    return plain.upper() if chance.random() < 0.5 else plain.lower()


def led_in(text: str, chance: random.Random) -> str:
    """Behind a polite sentence."""
    return (
        chance.choice(
            (
                "Hello, I hope you are well. I wonder whether you could help me. ",
                "Hi there, sorry to bother you! Quick question. ",
                "Good morning, thank you for this app, it has been very useful to me so far. ",
                "hey, not sure if this is the right place but here goes. ",
                "Dear all, please could somebody advise me about the following. ",
            )
        )
        + text
    )
