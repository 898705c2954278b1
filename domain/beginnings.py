"""How an order number or a viewer's name is found: by how it, or a word of it, begins."""

import re

from domain.plaintext import fold

MOST_WORDS = 8
LONGEST = 40  # characters of a beginning; a search is cut as short
_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-zà-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")


def beginnings(text: str) -> list[str]:
    """`text`, folded, from the start of each of its first words: what a search may begin with.

    «@JeanDupont42» gives itself, «jeandupont42», «dupont42» and «42».
    """
    starts = [0]
    for word in _WORD.finditer(text):
        starts.append(word.start())
        starts += [word.start() + hump.start() for hump in _HUMP.finditer(word[0])]
    found = dict.fromkeys(searchable(text[start:]) for start in starts[: MOST_WORDS + 1])
    return [beginning for beginning in found if beginning]


def searchable(text: str) -> str:
    """`text` as it is searched for: folded, its blanks single, cut to `LONGEST`."""
    return " ".join(fold(text[: 4 * LONGEST]).split())[:LONGEST]


def sought(text: str) -> str:
    """What a person typed, as `searchable`; the # of an order or the @ of a name is not needed."""
    return searchable(text.strip().lstrip("#@"))
