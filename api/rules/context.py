"""How a thing was said: present, denied, past, somebody else's, a figure of speech, a supposition, or uncertain."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from api.rules.negation import Mention, Scene, denial
from api.rules.quantities import Lapse
from schemas.vocabulary import Status

SCOPE_OF_WORRY = 7
SCOPE_OF_DOUBT = 5
NEXT_SENTENCE = 4
SEGMENT = 40
LONG_OVER = 3650.0
UNLIKE_PLACES = ("sign", "condition")


@dataclass(frozen=True, slots=True)
class Manner:
    """The status of a mention; `recent` for something past that still counts, `fading` when it is said to be over."""

    status: Status
    recent: bool = False
    fading: bool = False


@dataclass(frozen=True, slots=True)
class Times:
    """The lapses of time of a text and its calendar years; the days within which a past sign is recent, and those in
    which a place, a cause or a condition that is told as past still counts.
    """

    lapses: Sequence[Lapse]
    years: Sequence[int]
    recent_days: float
    history_days: float


def manner(mention: Mention, scene: Scene, times: Times) -> Manner:
    """Return how `mention` was said. Doubtful readings fall to the more careful side."""
    if mention.kind != "cause" and scene.overlaps("figurative", mention.start, mention.end):
        return Manner(Status.FIGURATIVE)
    if mention.kind in UNLIKE_PLACES and _harmless(mention, scene):
        return Manner(Status.FIGURATIVE)
    denied = denial(mention, scene)
    if denied is not None:
        return Manner(denied)
    if _of_somebody_else(mention, scene):
        return Manner(Status.OTHER_PERSON)
    if mention.firm:
        return Manner(Status.PAST if _long_past(mention, scene) else Status.PRESENT)
    if _within(mention, scene, "conditional", SCOPE_OF_WORRY):
        return Manner(Status.HYPOTHETICAL)
    if _within(mention, scene, "worry", SCOPE_OF_WORRY, scene.mine):
        return Manner(Status.HYPOTHETICAL if mention.diagnosis or mention.kind == "condition" else Status.UNCERTAIN)
    past = _past(mention, scene, times)
    if past is not None:
        return past
    if mention.kind == "sign" and _within(mention, scene, "unsure", SCOPE_OF_DOUBT):
        return Manner(Status.UNCERTAIN)
    return Manner(Status.PRESENT)


def _harmless(mention: Mention, scene: Scene) -> bool:
    """True inside an exaggeration, and for the sweat of plain effort in a text without any word of the heart."""
    if scene.overlaps("hyperbole", mention.start, mention.end):
        return True
    return scene.overlaps("effort", mention.start, mention.end) and not scene.spans("heart_words")


def _within(mention: Mention, scene: Scene, context: str, reach: int, breaking: frozenset[int] = frozenset()) -> bool:
    """True when a hit of `context` stands before the mention in its part, at most `reach` words away, unbroken."""
    part = scene.tokens[mention.start].part
    for start, end in scene.spans(context):
        if start < mention.start < end:
            return True
        if end <= mention.start and scene.tokens[start].part == part and mention.start - end <= reach:
            between = range(end, mention.start)
            if not any(at in scene.contrast or at in breaking or scene.starts_anew(at, end - 1) for at in between):
                return True
    return False


def _of_somebody_else(mention: Mention, scene: Scene) -> bool:
    if scene.overlaps("kin_had", mention.start, mention.end):
        return True
    sentence = scene.tokens[mention.start].sentence
    for start, end in scene.spans("family_history"):
        if scene.tokens[start].sentence == sentence and _same_thought(
            scene, min(end, mention.start), max(start, mention.end)
        ):
            return True
    if not scene.kin_are_others:
        return False
    for start, end in scene.spans("kin_subject"):
        there = scene.tokens[start].sentence
        if there == sentence and start <= mention.start and _same_thought(scene, end, mention.start):
            return True
        if there == sentence - 1 and _goes_on(mention, scene, sentence):
            return True
    return mention.kind != "cause" and _in_kin(mention, scene, sentence)


def _in_kin(mention: Mention, scene: Scene, sentence: int) -> bool:
    """True for `a stroke in my dad`; work done `for my dad` is the speaker's own."""
    return any(
        mention.end <= start <= mention.end + 2 and scene.tokens[start].sentence == sentence
        for start, _ in scene.spans("in_kin")
    )


def _goes_on(mention: Mention, scene: Scene, sentence: int) -> bool:
    """True when the sentence goes on about the person of the one before: `He could not ...`."""
    first = scene.sentence_start(sentence)
    return scene.overlaps("he_or_she", first, first + 1) and _same_thought(scene, first, mention.start)


def _same_thought(scene: Scene, start: int, end: int) -> bool:
    """True when no first person and no contrast stands in [start, end)."""
    return not any(at in scene.first_person or at in scene.contrast for at in range(start, end))


def _segment(mention: Mention, scene: Scene) -> range:
    tokens = scene.tokens
    part = tokens[mention.start].part
    first, last = mention.start, mention.end
    least, most = max(0, first - SEGMENT), min(len(tokens), last + SEGMENT)
    while first > least and tokens[first - 1].part == part and not scene.breaks_segment(first - 1):
        first -= 1
    while last < most and tokens[last].part == part and not scene.breaks_segment(last):
        last += 1
    return range(first, last)


def _past(mention: Mention, scene: Scene, times: Times) -> Manner | None:
    segment = _segment(mention, scene)
    known, unknown = _days_back(mention, segment, scene, times)
    sentence = scene.tokens[mention.start].sentence
    near = range(segment.start, min(segment.stop + 1, len(scene.tokens)))
    still = any(at in scene.now and scene.tokens[at].sentence == sentence for at in near)
    faded = _faded(mention, scene)
    if mention.kind == "condition" and _is_over(mention, known, scene, times):
        return Manner(Status.PAST)
    lasting = mention.lasting_days if mention.kind == "sign" or mention.lasting_days else times.history_days
    if lasting is not None:
        return Manner(Status.PAST) if known is not None and known > lasting and not still else None
    if known is not None and known > times.recent_days and not still:
        return Manner(Status.PAST)
    if faded:
        return Manner(Status.PAST, recent=True, fading=known is None)
    happened = known is not None and any(at in scene.events_told for at in segment)
    if still or happened or (known is None and not unknown):
        return None
    if known is not None and known <= 1:
        return None
    return Manner(Status.PAST, recent=True)


def _is_over(mention: Mention, known: float | None, scene: Scene, times: Times) -> bool:
    """True for a condition that went away for good and lies far enough back, whatever the text says of now."""
    if not _outgrown(mention, scene):
        return False
    if mention.lasting_days is None:
        return known is not None and known > times.history_days
    sentence = scene.tokens[mention.start].sentence
    days = [lapse.days for lapse in times.lapses if lapse.ago and scene.tokens[lapse.start].sentence == sentence]
    return not mention.lingers and max([known or 0.0, *days]) > LONG_OVER


def _long_past(mention: Mention, scene: Scene) -> bool:
    segment = _segment(mention, scene)
    return scene.any_in("past_old", segment) and not any(at in scene.now or at in scene.began for at in segment)


def _days_back(mention: Mention, segment: range, scene: Scene, times: Times) -> tuple[float | None, bool]:
    """Return how many days back the mention lies (None unknown), and whether it is past without a date."""
    back = [lapse for lapse in times.lapses if lapse.ago]
    days = [lapse.days for lapse in back if lapse.start in segment or _introduces(lapse, segment, scene)]
    if scene.any_in("past_old", segment) or any(at in segment for at in times.years):
        days.append(10_000.0)
    began = any(at in scene.began for at in segment if not mention.start <= at < mention.end)
    if began and days:
        return None, False
    return (min(days) if days else None), scene.any_in("past_unknown", segment)


def _introduces(lapse: Lapse, segment: range, scene: Scene) -> bool:
    """True when the lapse is a part of its own just before or behind the segment: `Two years ago, I fell`."""
    tokens = scene.tokens
    alone_before = lapse.end == segment.start and (
        lapse.start == 0 or tokens[lapse.start - 1].part != tokens[lapse.start].part
    )
    return alone_before and tokens[lapse.start].sentence == tokens[segment.start].sentence


def _faded(mention: Mention, scene: Scene) -> bool:
    sentence = scene.tokens[mention.start].sentence
    for start, end in scene.spans("fading"):
        if start < mention.end:
            continue
        there = scene.tokens[start].sentence
        first = scene.sentence_start(there)
        if there == sentence or (there == sentence + 1 and start - first <= NEXT_SENTENCE):
            negated = any(at in scene.negators for at in range(max(0, start - 2), end))
            if not negated and not _returns(end, scene):
                return True
    return False


def _outgrown(mention: Mention, scene: Scene) -> bool:
    """True for `grew out of it` and `never any bother since`, which says more than `better after physio`."""
    sentence = scene.tokens[mention.start].sentence
    return any(
        start >= mention.end
        and scene.tokens[start].sentence == sentence
        and not any(at in scene.negators for at in range(max(0, start - 2), start))
        and not _returns(end, scene)
        for start, end in scene.spans("outgrown")
    )


def _returns(end: int, scene: Scene) -> bool:
    sentence = scene.tokens[end - 1].sentence
    return any(end <= start and scene.tokens[start].sentence == sentence for start, _ in scene.spans("returned"))


def contexts(hits: Sequence[tuple[str, int, int]]) -> Mapping[str, tuple[tuple[int, int], ...]]:
    """Return the spans of each context, in order."""
    grouped: dict[str, list[tuple[int, int]]] = {}
    for name, start, end in hits:
        grouped.setdefault(name, []).append((start, end))
    return {name: tuple(sorted(spans)) for name, spans in grouped.items()}
