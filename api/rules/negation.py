"""What is denied: how far `no`, `not`, `without` and their like reach, and answers such as `chest pain: no`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from api.rules.tokens import Token
from schemas.vocabulary import Status

REACH = 6
REACH_TO_A_PLACE = 3
PURE_LIST = 3
SUPPOSED = 3
PLACES = ("region", "vague_region")
_NO_SPANS: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """One meaning found at tokens [start, end), with what its concept says about time and worry."""

    kind: str
    id: str
    start: int
    end: int
    lasting_days: int | None = None
    lingers: bool = True
    diagnosis: bool = False
    firm: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """The tokens of a text and where the words stand that colour what is said around them."""

    tokens: Sequence[Token]
    contexts: Mapping[str, tuple[tuple[int, int], ...]]
    covered: Sequence[tuple[int, int]]
    skippable: Sequence[bool]
    events: frozenset[int]
    kin_are_others: bool
    negators: frozenset[int] = field(init=False)
    contrast: frozenset[int] = field(init=False)
    restarts: frozenset[int] = field(init=False)
    first_person: frozenset[int] = field(init=False)
    now: frozenset[int] = field(init=False)
    began: frozenset[int] = field(init=False)
    breakers: frozenset[int] = field(init=False)
    listing: frozenset[int] = field(init=False)
    closing: frozenset[int] = field(init=False)
    predicates: frozenset[int] = field(init=False)
    verbs: frozenset[int] = field(init=False)
    mine: frozenset[int] = field(init=False)
    events_told: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        pseudo = self.positions("pseudo_negator")
        for name, value in (
            ("negators", (self.positions("noun_negator") | self.positions("verb_negator")) - pseudo),
            ("contrast", self.positions("contrast")),
            ("restarts", self.positions("restart")),
            ("first_person", self.positions("first_person")),
            ("now", self.positions("now")),
            ("began", self.positions("began")),
            (
                "breakers",
                self.positions("contrast")
                | self.positions("now")
                | self.positions("and_word")
                | self.positions("then"),
            ),
            ("listing", self.positions("or_word") | self.positions("and_word")),
            ("closing", self.positions("or_word")),
            ("predicates", self.positions("predicate")),
            ("verbs", self.positions("auxiliary")),
            ("mine", self.positions("owned") | self.positions("first_person")),
            ("events_told", self.positions("event_verb")),
        ):
            object.__setattr__(self, name, value)

    def spans(self, context: str) -> tuple[tuple[int, int], ...]:
        """Return the spans of a context, in order."""
        return self.contexts.get(context, _NO_SPANS)

    def positions(self, context: str) -> frozenset[int]:
        """Return every token that a hit of the context covers."""
        return frozenset(at for start, end in self.spans(context) for at in range(start, end))

    def overlaps(self, context: str, start: int, end: int) -> bool:
        """True when a hit of the context shares a token with [start, end)."""
        return any(first < end and start < last for first, last in self.spans(context))

    def any_in(self, context: str, segment: range) -> bool:
        """True when a hit of the context begins inside the segment."""
        return any(start in segment for start, _ in self.spans(context))

    def starts_anew(self, at: int, negator: int) -> bool:
        """True when a new statement begins at this token; a verb right behind the negator (`never had`) does not."""
        return at in self.restarts and not (at == negator + 1 and at in self.verbs)

    def belongs_to_list(self, at: int, found: bool) -> bool:
        """True when the token is a finding or one of the small words between findings."""
        return found or self.skippable[at] or at in self.listing or at in self.negators

    def breaks_segment(self, at: int) -> bool:
        """True when one thought ends at this token."""
        return at in self.breakers

    def sentence_start(self, sentence: int) -> int:
        """Return the first token of a sentence."""
        return next((at for at, token in enumerate(self.tokens) if token.sentence == sentence), 0)


def denial(mention: Mention, scene: Scene) -> Status | None:
    """Return DENIED, UNCERTAIN for a list that can be read both ways, or None when nothing denies the mention."""
    if _denied_as_a_whole(mention, scene) or _answered_no(mention, scene) or _undone(mention, scene):
        return Status.DENIED
    if mention.kind in PLACES and _well(mention, scene):
        return Status.DENIED
    if mention.kind == "condition" and (_ruled_out(mention, scene) or _only_supposed(mention, scene)):
        return Status.DENIED
    sentence = scene.tokens[mention.start].sentence
    at = mention.start - 1
    while at >= 0 and scene.tokens[at].sentence == sentence:
        if at in scene.contrast and at not in scene.negators:
            return None
        if at in scene.negators and not _consumed(at, scene):
            return _reach(at, mention, scene)
        at -= 1
    return None


def _consumed(negator: int, scene: Scene) -> bool:
    """True when the negator belongs to a sign of its own, such as `no feeling in my legs`."""
    return any(start <= negator < end for start, end in scene.covered)


def _denied_as_a_whole(mention: Mention, scene: Scene) -> bool:
    """True inside wordings that deny by themselves, such as `no vision problems` or `light does not bother me`."""
    return mention.kind not in PLACES and scene.overlaps("denied_inside", mention.start, mention.end)


def _well(mention: Mention, scene: Scene) -> bool:
    """True for `the knee itself is fine` and `shoulder doesn't hurt`; `fine until I kneel` is no such wording."""
    sentence = scene.tokens[mention.start].sentence
    return any(
        scene.tokens[start].sentence == sentence and _leads_to(mention, start, scene)
        for start, _ in scene.spans("well_place")
    )


def _undone(mention: Mention, scene: Scene) -> bool:
    """True when what might have been is taken back (`could have broken it but I didn't`, a list and `none of them`)."""
    tokens, sentence = scene.tokens, scene.tokens[mention.start].sentence
    for opened, behind in scene.spans("might_have"):
        if opened > mention.start or tokens[opened].sentence != sentence:
            continue
        if any(behind <= at < mention.start for at, _ in scene.spans("speaker")):
            continue
        for start, _ in scene.spans("taken_back"):
            if start >= mention.end and tokens[start].sentence - sentence in (0, 1):
                return True
    return False


def _ruled_out(mention: Mention, scene: Scene) -> bool:
    """True for `a hernia was ruled out by the surgeon` and `a Cancer, star sign I mean`."""
    sentence = scene.tokens[mention.start].sentence
    return any(
        mention.end <= start <= mention.end + 1 and scene.tokens[start].sentence == sentence
        for start, _ in scene.spans("ruled_out")
    )


def _only_supposed(mention: Mention, scene: Scene) -> bool:
    """True for `thought I had slipped a disc but the MRI is clear`: supposed before, and found not to be so."""
    tokens, part = scene.tokens, scene.tokens[mention.start].part
    owned = scene.positions("owned")
    supposed = any(
        start < mention.end
        and mention.start - end <= SUPPOSED
        and tokens[start].part == part
        and owned.isdisjoint(range(end, mention.start))
        for start, end in scene.spans("supposed")
    )
    near = range(tokens[mention.start].sentence, tokens[mention.start].sentence + 2)
    return supposed and any(tokens[start].sentence in near for start, _ in scene.spans("cleared"))


def _answered_no(mention: Mention, scene: Scene) -> bool:
    tokens = scene.tokens
    for start, end in scene.spans("denied_after"):
        if not _leads_to(mention, start, scene):
            continue
        closed = end >= len(tokens) or tokens[end].part != tokens[end - 1].part
        near = tokens[start].sentence == tokens[mention.end - 1].sentence or tokens[mention.end - 1].asked
        if closed and near:
            return True
    return False


def _leads_to(mention: Mention, start: int, scene: Scene) -> bool:
    """True when the mention stands right before a token, or ends the question that it answers: `slurred speech? no`."""
    tokens, behind = scene.tokens, mention.end
    if not behind <= start:
        return False
    if start == behind or (start == behind + 1 and scene.skippable[behind]):
        return True
    last = tokens[behind - 1]
    return last.asked and all(tokens[at].part == last.part for at in range(behind, start))


def _reach(negator: int, mention: Mention, scene: Scene) -> Status | None:
    tokens = scene.tokens
    words = commas = 0
    last_link = -1
    for at in range(negator + 1, mention.start + 1):
        if tokens[at].part != tokens[at - 1].part:
            commas, words = commas + 1, 0
        if at == mention.start:
            break
        if at in scene.contrast or scene.starts_anew(at, negator):
            return None
        if at in scene.listing:
            words, last_link = 0, at
        elif not scene.skippable[at]:
            words += 1
    if words > (REACH_TO_A_PLACE if mention.kind in PLACES else REACH):
        return None
    if commas:
        return _listed(negator, mention, scene)
    return _joined(negator, last_link, mention, scene)


def _joined(negator: int, link: int, mention: Mention, scene: Scene) -> Status | None:
    """`no pain and numb` ends the denial at a predicate; `not numb or weak` does not."""
    open_and = link > negator and link not in scene.closing
    noun = scene.overlaps("noun_negator", negator, negator + 1)
    if open_and and noun and mention.start in scene.predicates:
        return None
    return Status.DENIED


def _listed(negator: int, mention: Mention, scene: Scene) -> Status | None:
    tokens = scene.tokens
    noun = scene.overlaps("noun_negator", negator, negator + 1)
    if any(at in scene.events for at in range(negator, mention.start) if tokens[at].part == tokens[negator].part):
        return None
    run = _pure_run(negator, scene)
    inside = tokens[mention.start].part < tokens[negator].part + run
    if _closed_by_or(negator, mention, scene):
        return Status.DENIED
    if not noun or mention.start in scene.predicates or not inside:
        return None
    return Status.DENIED if run >= PURE_LIST else Status.UNCERTAIN


def _closed_by_or(negator: int, mention: Mention, scene: Scene) -> bool:
    sentence = scene.tokens[negator].sentence
    for at in range(negator + 1, len(scene.tokens)):
        if scene.tokens[at].sentence != sentence or at in scene.contrast or scene.starts_anew(at, negator):
            return False
        if at in scene.closing:
            return scene.tokens[at].part >= scene.tokens[mention.start].part or at > mention.start
    return False


def _pure_run(negator: int, scene: Scene) -> int:
    """Return how many comma-parts from the negator on hold nothing but findings, as in `no fever, rash, chills`."""
    tokens = scene.tokens
    found = {at for start, end in scene.covered for at in range(start, end)}
    run = 0
    part = tokens[negator].part
    at = negator + 1
    while at <= len(tokens):
        ended = at == len(tokens) or tokens[at].part != part
        if ended:
            run += 1
            if at == len(tokens) or tokens[at].sentence != tokens[negator].sentence:
                return run
            part = tokens[at].part
        if at in scene.contrast or (at < len(tokens) and scene.starts_anew(at, negator)):
            return run
        if at < len(tokens) and not scene.belongs_to_list(at, at in found or at == negator + 1):
            return run
        at += 1
    return run
