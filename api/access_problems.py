"""What is refused on the way in, and of accounts."""

from api.problems import Busy, InvalidRequest, Problem, TooManyRequests, Unavailable


class SignInRefused(Problem):
    """Something about the sign-in is wrong, expired or spent; which part is not told. After a refused refresh token the
    device must sign in anew."""

    status = 401
    title = "The sign-in was refused"
    standing_headers = {"WWW-Authenticate": "Bearer"}


class SignUpClosed(Problem):
    """Strangers cannot sign up as people of this organisation. Ask it for an account."""

    status = 403
    title = "The organisation is closed for sign-up"


class EmailTaken(Problem):
    """There is an account with this e-mail already. Sign in to it, or take another e-mail."""

    status = 409
    title = "The e-mail is taken"


class LastOwner(Problem):
    """An organisation always keeps an owner who can sign in. Make somebody else an owner first."""

    status = 409
    title = "It is the last owner"


OPEN = (SignInRefused, InvalidRequest, TooManyRequests, Busy, Unavailable)
"""What any operation may answer that makes tokens."""
