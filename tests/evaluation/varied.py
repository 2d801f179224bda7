"""The same words as people type them: in capitals, without punctuation, mistyped, behind a polite sentence."""

import random

LETTERS = "abcdefghijklmnopqrstuvwxyz"
POLITE = (
    "Hello, I hope you are well. I wonder whether you could help me. ",
    "Hi there, sorry to bother you! Quick question. ",
    "Good morning, thank you for this app, it has been very useful to me so far. ",
    "hey, not sure if this is the right place but here goes. ",
    "Dear all, please could somebody advise me about the following. ",
)


def capitals(text: str, _: random.Random) -> str:
    return text.upper()


def unpunctuated(text: str, _: random.Random) -> str:
    return "".join(letter for letter in text if letter.isalnum() or letter in " '/")


def mistyped(text: str, chance: random.Random) -> str:
    """One wrong, missing, doubled or swapped letter in every eighth word."""
    said = text.split()
    for at in chance.sample(range(len(said)), max(1, len(said) // 8)) if said else ():
        word = said[at]
        if len(word) > 3:
            cut = chance.randrange(1, len(word) - 1)
            first, second = word[cut], word[cut + 1]
            wrong = (second + first, second, first + first + second, chance.choice(LETTERS) + second)
            said[at] = word[:cut] + chance.choice(wrong) + word[cut + 2 :]
    return " ".join(said)


def polite(text: str, chance: random.Random) -> str:
    return chance.choice(POLITE) + text


VARIATIONS = {"capitals": capitals, "unpunctuated": unpunctuated, "mistyped": mistyped, "polite": polite}
