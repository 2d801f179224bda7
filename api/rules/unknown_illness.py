"""Illnesses that a text names and no condition covers: `diagnosed with Soandso syndrome`, `I have Soandso disease`."""

from typing import Final

from api.rules.context import manner
from api.rules.hearing import Heard
from api.rules.negation import Mention
from schemas.vocabulary import Status

NAME: Final = 4
"""An illness is named within so many words."""

WORDS: Final = frozenset(("condition", "sign", "pattern", "quality", "cause", "region", "vague_region"))

OWN: Final = frozenset((Status.PRESENT, Status.PAST, Status.UNCERTAIN))
"""An illness that was told of some time ago is one still."""


def unknown_illness(heard: Heard) -> str | None:
    """Return the words of the first illness that the person has and nobody knows; None when there is none."""
    scene, tokens = heard.scene, heard.tokens
    names = [(end, min(end + NAME, len(tokens))) for _, end in scene.spans("diagnosed_with")]
    for _, led in scene.spans("having"):
        for start, end in scene.spans("illness_word"):
            if led < start <= led + NAME:
                names.append((led, end))
    for start, end in sorted(names):
        part = [at for at in range(start, end) if tokens[at].part == tokens[start].part]
        if part and _is_unknown(heard, part[0], part[-1] + 1):
            return heard.text[tokens[part[0]].start : tokens[part[-1]].end]
    return None


def _is_unknown(heard: Heard, start: int, end: int) -> bool:
    mention = Mention("condition", "", start, end)
    known = any(t.mention.start < end and start < t.mention.end for t in heard.told if t.mention.kind in WORDS)
    nothing = all(heard.scene.skippable[start:end]) or heard.scene.overlaps("nothing_to_say", start, end)
    return not known and not nothing and manner(mention, heard.scene, heard.times).status in OWN
