"""Words of structured fields placed on ids: the exact id first, then lay words, then a careful fuzzy match."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from api.rules.hearing import Heard, hear
from api.rules.reader import Reader
from api.rules.tokens import fold
from schemas.findings import Finding, Unplaced
from schemas.vocabulary import Status

CLOSE = 88.0
NEAREST = 3
FUZZY_CONFIDENCE = 0.6
SHORTEST_FUZZY = 5
QUESTIONS = {
    "region": "Where exactly is it? Please choose the nearest area.",
    "cause": "What brought it on? Please choose what comes nearest, or leave it out.",
    "condition": "We do not know this condition. Is it one of these? If not, please ask a clinician before exercising.",
    "equipment": "Which of these do you have at hand?",
    "position": "Which of these positions do you mean?",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """What one word of a field led to: an id that was given, or the words heard, or a question."""

    findings: tuple[Finding, ...] = ()
    heard: Heard | None = None
    unplaced: Unplaced | None = None


def place(words: str, kind: str, pointer: str, reader: Reader) -> Placed:
    """Return the findings of `kind` for the words of one field; `heard` is kept for the signs said there too."""
    identifier = "_".join(words.strip().casefold().replace("-", "_").split())
    if identifier in reader.ids[kind]:
        return Placed((Finding(kind, identifier, Status.PRESENT, 1.0, pointer),))
    heard = hear(words, reader, speaker_has_pain=True)
    wanted = (kind, "vague_region") if kind == "region" else (kind,)
    signs = [t for t in heard.told if t.meaning.kind in (*wanted, "sign")]
    if any(t.meaning.kind in wanted for t in signs):
        return Placed(heard=heard)
    nothing_said = heard.scene.spans("nothing_to_say")
    if nothing_said and len(heard.tokens) <= 3:
        return Placed()
    found = _fuzzy(words, kind, reader)
    if found:
        return Placed((Finding(kind, found, Status.PRESENT, FUZZY_CONFIDENCE, pointer, (0, len(words))),), heard)
    return Placed(heard=heard, unplaced=Unplaced(pointer, QUESTIONS[kind], nearest(words, kind, reader), kind))


def _plain(words: str) -> str:
    return " ".join(fold(word) for word in words.replace("_", " ").replace("-", " ").split())


def _fuzzy(words: str, kind: str, reader: Reader) -> str | None:
    plain = _plain(words)
    if len(plain) < SHORTEST_FUZZY:
        return None
    ranked = _ranked(plain, kind, reader, fuzz.ratio)
    close = [(score, identifier) for score, identifier in ranked if score >= CLOSE]
    if not close or (len(close) > 1 and close[0][0] == close[1][0]):
        return None
    return close[0][1]


def nearest(words: str, kind: str, reader: Reader) -> tuple[str, ...]:
    """Return up to three ids of `kind` that look or sound nearest to the words."""
    ranked = _ranked(_plain(words), kind, reader, fuzz.WRatio)
    return tuple(identifier for _, identifier in ranked[:NEAREST])


def _ranked(plain: str, kind: str, reader: Reader, scorer: object) -> Sequence[tuple[float, str]]:
    pairs = reader.names.get(kind, ())
    spoken = [phrase for phrase, _ in pairs]
    best: dict[str, float] = {}
    measure = fuzz.ratio if scorer is fuzz.ratio else fuzz.WRatio
    for _, score, at in process.extract(plain, spoken, scorer=measure, limit=12, score_cutoff=30):
        identifier = pairs[at][1]
        best[identifier] = max(best.get(identifier, 0.0), score)
    return sorted(((score, identifier) for identifier, score in best.items()), key=lambda pair: (-pair[0], pair[1]))
