"""From a text to mentions: tokens, repaired words, phrases found, innocents removed, and how each thing was said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from api.rules.context import Manner, Times, contexts, manner
from api.rules.lines import Line, arcs_of
from api.rules.negation import Mention, Scene
from api.rules.quantities import Lapse, Spoken, ages_past, lapses, years_named
from api.rules.reader import PLACES, Meaning, Reader
from api.rules.spelling import MOST_REPAIRS
from api.rules.tokens import Token, stem, tokenise

_MACHINERY = frozenset({"context", "number", "unit", "when"})
Found = tuple[Meaning, int, int]


@dataclass(frozen=True, slots=True)
class Told:
    """One meaning said in the text, and how."""

    meaning: Meaning
    mention: Mention
    manner: Manner


@dataclass(frozen=True, slots=True)
class Heard:
    """A text as heard: its tokens, everything told in it, and the words of quantity."""

    text: str
    tokens: tuple[Token, ...]
    told: tuple[Told, ...]
    scene: Scene
    spoken: Spoken
    times: Times


def hear(text: str, reader: Reader, speaker_has_pain: bool = False) -> Heard:
    """Return what `text` says; `speaker_has_pain` when the fields already tell that the speaker is the patient."""
    tokens = _repaired(tokenise(text), reader)
    found, labels = _find(tokens, reader)
    machinery = [f for f in found if f[0].kind in _MACHINERY]
    meant = _longest(_without_innocents([f for f in found if f[0].kind not in _MACHINERY]))
    grouped = contexts([*_named_contexts(machinery), *labels])
    spoken = _spoken(machinery)
    skippable = [False] * len(tokens)
    for start, end in grouped.get("@skippable", ()):
        for at in range(start, end):
            skippable[at] = True
    evidence = speaker_has_pain or bool(grouped.get("self_evidence")) or _speaks_of_self(grouped)
    scene = Scene(
        tokens=tokens,
        contexts=grouped,
        covered=tuple((start, end) for _, start, end in meant),
        skippable=skippable,
        events=frozenset(at for start, end in grouped.get("event", ()) for at in range(start, end)),
        kin_are_others=evidence,
    )
    limits = reader.limits
    days, history = limits.get("recent.days", 14.0), limits.get("recent.history_days", 90.0)
    times = Times(_lapses(tokens, spoken, grouped), years_named(tokens), days, history)
    told = [_tell(meaning, start, end, scene, times) for meaning, start, end in meant]
    return Heard(text, tuple(tokens), tuple(told), scene, spoken, times)


def _lapses(tokens: Sequence[Token], spoken: Spoken, grouped: Mapping[str, Sequence[tuple[int, int]]]) -> list[Lapse]:
    """The lapses of time; an age long past (`at 19`) counts only where the text says that it healed."""
    named = lapses(tokens, spoken)
    if not grouped.get("fading"):
        return named
    led = frozenset(end for _, end in grouped.get("age_before", ()))
    behind = frozenset(start for start, _ in grouped.get("age_after", ()))
    return [*named, *ages_past(tokens, spoken, led, behind)]


def _tell(meaning: Meaning, start: int, end: int, scene: Scene, times: Times) -> Told:
    mention = Mention(
        meaning.kind, meaning.id, start, end, meaning.lasting_days, meaning.lingers, meaning.diagnosis, meaning.firm
    )
    return Told(meaning, mention, manner(mention, scene, times))


def _repaired(tokens: Sequence[Token], reader: Reader) -> list[Token]:
    memory: dict[str, tuple[str, ...]] = {}
    repaired: list[Token] = []
    for token in tokens:
        stems = memory.get(token.word)
        if stems is None:
            known = token.stem in reader.speller.known or len(memory) >= MOST_REPAIRS
            stems = memory[token.word] = (token.stem,) if known else reader.speller.repair(token.word, token.stem)
        if stems == (token.stem,):
            repaired.append(token)
        elif len(stems) == 1:
            repaired.append(replace(token, word=stems[0], stem=stems[0]))
        else:
            repaired.extend(_halves(token, stems))
    return repaired


def _halves(token: Token, stems: tuple[str, ...]) -> list[Token]:
    left, right = stems
    middle = next(
        (
            at
            for at in range(3, len(token.word) - 2)
            if stem(token.word[:at]) == left and stem(token.word[at:]) == right
        ),
        3,
    )
    middle = min(token.start + middle, token.end)
    return [
        replace(token, word=left, stem=left, end=middle),
        replace(token, word=right, stem=right, start=middle),
    ]


def _find(tokens: Sequence[Token], reader: Reader) -> tuple[list[Found], list[tuple[str, int, int]]]:
    numbers = reader.numbers
    arcs = arcs_of(((token.stem, token.word) for token in tokens), numbers)
    parts = [token.part for token in tokens]
    no = [False] * len(tokens)
    labels: list[tuple[str, int, int]] = []
    for hit in reader.sets.scan(Line(arcs, no, no, parts)):
        name = reader.set_ids[hit.owner]
        labels.append((name, hit.start, hit.end))
    skippable, stops = list(no), list(no)
    for name, start, end in labels:
        number = numbers.get(name)
        if number is not None:
            arcs[start].append((number, end))
        marks = skippable if name == "@skippable" else stops if name == "@gap_stop" else None
        if marks is not None:
            marks[start:end] = [True] * (end - start)
    hits = reader.phrases.scan(Line(arcs, skippable, stops, parts))
    return [(reader.meanings[hit.owner], hit.start, hit.end) for hit in hits], labels


def _named_contexts(machinery: Iterable[Found]) -> list[tuple[str, int, int]]:
    return [
        (m.id, start, end) for m, start, end in _longest(_without_innocents(list(machinery))) if m.kind == "context"
    ]


def _without_innocents(found: list[Found]) -> list[Found]:
    """Drop what an innocent look-alike of the same id overlaps, and the look-alikes themselves."""
    innocent: dict[tuple[str, str], set[int]] = {}
    for meaning, start, end in found:
        if meaning.never:
            innocent.setdefault((meaning.kind, meaning.id), set()).update(range(start, end))
    nothing: set[int] = set()
    return [
        (meaning, start, end)
        for meaning, start, end in found
        if not meaning.never and innocent.get((meaning.kind, meaning.id), nothing).isdisjoint(range(start, end))
    ]


def _longest(found: list[Found]) -> list[Found]:
    """Keep the longest of overlapping finds of one meaning; a place inside a longer place is dropped too."""
    kept: list[Found] = []
    widths: dict[tuple[str, str], dict[int, int]] = {}
    for meaning, start, end in sorted(found, key=lambda f: (f[1] - f[2], f[1], f[0].kind, f[0].id)):
        own = (meaning.kind, meaning.id)
        lengths = widths.setdefault(own, {})
        if any(at in lengths for at in range(start, end)):
            continue
        if meaning.kind in PLACES:
            places = widths.setdefault(("place", ""), {})
            if any(places.get(at, 0) > end - start for at in range(start, end)):
                continue
            places.update({at: end - start for at in range(start, end) if at not in places})
        lengths.update(dict.fromkeys(range(start, end), end - start))
        kept.append((meaning, start, end))
    return sorted(kept, key=lambda f: (f[1], f[2], f[0].kind, f[0].id))


def _speaks_of_self(grouped: Mapping[str, Sequence[tuple[int, int]]]) -> bool:
    """True when `I ... tight`, `my ... knee` or the like is said with nobody else in between."""
    others = [*grouped.get("kin", ()), *grouped.get("third_person", ())]
    return any(
        all(last <= start or first >= end for first, last in others) for start, end in grouped.get("self_loose", ())
    )


def _spoken(machinery: Iterable[Found]) -> Spoken:
    tables: dict[str, dict[int, tuple[int, float]]] = {"number": {}, "unit": {}, "when": {}}
    marks: dict[str, set[int]] = {"onset": set(), "rating": set(), "pressure": set(), "temperature": set()}
    ago: dict[int, int] = {}
    for meaning, start, end in machinery:
        if meaning.kind in tables and meaning.value is not None:
            held = tables[meaning.kind].get(start)
            if held is None or held[0] < end:
                tables[meaning.kind][start] = (end, meaning.value)
        elif meaning.id == "ago":
            ago[start] = end
        elif meaning.id in marks:
            marks[meaning.id].update(range(start, end))
    return Spoken(
        numbers=tables["number"],
        units=tables["unit"],
        whens=tables["when"],
        ago=ago,
        onset=frozenset(marks["onset"]),
        rating=frozenset(marks["rating"]),
        pressure=frozenset(marks["pressure"]),
        temperature=frozenset(marks["temperature"]),
    )
