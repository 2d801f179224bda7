"""What a search means where its words say where it hurts, why or how: read as people's words are, worth by exercise.

A search that is about a spot is led by the exercises whose main region that is, whatever words they are written in. One
that names an exercise is left to its words.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from api.rules.hearing import Heard, Told, hear
from api.rules.places import by_cause, regions
from api.rules.reader import PLACES, Reader
from api.rules.search_words import Place
from schemas.vocabulary import Status

FIELD_OF: Final[Mapping[str, str]] = {
    "cause": "causes",
    "condition": "conditions",
    "quality": "symptoms",
    "pattern": "symptoms",
    "timing": "symptoms",
}
"""The field of an exercise in which each kind of finding is looked for."""

MUSCLE: Final = "muscle."
COMPLAINTS: Final = ("@hurt", "@bothered")
"""The sets whose words say that it is about a complaint, and nothing else."""

WORTH: Final[Mapping[str, float]] = {
    "regions": 1.0,
    "muscles": 1.0,
    "causes": 0.45,
    "conditions": 0.5,
    "symptoms": 0.25,
}
"""What it is worth that an exercise is for all that is meant in a field; for the best fit of several terms."""

PLACED: Final = frozenset({"regions", "muscles"})
LEANING: Final = 0.2
"""How much more an exercise is worth for a place whose kind is readily offered, times the leaning of the kind."""

FURTHER: Final = 0.35
"""What each further term of a field adds, of its own worth."""

COMPLAINT = 0.65
GUESSED = 0.6
UNSAID: Final = (Status.DENIED, Status.FIGURATIVE)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a search says: terms such as `regions knee` with how surely each is meant, 0 to 1, surest first.

    `share` is how much of the weight of the words goes into them, 0 to 1.
    """

    terms: tuple[tuple[str, float], ...] = ()
    share: float = 0.0
    behind: frozenset[str] = frozenset()

    def worths(self, named: Mapping[str, Sequence[Place]], leanings: Sequence[float]) -> dict[int, float]:
        """Return what each exercise that suits any of it is worth, about 0 to 1, by number."""
        by_field: dict[str, list[tuple[str, float]]] = {}
        for term, sure in self.terms:
            by_field.setdefault(term.partition(" ")[0], []).append((term, sure))
        whole = sum(WORTH[name] for name in by_field)
        found: dict[int, float] = {}
        for name, terms in by_field.items():
            leaning = LEANING if name in PLACED else 0.0
            for number, fit in _fits(terms, named).items():
                worth = fit * (1 + leaning * leanings[number]) * WORTH[name] / whole
                found[number] = found.get(number, 0.0) + worth
        return found

    def fields_of(self, number: int, named: Mapping[str, Sequence[Place]]) -> int:
        """Return the fields in which an exercise has any of it, as a bit mask."""
        mask = 0
        for term, _ in self.terms:
            places = named.get(term, ())
            at = bisect_left(places, (number,))
            if at < len(places) and places[at][0] == number:
                mask |= 1 << places[at][1]
        return mask


NOTHING_MEANT: Final = Meant()


def understand(text: str, reader: Reader, weight: Callable[[str], float]) -> Meant:
    """Return what a search says; `weight` is what a stem counts in it."""
    heard = hear(text, reader)
    terms: dict[str, float] = {}
    spans: list[tuple[int, int]] = []
    for term, sure, span in _terms(heard, reader):
        terms[term] = max(sure, terms.get(term, 0.0))
        spans.append(span)
    if not terms:
        return NOTHING_MEANT
    hurts = [span for name in COMPLAINTS for span in heard.scene.spans(name)]
    weights = [weight(token.stem) for token in heard.tokens]
    taken = {at for start, end in [*spans, *hurts] for at in range(start, end)}
    share = sum(weights[at] for at in taken) / (sum(weights) or 1.0)
    complaint = bool(heard.scene.spans("@hurt")) or any(term.startswith("symptoms") for term in terms)
    if complaint and any(term.startswith("regions") for term in terms):
        share = max(share, COMPLAINT)
    behind = _behind(heard) if complaint else frozenset()
    return Meant(tuple(sorted(terms.items(), key=lambda pair: (-pair[1], pair[0]))), share, behind)


def _behind(heard: Heard) -> frozenset[str]:
    """The words behind `after` or `from`, as they were typed: what brought a complaint on is not what is looked for."""
    ends = [end for _, end in heard.scene.spans("link")]
    if not ends or min(ends) < 2:
        return frozenset()
    return frozenset(heard.text[token.start : token.end].lower() for token in heard.tokens[min(ends) :])


def _terms(heard: Heard, reader: Reader) -> Iterator[tuple[str, float, tuple[int, int]]]:
    """Every term that the text says, with how surely and the tokens that say it."""
    told = [one for one in heard.told if one.manner.status not in UNSAID]
    causes: list[str] = []
    for one in told:
        span = (one.mention.start, one.mention.end)
        name = FIELD_OF.get(one.meaning.kind)
        if name is not None:
            yield f"{name} {one.meaning.id}", 1.0, span
            causes += [one.meaning.id] if name == "causes" else []
        elif one.meaning.id.startswith(MUSCLE):
            yield f"muscles {one.meaning.id.removeprefix(MUSCLE)}", 1.0, span
    places = list(_places(heard, told, reader))
    yield from places
    if causes and not places:
        guessed = by_cause(causes, reader.priors, "")
        surest = max((place.confidence for place in guessed), default=1.0)
        for place in guessed:
            yield f"regions {place.id}", GUESSED * place.confidence / surest, (0, 0)


def _places(heard: Heard, told: Sequence[Told], reader: Reader) -> Iterator[tuple[str, float, tuple[int, int]]]:
    """The regions that are named by themselves, not as a muscle and not inside the name of a condition."""
    places = regions(heard, "", reader)
    surest = max((place.confidence for place in places), default=1.0)
    conditions = [one.mention for one in told if one.meaning.kind == "condition"]
    for place in places:
        saying = [
            one
            for one in told
            if one.meaning.kind in PLACES
            and place.span
            and heard.tokens[one.mention.start].start == place.span[0]
            and (one.meaning.id == place.id or any(place.id == region for region, _ in one.meaning.regions))
        ]
        for one in saying:
            start, end = one.mention.start, one.mention.end
            inside = any(c.start <= start and end <= c.end and end - start < c.end - c.start for c in conditions)
            if not one.meaning.id.startswith(MUSCLE) and not inside:
                yield f"regions {place.id}", place.confidence / surest, (start, end)


def _fits(terms: Iterable[tuple[str, float]], named: Mapping[str, Sequence[Place]]) -> dict[int, float]:
    """How well each exercise fits the terms of one field: the best of them whole, the others in part."""
    best: dict[int, float] = {}
    every: dict[int, float] = {}
    for term, sure in terms:
        for number, _, share in named.get(term, ()):
            fit = sure * share
            best[number] = max(fit, best.get(number, 0.0))
            every[number] = every.get(number, 0.0) + fit
    return {number: fit + FURTHER * (every[number] - fit) for number, fit in best.items()}
