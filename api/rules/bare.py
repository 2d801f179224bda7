"""Texts that say no more than where it hurts, since when, and what the person has: `low back pain, diabetic, 54`.

Every word of such a text was understood, and a risk alone is no sign of danger: the rules judge it, and nothing more is
heard in it.
"""

from typing import Final

from api.rules.hearing import Heard
from api.rules.reader import Reader

PLAIN_KINDS: Final = frozenset(("region", "vague_region", "condition", "cause", "goal"))
CHILDREN: Final = ("child", "school_year")
SMALL_SETS: Final = ("@hurt", "small_word")


def is_bare(heard: Heard, reader: Reader) -> bool:
    """True when every word is part of a place, a condition, a cause, an amount or what is ordinary, or a small one."""
    scene, covered = heard.scene, list(heard.scene.skippable)
    if any(scene.spans(name) for name in CHILDREN):
        return False
    for told in heard.told:
        kind, name = told.meaning.kind, told.meaning.id
        if kind not in PLAIN_KINDS and (kind, name) not in reader.ordinary:
            return False
        covered[told.mention.start : told.mention.end] = [True] * (told.mention.end - told.mention.start)
    for name in SMALL_SETS:
        for start, end in scene.spans(name):
            covered[start:end] = [True] * (end - start)
    spoken = heard.spoken
    for table in (spoken.numbers, spoken.units, spoken.whens):
        for start, (end, _) in table.items():
            covered[start:end] = [True] * (end - start)
    return bool(heard.tokens) and all(
        known or token.word.isdecimal() for known, token in zip(covered, heard.tokens, strict=True)
    )
