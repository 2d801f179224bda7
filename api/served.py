"""Which edition of the catalogue a request is answered from, and the pages that no question changes."""

from fastapi import Request, Response

from api.editions import Edition
from api.negotiation import language
from api.ready import respond
from api.snapshot import Snapshot
from schemas.catalog import LanguageQuery


def edition_for(request: Request, asked: str | None, snapshot: Snapshot) -> tuple[Edition, bool]:
    """Return the edition for a request, and whether the language that it asks for is served at all."""
    if asked is None:
        asked = language(request.headers.get("accept-language"), snapshot.languages)
    primary = asked.partition("-")[0].lower()
    return snapshot.edition(primary), primary in snapshot.languages


def page(name: str, request: Request, query: LanguageQuery, snapshot: Snapshot) -> Response:
    """Return one of the edition's pages."""
    edition, served = edition_for(request, query.language, snapshot)
    return respond(edition.page(name, served), edition.language)
