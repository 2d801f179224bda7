"""People's words as tokens: folded, stemmed, with offsets into the text and the sentence and part they stand in."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

_PIECE: Final = re.compile(
    r"(?P<short>\b[wW]/[oO]?(?![A-Za-z]{3})|\b[yY]/[oO]\b|\b[bB]/[wW]\b)"
    r"|(?P<initials>\b(?:[A-Za-z]\.){2,})"
    r"|(?P<number>\d{1,6}(?:[.,]\d{1,2}(?!\d))?)"
    r"|(?P<word>[^\W\d_]+(?:['\u2019\u2018`\u00b4][^\W\d_]+)*)"
    r"|(?P<hard>[.!?;]+|\n\s*\n)"
    r"|(?P<line>\n)"
    r"|(?P<soft>[,()\[\]\u2026\u2013\u2014|\u2022*]|(?<=\s)-(?=\s))"
    r"|(?P<and>[&+])"
)
_SHORT: Final = {"n": "and", "w/": "with", "w/o": "without", "y/o": "yo", "b/w": "between"}
_MERGED: Final = {
    ("can", "not"): "cant",
    ("could", "not"): "couldnt",
    ("do", "not"): "dont",
    ("does", "not"): "doesnt",
    ("did", "not"): "didnt",
    ("is", "not"): "isnt",
    ("are", "not"): "arent",
    ("was", "not"): "wasnt",
    ("were", "not"): "werent",
    ("has", "not"): "hasnt",
    ("have", "not"): "havent",
    ("had", "not"): "hadnt",
    ("will", "not"): "wont",
    ("would", "not"): "wouldnt",
}
_BRITISH: Final = (
    ("oedema", "edema"),
    ("oeso", "eso"),
    ("rrhoea", "rrhea"),
    ("haem", "hem"),
    ("paed", "ped"),
    ("faec", "fec"),
    ("anaes", "anes"),
    ("caesar", "cesar"),
    ("foetus", "fetus"),
    ("aemia", "emia"),
    ("yse", "yze"),
    ("isation", "ization"),
)
_VOWELS: Final = frozenset("aeiouy")


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as folded, as stemmed, its offsets, and the sentence and comma-part it stands in."""

    word: str
    stem: str
    start: int
    end: int
    sentence: int
    part: int
    asked: bool


def fold(word: str) -> str:
    """Return the word in lower case without accents and apostrophes, British spelling made American."""
    word = word.lower()
    if not word.isascii():
        plain = unicodedata.normalize("NFKD", word)
        word = "".join(c for c in plain if c not in "'\u2019\u2018`\u00b4" and not unicodedata.combining(c))
    else:
        word = word.replace("'", "").replace("`", "")
    if word == "cannot":
        return "cant"
    if len(word) > 5:
        for british, american in _BRITISH:
            word = word.replace(british, american)
        if word.endswith("our"):
            word = word[:-3] + "or"
        elif word.endswith("tre"):
            word = word[:-3] + "ter"
    return word


def stem(word: str) -> str:
    """Return the word without plural, tense and -ly endings; short words stay as they are."""
    if len(word) <= 3:
        return word
    word = _without_plural(word)
    word = _without_tense(word)
    if len(word) >= 7 and word.endswith("ly"):
        word = word[:-2]
    if len(word) >= 6 and word.endswith("ll"):
        word = word[:-1]
    if len(word) >= 5 and word.endswith("e"):
        word = word[:-1]
    return word


def _without_plural(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and word[-2] not in "sui":
        return word[:-1]
    return word


def _without_tense(word: str) -> str:
    if word.endswith("ing"):
        base = word[:-3]
    elif word.endswith("ed") and not word.endswith("eed"):
        base = word[:-2]
    elif word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    else:
        return word
    if len(base) < 3 or not _VOWELS.intersection(base):
        return word
    if base.endswith("i"):
        return base[:-1] + "y"
    if base[-1] == base[-2] and base[-1] not in "lsz":
        return base[:-1]
    if len(base) == 3 and base[1] in _VOWELS and base[0] not in _VOWELS and base[2] not in "aeiouywx":
        return base + "e"
    return base


@dataclass(slots=True)
class _Cursor:
    sentence: int = 0
    part: int = 0


def tokenise(text: str) -> list[Token]:
    """Return the tokens of `text` in order; hard stops end sentences, commas and the like end parts."""
    raw: list[tuple[str, int, int, int, int]] = []
    asked: set[int] = set()
    cursor = _Cursor()
    for found in _PIECE.finditer(text):
        kind = found.lastgroup
        if kind in ("hard", "soft", "line"):
            _cross(cursor, kind, found, text, asked)
            continue
        start, end = found.span()
        raw.append((_spoken(kind, found.group()), start, end, cursor.sentence, cursor.part))
    return _merged(raw, asked)


def _cross(cursor: _Cursor, kind: str, found: "re.Match[str]", text: str, asked: set[int]) -> None:
    if kind == "line":
        rest = text[found.end() : found.end() + 20].lstrip()
        if rest[:1].islower():
            return
    if kind == "hard":
        if "?" in found.group():
            asked.add(cursor.sentence)
        cursor.sentence += 1
    cursor.part += 1


def _spoken(kind: str | None, piece: str) -> str:
    if kind == "and":
        return "and"
    if kind == "short":
        return _SHORT.get(piece.lower(), piece.lower())
    if kind == "number":
        return piece.replace(",", ".")
    if kind == "initials":
        return piece.replace(".", "").lower()
    word = fold(piece)
    return _SHORT.get(word, word)


def _merged(raw: list[tuple[str, int, int, int, int]], asked: set[int]) -> list[Token]:
    tokens: list[Token] = []
    skip = False
    for index, (word, start, end, sentence, part) in enumerate(raw):
        if skip:
            skip = False
            continue
        following = raw[index + 1] if index + 1 < len(raw) else None
        if following is not None and following[4] == part and (word, following[0]) in _MERGED:
            word, end, skip = _MERGED[(word, following[0])], following[2], True
        tokens.append(Token(word, stem(word), start, end, sentence, part, sentence in asked))
    return tokens
