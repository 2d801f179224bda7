"""Words as a search compares them, in English and in the language of an edition: without endings, compounds in parts.

The endings follow the light stemmers of Savoy (UniNE, 2006) for German and Spanish: nouns, adjectives and verbs of one
family become one stem, which is all that a search needs, and no further library is.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from api.rules.tokens import fold, stem
from schemas.translations import SOURCE_LANGUAGE

Endings = tuple[tuple[str, int], ...]
"""Endings that are taken off, the first that fits, with how many letters must be left."""

ENDINGS: Final[Mapping[str, tuple[Endings, ...]]] = {
    "de": (
        (("ungen", 4), ("ung", 4)),
        (("ern", 3), ("eln", 3), ("em", 3), ("en", 3), ("er", 3), ("es", 3), ("el", 3), ("e", 3)),
    ),
    "es": (
        (("es", 4), ("s", 3)),
        (
            *(("amiento", 4), ("imiento", 4), ("acion", 3), ("icion", 3), ("arse", 3), ("erse", 3), ("irse", 3)),
            *(("ando", 3), ("iendo", 3), ("ado", 3), ("ido", 3), ("ada", 3), ("ida", 3), ("ar", 3), ("er", 3)),
            *(("ir", 3), ("a", 3), ("o", 3), ("e", 3)),
        ),
    ),
}

FAMILY: Final[Endings] = (
    *(("ation", 4), ("ition", 4), ("ness", 4), ("ment", 4), ("ful", 4), ("ity", 4), ("ion", 4), ("ive", 4)),
    *(("able", 4), ("at", 4), ("al", 4), ("en", 4), ("er", 3), ("or", 4), ("y", 4), ("th", 4)),
    *(("ar", 5), ("a", 5)),
)
"""What makes English words out of others: `tightness` and `tighten` are of one family with `tight`."""

LEAST_ROOT: Final = 4
"""Shorter words have too many look-alikes: only what is done and who does it are joined, `row` and `rower`."""

SPELT_OUT: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {"de": (("ae", "a"), ("oe", "o"), ("ue", "u"))}
"""How letters with marks are typed without them; read as the plain letter, as are the marked ones themselves."""

LINKS: Final[Mapping[str, tuple[str, ...]]] = {"de": ("", "s", "n", "en", "es")}
"""The languages that write compounds in one word, and what may stand between the parts."""

SILENT: Final = frozenset(
    {*("a", "an", "the", "my", "your"), *("and", "or", "with"), *("at", "for", "in", "is", "of", "on", "to")}
)
"""Words that nobody misses in a phrase."""

FIRST_PART: Final = 3
LAST_PART: Final = 4
"""Parts of compounds have at least so many letters."""


Stems = Callable[[str], tuple[str, ...]]
"""The stems of a word in one language: its own, then those of its parts."""


@dataclass(frozen=True, slots=True)
class Stemmer:
    """The stems of a language; `known` are the words that stand by themselves, which compounds are taken apart into."""

    language: str
    known: frozenset[str] = frozenset()

    def stems(self, word: str) -> tuple[str, ...]:
        """Return the stem of a word and, when it is a compound, those of its parts."""
        plain = self.plain(word)
        if self.language == SOURCE_LANGUAGE:
            return (stem(plain),)
        parts = [self.stem(part) for part in self._parts(plain)]
        return tuple(dict.fromkeys((self.stem(plain), *parts)))

    def plain(self, word: str) -> str:
        """Return a word with plain letters only, its endings kept."""
        return fold(word) if self.language == SOURCE_LANGUAGE else folded(word, self.language)

    def stem(self, plain: str) -> str:
        """Return a folded word without its endings."""
        for endings in ENDINGS.get(self.language, ()):
            for ending, least in endings:
                if plain.endswith(ending) and len(plain) - len(ending) >= least:
                    plain = plain[: -len(ending)]
                    break
        return plain

    def _parts(self, plain: str) -> list[str]:
        """Return the known words that a compound is made of, the longest last one first looked for."""
        for at in range(FIRST_PART, len(plain) - LAST_PART + 1):
            last = plain[at:]
            if last not in self.known and self.stem(last) not in self.known:
                continue
            first = self._unlinked(plain[:at])
            if first is not None:
                return [*(self._parts(first) or [first]), *(self._parts(last) or [last])]
        return []

    def _unlinked(self, first: str) -> str | None:
        for link in LINKS.get(self.language, ()):
            bare = first.removesuffix(link)
            if (
                first.endswith(link)
                and len(bare) >= FIRST_PART
                and (bare in self.known or self.stem(bare) in self.known)
            ):
                return bare
        return None


def family(stemmed: str) -> tuple[str, ...]:
    """Return what other words of its family may look like: English ones that end otherwise."""
    root = _root(stemmed)
    if len(root) < LEAST_ROOT:
        return (root,) if stemmed != root else (f"{root}er", f"{root}{root[-1:]}er")
    endings = ("", *(ending for ending, _ in FAMILY))
    found = (start + ending for start in (root, root + root[-1]) for ending in endings)
    return tuple(one for one in found if one != stemmed)


def _root(stemmed: str) -> str:
    for ending, least in FAMILY:
        if stemmed.endswith(ending) and len(stemmed) - len(ending) >= least:
            stemmed = stemmed[: -len(ending)]
            break
    return stemmed[:-1] if len(stemmed) > FIRST_PART and stemmed[-1] == stemmed[-2] else stemmed


def folded(word: str, language: str) -> str:
    """Return a word in lower case with plain letters only, however its marks were typed."""
    word = word.lower().replace("\u00df", "ss")
    if not word.isascii():
        word = "".join(letter for letter in unicodedata.normalize("NFKD", word) if not unicodedata.combining(letter))
    for typed, plain in SPELT_OUT.get(language, ()):
        word = word.replace(typed, plain)
    return word


def stemmer(language: str, words: Iterable[str]) -> Stemmer:
    """Return the stemmer of a language over the words of its texts."""
    if language not in LINKS:
        return Stemmer(language)
    endless = Stemmer(language)
    plain = {folded(word, language) for word in words}
    known = {one for one in plain | {endless.stem(one) for one in plain} if len(one) >= FIRST_PART}
    return Stemmer(language, frozenset(known))


def remembering(language: Stemmer, forms: dict[str, str]) -> Stems:
    """Return the stems of a language, each word stemmed once; every word is written down in `forms` with its stem."""

    @cache
    def stems(word: str) -> tuple[str, ...]:
        found = language.stems(word)
        forms.setdefault(language.plain(word), found[0])
        return found

    return stems
