"""A small network that was learned elsewhere: what the features of a text make of its hidden units and its heads."""

import base64
import struct
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from operator import mul
from typing import Any

from schemas.networks import NetworkModel


@dataclass(frozen=True, slots=True)
class Network:
    """The model of a release, unpacked. See `NetworkModel` for what the numbers mean."""

    keys: "array[int]"
    rarities: bytes
    rarity_unit: float
    weights: "array[int]"
    scales: tuple[float, ...]
    hidden_biases: tuple[float, ...]
    heads: "array[float]"
    head_biases: tuple[float, ...]

    def known(self, key: int) -> int | None:
        """Return the number of a feature by its key, or None when it was never heard."""
        at = bisect_left(self.keys, key)
        return at if at < len(self.keys) and self.keys[at] == key else None

    def row(self, at: int) -> "array[int]":
        """Return the weights of a feature, one for each hidden unit."""
        width = len(self.scales)
        return self.weights[at * width : at * width + width]

    def head(self, at: int) -> "array[float]":
        """Return the weights of a head, one for each hidden unit."""
        width = len(self.scales)
        return self.heads[at * width : at * width + width]

    def hidden(self, heard: Iterable[int]) -> list[float]:
        """Return the hidden units of a text that has these features, by number."""
        norm = 0
        rows: list[array[int]] = [array("b", bytes(len(self.scales)))]
        for at in heard:
            norm += self.rarities[at] ** 2
            rows.append(self.row(at))
        totals = map(sum, zip(*rows, strict=True))
        length = sqrt(norm) / self.rarity_unit or 1.0
        units = zip(totals, self.scales, self.hidden_biases, strict=True)
        return [max(0.0, bias + total * scale / length) for total, scale, bias in units]

    def score(self, head: int, hidden: Sequence[float]) -> float:
        """Return the score of a head."""
        return self.head_biases[head] + sum(map(mul, self.head(head), hidden), 0.0)


def network_of(model: NetworkModel) -> Network:
    """Return a model ready for listening."""
    return Network(
        keys=_numbers("I", model.keys),
        rarities=_bytes(model.rarities),
        rarity_unit=model.rarity_unit,
        weights=array("b", _bytes(model.weights)),
        scales=tuple(1 / unit for unit in model.weight_units),
        hidden_biases=tuple(model.hidden_biases),
        heads=_numbers("f", model.head_weights),
        head_biases=tuple(model.head_biases),
    )


def key_of(text: str) -> int:
    """Return the key of a feature."""
    return zlib.crc32(text.encode())


def _numbers(kind: str, packed: str) -> "array[Any]":
    held = _bytes(packed)
    return array(kind, struct.unpack(f"<{len(held) // struct.calcsize('<' + kind)}{kind}", held))


def _bytes(packed: str) -> bytes:
    return zlib.decompress(base64.b64decode(packed))
