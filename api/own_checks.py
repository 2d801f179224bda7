"""What an organisation's own exercise must hold besides its shape: names that exist, and no contradiction."""

from api.problems import InvalidRequest
from api.rules.properties import all_properties
from api.snapshot import Snapshot
from data.catalog.checks import Index, own_findings
from data.catalog.reviews import text_digest
from data.releases import documents_of
from schemas.exercises import ExerciseDefinition
from schemas.problems import FieldError


def check_own(definition: ExerciseDefinition, snapshot: Snapshot) -> ExerciseDefinition:
    """Return the exercise as it is to be stored. Raises InvalidRequest that names every field which cannot be taken."""
    findings = own_findings(definition, Index(documents_of(snapshot.release), all_properties))
    parted = (finding.partition(": ") for finding in findings)
    errors = [FieldError(pointer=f"/{name}", detail=detail) for name, _, detail in parted]
    if errors:
        raise InvalidRequest("the exercise names what does not exist, or contradicts itself", errors=errors)
    return stamped(definition)


def stamped(definition: ExerciseDefinition) -> ExerciseDefinition:
    """Return the exercise with its review tied to its present text; a review of another text stays void."""
    if definition.reviewed_by and definition.reviewed_on is not None and not definition.reviewed_text:
        return definition.model_copy(update={"reviewed_text": text_digest(definition)})
    return definition
