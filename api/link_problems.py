"""What is refused of links, and of what came by one."""

from api.problems import Problem


class SharedReadOnly(Problem):
    """A person shares this from elsewhere by a link (`link_id`). It can be read here for as long as they consent, and
    changed by themselves only."""

    status = 403
    title = "It is shared, and read-only here"


class AlreadyLinked(Problem):
    """A person has one link to a clinic at a time. Change what it shares, or withdraw it first."""

    status = 409
    title = "There is a link already"
