"""Emergency words of languages that are otherwise not read."""

import re
import unicodedata
from collections.abc import Iterable

from schemas.lexicon import EmergencyWord


def speaks_of_emergency(text: str, words: Iterable[EmergencyWord]) -> bool:
    """True when `text` holds one of the phrases, as whole words where the script parts words."""
    if not text:
        return False
    plain = flatten(text)
    padded = " ".join(["", *re.findall(r"[^\W_]+", plain), ""])
    return any((f" {w.phrase} " in padded) if w.phrase.isascii() else (w.phrase in plain) for w in words)


def flatten(text: str) -> str:
    """Return `text` in lower case; Latin letters lose their accents, other scripts stay as they are."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not "\u0300" <= c <= "\u036f"))
