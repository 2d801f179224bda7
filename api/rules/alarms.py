"""How much a text sounds like danger: learned from many texts, beside the signs that are looked for by phrase.

People name a sign, and a place, in more ways than any list of phrases holds. A small network over words, pairs of words
and what the lexicon found says how much a text sounds like those that need a clinician, one today, or an ambulance,
like which sign, and which regions it means.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

from api.rules.impressions import Impression, features, impression
from api.rules.network import Network, network_of
from api.rules.tokens import Token
from schemas.findings import Alarm, Finding, LikelyPlace, PersonFacts
from schemas.networks import AlarmModel

MODEL: Final = "words"
LEAST_PLACE: Final = -1.5
"""Below this score nobody means the region."""

LEAST_KNOWN: Final = 0.5
"""More than this share of the words must be known."""


@dataclass(frozen=True, slots=True)
class Listener:
    """The model of a release; below `least` at every level nobody looks for the sign."""

    levels: tuple[str, ...]
    signs: tuple[str, ...]
    regions: tuple[str, ...]
    network: Network
    least: float

    def listen(self, tokens: Sequence[Token], findings: Iterable[Finding], person: PersonFacts) -> Alarm | None:
        """Return what a text sounds like; None when most of its words were never heard."""
        made = impression(self.network, features(tokens, findings, person), tokens)
        words = {feature.start for _, feature in made.heard if feature.end == feature.start + 1}
        if len(words) <= LEAST_KNOWN * len({token.stem for token in tokens}):
            return None
        scores = [made.score(head) for head in range(len(self.levels))]
        levels = dict(zip(self.levels, scores, strict=True))
        places = self._places(made)
        if not self.signs or max(scores) < self.least:
            return Alarm(levels, places)
        first = len(self.levels)
        likely = [made.score(first + sign) for sign in range(len(self.signs))]
        best = max(range(len(likely)), key=lambda sign: (likely[sign], -sign))
        return Alarm(levels, places, self.signs[best], likely[best], made.span(first + best))

    def _places(self, made: Impression) -> tuple[LikelyPlace, ...]:
        first = len(self.levels) + len(self.signs)
        scores = sorted((-made.score(first + at), region, first + at) for at, region in enumerate(self.regions))
        return tuple(
            LikelyPlace(region, round(1 / (1 + exp(score)), 3), made.span(head))
            for score, region, head in scores
            if -score >= LEAST_PLACE
        )


def listener(models: Mapping[str, AlarmModel], least: float) -> Listener | None:
    """Return the listener of a release; None when it has no model."""
    model = models.get(MODEL)
    if model is None:
        return None
    return Listener(tuple(model.levels), tuple(model.signs), tuple(model.regions), network_of(model), least)
