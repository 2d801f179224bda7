"""The words of one release in one language: what is not translated stays English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from schemas.base import Document
from schemas.catalog import Catalog
from schemas.translations import SOURCE_LANGUAGE, Translated, Translation

D = TypeVar("D", bound=Document)


@dataclass(frozen=True, slots=True)
class Wording:
    """A language and the translations of a release, by `language.kind.id`."""

    language: str
    translations: Mapping[str, Translation]

    def of(self, kind: Translated, id_: str) -> Translation | None:
        """Return the translation of one thing; None in English, and for what is not translated."""
        if self.language == SOURCE_LANGUAGE:
            return None
        return self.translations.get(f"{self.language}.{kind}.{id_}")

    def applied(self, kind: Translated, document: D) -> D:
        """Return the document with its words in the language, as far as they are translated."""
        found = self.of(kind, document.id)  # type: ignore[attr-defined]
        return document if found is None else document.model_copy(update=found.texts())


def languages_of(catalog: Catalog) -> tuple[str, ...]:
    """Return the languages of a release, English first."""
    others = sorted({translation.language for translation in catalog.translations.values()} - {SOURCE_LANGUAGE})
    return (SOURCE_LANGUAGE, *others)
