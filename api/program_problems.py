"""What is refused of programs."""

from api.problems import Problem


class MadeByOrganization(Problem):
    """The organisation made this program for the person, who may pause, resume and end it. What is to be done is
    changed by the organisation, and so is the program deleted."""

    status = 403
    title = "The organisation made it"


class ProgramOver(Problem):
    """A program that has ended stays ended: its days are counted. Make a new one."""

    status = 409
    title = "The program has ended"


class TooManyPrograms(Problem):
    """The person has as many programs as one person may have. Delete one that is over, or change one that goes on."""

    status = 409
    title = "The person has too many programs"


class ProgramFull(Problem):
    """The program was changed as often as one may be: it can still be ended, and be deleted. Make a new one."""

    status = 409
    title = "The program was changed too often"
