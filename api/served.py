"""Which edition of the catalogue a request is answered from, and the pages that no question changes."""

from fastapi import Request, Response

from api.editions import Edition
from api.negotiation import language
from api.ready import Ready, digest_of, respond
from api.snapshot import Snapshot
from schemas.catalog import LanguageQuery

NOT_TRANSLATED = b"false}"
"""Takes the place of the last five bytes of an English exercise, `true}`, when another language was asked for."""


def edition_for(request: Request, asked: str | None, snapshot: Snapshot) -> tuple[Edition, bool]:
    """Return the edition for a request, and whether the language that it asks for is served at all."""
    if asked is None:
        asked = language(request.headers.get("accept-language"), snapshot.languages)
    primary = asked.partition("-")[0].lower()
    return snapshot.edition(primary), primary in snapshot.languages


def exercise_in(edition: Edition, number: int, served: bool) -> Ready:
    """Return an exercise as bytes; one in English says so when a language was asked for that is not served."""
    exercise = edition.exercise(number)
    if served:
        return exercise
    return Ready(exercise.body[:-5] + NOT_TRANSLATED, digest_of(exercise.digest.encode() + NOT_TRANSLATED))


def page(name: str, request: Request, query: LanguageQuery, snapshot: Snapshot) -> Response:
    """Return one of the edition's pages."""
    edition, _ = edition_for(request, query.language, snapshot)
    return respond(edition.page(name), edition.language)
