"""What is refused of overrides."""

from api.problems import Problem


class PersonOnHold(Problem):
    """The person is on hold for a red flag: nothing is overridden until a new screen, or a clinician's clearance in it,
    has lifted the hold."""

    status = 409
    title = "The person is on hold for a red flag"
