"""How what became of a write of a program is answered."""

from collections.abc import Callable, Mapping
from typing import Final

from fastapi import Response

from api.problems import Gone, IdConflict, InvalidRequest, NotFound, Problem, StaleVersion, VersionRequired
from api.program_problems import MadeByOrganization, ProgramFull, ProgramOver, TooManyPrograms
from api.replies import PRIVATE, entity
from api.validation import field_errors
from data.program_writes import MOST_PROGRAMS, MOST_VERSIONS, ProgramOutcome, ProgramWritten
from data.versions import etag
from schemas.programs import ProgramUpdate

REFUSALS: Final[Mapping[ProgramOutcome, Callable[[], Problem]]] = {
    ProgramOutcome.NO_PERSON: lambda: NotFound.at("/person_id", "no such person"),
    ProgramOutcome.NOT_FOUND: lambda: NotFound("no such program"),
    ProgramOutcome.CONFLICT: lambda: IdConflict.at("/id", "this id was posted with other content"),
    ProgramOutcome.DELETED: lambda: Gone("this program was deleted"),
    ProgramOutcome.NOT_THEIRS: lambda: MadeByOrganization("you may pause, resume and end it"),
    ProgramOutcome.OVER: lambda: ProgramOver.at("/state", "what has ended stays ended"),
    ProgramOutcome.TOO_MANY: lambda: TooManyPrograms(f"a person may have {MOST_PROGRAMS} programs"),
    ProgramOutcome.FULL: lambda: ProgramFull(f"a program may have {MOST_VERSIONS} versions"),
    ProgramOutcome.UNVERSIONED: lambda: VersionRequired.at("If-Match", "send the ETag of the version that you saw"),
}
"""What each outcome that is no success means."""


def answer_program(written: ProgramWritten) -> Response:
    """Return the answer to a write of a program. Raises the problem that its outcome means."""
    if (refused := _refusal(written)) is not None:
        raise refused
    program = written.program
    if program is None:
        return Response(status_code=204, headers=PRIVATE)
    if written.outcome is ProgramOutcome.CREATED:
        return entity(program, status=201, etag=etag(program.version), location=f"/programs/{program.id}")
    return entity(program, etag=etag(program.version))


def _refusal(written: ProgramWritten) -> Problem | None:
    if written.invalid is not None:
        errors = field_errors(written.invalid.errors(), ProgramUpdate)
        return InvalidRequest("the change leaves the program invalid", errors=errors)
    if written.outcome is ProgramOutcome.STALE and written.program is not None:
        headers = {"ETag": etag(written.program.version)}
        return StaleVersion("it was changed meanwhile", current=written.program, headers=headers)
    return REFUSALS[written.outcome]() if written.outcome in REFUSALS else None
