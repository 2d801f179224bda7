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
