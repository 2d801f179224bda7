"""Answers whose bytes are ready: the body, its digest, and how both become a response."""

import hashlib
from dataclasses import dataclass

from starlette.responses import Response


@dataclass(frozen=True, slots=True)
class Ready:
    """A body of JSON and the digest that names these bytes."""

    body: bytes
    digest: str


def digest_of(content: bytes) -> str:
    """Return the digest of what an answer is made from, 24 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()[:24]


def ready(body: bytes) -> Ready:
    """Return the body with its digest."""
    return Ready(body, digest_of(body))


def respond(content: Ready, language: str, link: str | None = None) -> Response:
    """Return the answer, with its strong ETag, its language and the link to the next page where there is one."""
    headers = {"ETag": f'"{content.digest}"', "Content-Language": language}
    if link is not None:
        headers["Link"] = link
    return Response(content.body, headers=headers, media_type="application/json")
