"""What was learned from people's words about danger: weights of words and pairs of words, as data of a release."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, TermId, Text

Packed = Annotated[str, Text(4_000_000)]
"""Bytes, compressed by zlib, as base64."""


class AlarmModel(Document):
    """One linear model. A feature is a word or two in a row, stemmed; its key is the CRC-32 of its UTF-8 text.

    The score of a head is its bias plus the sum of the weights of the features that a text has, each once, divided by
    the root of the sum of their squared rarities. Rarities are bytes, one each 1 / `rarity_unit`; weights are signed
    bytes, feature by feature with one for each head, each 1 / `weight_units[head]`.
    """

    id: TermId
    heads: list[TermId] = Field(min_length=1)
    biases: list[float]
    weight_units: list[float]
    rarity_unit: Annotated[float, Field(gt=0)]
    keys: Packed = Field(description="Sorted unsigned 32-bit numbers, little-endian.")
    rarities: Packed
    weights: Packed
    texts: Annotated[int, Field(ge=1)] = Field(description="How many texts it was learned from.")
    texts_hash: Annotated[str, Text(16, 1)] = Field(description="Of these texts and what each should be answered.")
