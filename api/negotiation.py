"""What a client prefers: the coding and the language of an answer, and the one form of equal queries."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, urlencode

Pairs = tuple[tuple[str, str], ...]
"""The parameters of a query."""

IDENTITY: Final = "identity"
CODINGS: Final = ("br", "zstd", "gzip")
"""What this server can send, the preferred one first."""


def coding(header: str | None) -> str:
    """Return the best coding that the Accept-Encoding header allows; `identity` without one."""
    if not header:
        return IDENTITY
    wanted = dict(_weighted(header))
    anything = wanted.get("*", 0.0)
    best, best_weight = IDENTITY, 0.0
    for name in CODINGS:
        weight = wanted.get(name, anything)
        if weight > best_weight:
            best, best_weight = name, weight
    return IDENTITY if wanted.get(IDENTITY, 0.0) > best_weight else best


def language(header: str | None, served: Sequence[str]) -> str:
    """Return the served language that the Accept-Language header prefers; the first one when none is wanted."""
    ranges = [(name, weight) for name, weight in _weighted(header or "") if weight > 0]
    for name, _ in sorted(ranges, key=lambda pair: -pair[1]):
        primary = name.partition("-")[0]
        if primary in served:
            return primary
        if name == "*":
            break
    return served[0]


@lru_cache(maxsize=16)
def pairs_of(raw: bytes) -> Pairs:
    """Return the parameters of a query as they came."""
    return tuple(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else ()


def canonical(raw: bytes) -> Pairs:
    """Return the parameters in order of name; what a repeated one says keeps its order."""
    pairs = pairs_of(raw)
    return tuple(sorted(pairs, key=_name)) if len(pairs) > 1 else pairs


def next_link(path: str, raw_query: bytes, cursor: str) -> str:
    """Return the Link header of the next page, the same for equal queries."""
    kept = [pair for pair in pairs_of(raw_query) if pair[0] != "cursor"]
    ordered = sorted([*kept, ("cursor", cursor)], key=_name)
    return f'<{path}?{urlencode(ordered)}>; rel="next"'


def _name(pair: tuple[str, str]) -> str:
    return pair[0]


def _weighted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.lower().split(","):
        name, _, parameters = part.partition(";")
        name = name.strip()
        if name:
            yield name, _weight(parameters)


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        key, _, value = parameter.partition("=")
        if key.strip() == "q":
            try:
                weight = float(value)
            except ValueError:
                return 0.0
            return weight if 0.0 <= weight <= 1.0 else 0.0
    return 1.0
