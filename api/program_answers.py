"""How what became of a program is answered, and what is checked of its references."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from fastapi import Response

from api.nearest import hint
from api.problems import Gone, IdConflict, InvalidRequest, NotFound, Problem, StaleVersion, VersionRequired
from api.program_problems import MadeByOrganization, ProgramFull, ProgramOver, TooManyPrograms
from api.replies import PRIVATE, entity
from api.rules.needs import UNKNOWN_CONDITION
from api.snapshot import Snapshot
from api.validation import field_errors
from data.program_writes import MOST_PROGRAMS, MOST_VERSIONS, ProgramOutcome, ProgramWritten
from data.versions import etag
from schemas.problems import FieldError
from schemas.programs import ProgramCreate, ProgramPhase, ProgramUpdate

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


def check_program(body: ProgramCreate | ProgramUpdate, snapshot: Snapshot) -> None:
    """Raise InvalidRequest that names every exercise and condition which the release does not have.

    A retired exercise may stand in what was stored before, and is not taken anew.
    """
    errors = [*_unknown_exercises(body.phases or (), snapshot), *_unknown_conditions(body.conditions or (), snapshot)]
    if isinstance(body, ProgramCreate) and body.phases is None and body.from_recommendation_id is None:
        errors.append(FieldError(pointer="/phases", detail="are needed without from_recommendation_id"))
    if errors:
        raise InvalidRequest("the program names what does not exist", errors=errors)


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


def _unknown_exercises(phases: Sequence[ProgramPhase], snapshot: Snapshot) -> Iterator[FieldError]:
    known = snapshot.prepared.cards
    for number, phase in enumerate(phases):
        for place, item in enumerate(phase.items):
            if item.exercise_id not in known:
                pointer = f"/phases/{number}/items/{place}/exercise_id"
                yield FieldError(pointer=pointer, detail=f"no such exercise{hint(item.exercise_id, known)}")


def _unknown_conditions(conditions: Iterable[str], snapshot: Snapshot) -> Iterator[FieldError]:
    known = snapshot.prepared.rules.conditions
    for place, condition in enumerate(conditions):
        if condition not in known and condition != UNKNOWN_CONDITION:
            yield FieldError(pointer=f"/conditions/{place}", detail=f"no such condition{hint(condition, known)}")
