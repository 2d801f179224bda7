"""Emergency words of languages that are otherwise not read."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from schemas.lexicon import EmergencyWord


@dataclass(frozen=True, slots=True)
class EmergencyPhrases:
    """The phrases of a release, flattened: those of scripts that part words stand between blanks in `parted`."""

    parted: tuple[str, ...]
    joined: tuple[str, ...]

    def said_in(self, text: str) -> bool:
        """True when `text` holds one of the phrases, as whole words where the script parts words."""
        if not text:
            return False
        plain = flatten(text)
        padded = " ".join(["", *re.findall(r"[^\W_]+", plain), ""])
        return any(map(padded.__contains__, self.parted)) or any(map(plain.__contains__, self.joined))


def emergency_phrases(words: Iterable[EmergencyWord]) -> EmergencyPhrases:
    """Return the phrases to look for."""
    plain = [flatten(word.phrase) for word in words]
    return EmergencyPhrases(
        parted=tuple(f" {phrase} " for phrase in plain if phrase.isascii()),
        joined=tuple(phrase for phrase in plain if not phrase.isascii()),
    )


def flatten(text: str) -> str:
    """Return `text` in lower case; Latin letters lose their accents, other scripts stay as they are."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))
