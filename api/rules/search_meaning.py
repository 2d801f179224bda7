"""What a search means where its words say where it hurts, why or how: read as people's words are, worth by exercise.

A search that is about a spot is led by the exercises whose main region that is, whatever words they are written in. One
that names an exercise is left to its words.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.rules.hearing import Heard, Told, hear
from api.rules.places import by_cause, regions
from api.rules.reader import PLACES, Reader
from api.rules.search_arrays import Place
from api.rules.search_wishes import wishes_in
from schemas.findings import Finding
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
HURT: Final = "@hurt"
COMPLAINTS: Final = (HURT, "@bothered")
"""The sets whose words say that it is about a complaint, and nothing else."""

WORTH: Final[Mapping[str, float]] = {
    "regions": 1.0,
    "muscles": 1.0,
    "causes": 0.35,
    "conditions": 0.5,
    "symptoms": 0.25,
}
"""What it is worth that an exercise is for all that is meant in a field; for the best fit of several terms."""

PLACED: Final = frozenset({"regions", "muscles"})
LEANING: Final = 0.19
"""How much more an exercise is worth for a place whose kind is readily offered, times the leaning of the kind."""

FURTHER: Final = 0.35
"""What each further term of a field adds, of its own worth."""

COMPLAINT: Final = 0.47
"""The least share of a search that names a place and what is wrong there: the rest of it only says when and how."""

STEEP: Final = 2.5
"""How steeply an exercise is worth less for a term that is less its own: a spot is for those whose main one it is."""

GUESSED: Final = 0.6
"""How surely a place is meant that is only the likeliest one of a cause."""

UNSAID: Final = (Status.DENIED, Status.FIGURATIVE)
"""What is said so is not looked for; what is past or somebody else's is."""


Span = tuple[int, int]
Said = tuple[str, float, Span]
"""A term, how surely it is meant, and the tokens that say it."""


@dataclass(frozen=True, slots=True)
class Meant:
    """What a search says: terms such as `regions knee` with how surely each is meant, 0 to 1, surest first.

    `share` is how much of the weight of the words goes into them, 0 to 1; `behind` are the words, as typed, that say
    what brought a complaint on; `wishes` are what is asked of an exercise beside that.
    """

    terms: tuple[tuple[str, float], ...] = ()
    share: float = 0.0
    behind: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()

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
    spans: list[Span] = []
    for term, sure, span in _terms(heard, reader):
        terms[term] = max(sure, terms.get(term, 0.0))
        spans.append(span)
    wishes = wishes_in(heard.scene)
    if not terms:
        return replace(NOTHING_MEANT, wishes=wishes) if wishes else NOTHING_MEANT
    spans.extend(span for name in COMPLAINTS for span in heard.scene.spans(name))
    weights = [weight(token.stem) for token in heard.tokens]
    taken = {at for start, end in spans for at in range(start, end)}
    share = sum(weights[at] for at in taken) / (sum(weights) or 1.0)
    complaint = bool(heard.scene.spans(HURT)) or any(term.startswith("symptoms ") for term in terms)
    if complaint and any(term.startswith("regions ") for term in terms):
        share = max(share, COMPLAINT)
    surest_first = sorted(terms.items(), key=lambda pair: (-pair[1], pair[0]))
    return Meant(tuple(surest_first), share, _behind(heard) if complaint else frozenset(), wishes)


def _behind(heard: Heard) -> frozenset[str]:
    """The words behind `after` or `from`, as they were typed: what brought a complaint on is not what is looked for."""
    ends = [end for _, end in heard.scene.spans("link")]
    if not ends or min(ends) < 2:
        return frozenset()
    return frozenset(heard.text[token.start : token.end].lower() for token in heard.tokens[min(ends) :])


def _terms(heard: Heard, reader: Reader) -> Iterator[Said]:
    """Every term that the text says."""
    told = [one for one in heard.told if one.manner.status not in UNSAID]
    for one in told:
        kind, span = one.meaning.kind, (one.mention.start, one.mention.end)
        if kind in FIELD_OF:
            yield f"{FIELD_OF[kind]} {one.meaning.id}", 1.0, span
        elif one.meaning.id.startswith(MUSCLE):
            yield f"muscles {one.meaning.id.removeprefix(MUSCLE)}", 1.0, span
    found = regions(heard, "", reader)
    if found:
        yield from _named_places(found, heard, told)
        return
    causes = [one.meaning.id for one in told if one.meaning.kind == "cause"]
    guessed = by_cause(causes, reader.priors, "")
    surest = max((place.confidence for place in guessed), default=1.0)
    for place in guessed:
        yield f"regions {place.id}", GUESSED * place.confidence / surest, (0, 0)


def _named_places(found: Sequence[Finding], heard: Heard, told: Sequence[Told]) -> Iterator[Said]:
    """The regions that are named by themselves, not as a muscle and not inside the name of a condition."""
    surest = max(place.confidence for place in found)
    conditions = [one.mention for one in told if one.meaning.kind == "condition"]
    for place in found:
        for one in told:
            start, end = one.mention.start, one.mention.end
            if not _says(one, place) or place.span is None or heard.tokens[start].start != place.span[0]:
                continue
            if not any(it.start <= start and end <= it.end and end - start < it.end - it.start for it in conditions):
                yield f"regions {place.id}", place.confidence / surest, (start, end)


def _says(told: Told, place: Finding) -> bool:
    meaning = told.meaning
    if meaning.kind not in PLACES or meaning.id.startswith(MUSCLE):
        return False
    return meaning.id == place.id or any(region == place.id for region, _ in meaning.regions)


def _fits(terms: Iterable[tuple[str, float]], named: Mapping[str, Sequence[Place]]) -> dict[int, float]:
    """How well each exercise fits the terms of one field: the best of them whole, the others in part."""
    best: dict[int, float] = {}
    every: dict[int, float] = {}
    for term, sure in terms:
        for number, _, share in named.get(term, ()):
            fit = sure * share**STEEP
            best[number] = max(fit, best.get(number, 0.0))
            every[number] = every.get(number, 0.0) + fit
    return {number: fit + FURTHER * (every[number] - fit) for number, fit in best.items()}
