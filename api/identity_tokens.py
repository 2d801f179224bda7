"""Identity tokens of OpenID Connect issuers: read without belief, then proved by one key of one trusted issuer.

Source: OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725. What the token says of its own key or algorithm chooses
nothing: the algorithm must be asymmetric, and must be the one that the issuer's key is for.

The library of tokens and its cryptography are nine megabytes, which a server without trusted issuers never needs, so
they are imported where they are first used.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from api.access_problems import SignInRefused
from schemas.base import refuse_unprintable
from schemas.organizations import TrustedIssuer

KINDS_OF_KEY: Final[Mapping[str, str]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "EdDSA": "OKP",
}
"""The algorithms that are taken, each with the kind of key that it needs."""

REQUIRED: Final = ["exp", "iat", "iss", "aud", "sub"]
UNTAKEN: Final = frozenset({"jwk", "jku", "x5c", "x5u", "crit"})
"""Headers that bring a key along, or ask for what is not understood."""

LONGEST: Final = 8192
LONGEST_SUBJECT: Final = 255
LEEWAY_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class ClaimedIdentity:
    """What a token says of itself before anything is proved."""

    token: str
    algorithm: str
    key_id: str
    issuer: str
    audiences: frozenset[str]

    def trusted_by(self, issuers: Sequence[TrustedIssuer]) -> TrustedIssuer:
        """Return the trusted issuer that the token claims to come from. Raises SignInRefused when there is none."""
        for issuer in issuers:
            if issuer.issuer == self.issuer and issuer.audience in self.audiences:
                return issuer
        raise SignInRefused


def claimed(token: str) -> ClaimedIdentity:
    """Return what the token says. Raises SignInRefused for what could never be taken."""
    import jwt  # noqa: PLC0415 - see above

    if len(token) > LONGEST or not token.isascii():
        raise SignInRefused
    try:
        header = jwt.get_unverified_header(token)
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        raise SignInRefused from None
    algorithm, key_id, kind, issuer = header.get("alg"), header.get("kid"), header.get("typ", "JWT"), claims.get("iss")
    if not all(isinstance(each, str) for each in (algorithm, key_id, kind, issuer)):
        raise SignInRefused
    if algorithm not in KINDS_OF_KEY or kind.upper() != "JWT" or UNTAKEN & header.keys():
        raise SignInRefused
    audience = claims.get("aud")
    audiences: list[Any] = audience if isinstance(audience, list) else [audience]
    if not all(isinstance(each, str) for each in audiences):
        raise SignInRefused
    return ClaimedIdentity(token, str(algorithm), str(key_id), str(issuer), frozenset(audiences))


def subject_of(claim: ClaimedIdentity, trusted: TrustedIssuer, key: Mapping[str, Any] | None) -> str:
    """Return the subject, once the key has proved the token. Raises SignInRefused when it does not."""
    import jwt  # noqa: PLC0415 - see above

    # A key that is no secret any more proves nothing.
    if key is None or key.get("kty") != KINDS_OF_KEY[claim.algorithm] or "d" in key:
        raise SignInRefused
    if key.get("alg", claim.algorithm) != claim.algorithm or key.get("use", "sig") != "sig":
        raise SignInRefused
    try:
        claims = jwt.decode(
            claim.token,
            jwt.PyJWK(dict(key), algorithm=claim.algorithm),
            algorithms=[claim.algorithm],
            audience=trusted.audience,
            issuer=trusted.issuer,
            leeway=LEEWAY_SECONDS,
            options={"require": REQUIRED, "enforce_minimum_key_length": True},
        )
        subject = refuse_unprintable(claims["sub"])
    except (jwt.PyJWTError, ValueError, TypeError):
        raise SignInRefused from None
    if not 1 <= len(subject) <= LONGEST_SUBJECT:
        raise SignInRefused
    return subject
