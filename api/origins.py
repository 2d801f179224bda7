"""Where a request comes from, as far as it can be told before anybody has looked at its credentials."""

import hashlib
from functools import lru_cache
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from starlette.types import Scope

SITE_BYTES: Final = 8
"""The part of an IPv6 address that a provider gives to one customer, who can change the rest at will."""

LONGEST_ADDRESS: Final = 64


def address_of(scope: Scope) -> str:
    """Return the address that a request counts for: IPv4 whole, IPv6 by its first 64 bits, empty when there is none."""
    client = scope.get("client")
    if client is None:
        return ""
    host: str = client[0]
    return _site(host[:LONGEST_ADDRESS]) if ":" in host else host[:LONGEST_ADDRESS]


def token_of(scope: Scope) -> str | None:
    """Return the bearer token of a request, None when it has none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return bearer_token(value.decode("latin-1"))
    return None


def bearer_token(header: str) -> str | None:
    """Return the token in an Authorization header, None when it is not a bearer's."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() or None if scheme.lower() == "bearer" else None


def name_of(secret: str) -> str:
    """Return a name to count something under without keeping it: 16 bytes of its SHA-256, in hexadecimal digits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()[:16].hex()


@lru_cache(maxsize=1024)
def _site(host: str) -> str:
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{address.packed[:SITE_BYTES].hex()}::"
