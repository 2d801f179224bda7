"""What was learned from people's words, as data of a release: small networks over words."""

from typing import Annotated

from pydantic import Field

from schemas.base import Document, Slug, TermId, Text

Packed = Annotated[str, Field(max_length=8_000_000)]
"""Bytes, compressed by zlib, as base64. Numbers are little-endian."""


class NetworkModel(Document):
    """A network with one hidden layer over features of a text; the key of a feature is the CRC-32 of its UTF-8 text.

    Hidden unit j is `hidden_biases[j]` plus the sum of the weights of the features that a text has, each once,
    divided by the root of the sum of their squared rarities, and 0 when that is negative. The score of a head is its
    bias plus its weights times the hidden units. Rarities are bytes, one each 1 / `rarity_unit`. Weights are signed
    bytes, feature by feature with one for each hidden unit, each 1 / `weight_units[j]`.
    """

    id: TermId
    rarity_unit: Annotated[float, Field(gt=0)]
    keys: Packed = Field(description="Sorted unsigned 32-bit numbers.")
    rarities: Packed
    weights: Packed
    weight_units: list[float]
    hidden_biases: list[float]
    head_weights: Packed = Field(description="32-bit floats, head by head with one for each hidden unit.")
    head_biases: list[float]
    texts: Annotated[int, Field(ge=1)] = Field(description="How many texts it was learned from.")
    texts_hash: Annotated[str, Text(16, 1)] = Field(description="Of the files of these texts.")


class AlarmModel(NetworkModel):
    """How danger sounds. A feature is a stem, two stems in a row, or a finding of the lexicon with how it was said."""

    levels: list[TermId] = Field(min_length=1, description="The first heads: how soon a professional is needed.")
    signs: list[TermId] = Field(description="The heads after them: the red flags that a text may sound like.")
    regions: list[TermId] = Field(description="The last heads: where the person means.")


class AnswerModel(NetworkModel):
    """Which exercises answer a search. A feature is a stem, or two stems in a row."""

    exercises: list[Slug] = Field(min_length=1, description="The heads: how likely an exercise answers.")


class ConditionModel(NetworkModel):
    """Which condition a text tells. A feature is one of the alarms', without the conditions that the lexicon found."""

    conditions: list[TermId] = Field(min_length=1, description="The heads, and behind them one for none of them.")
