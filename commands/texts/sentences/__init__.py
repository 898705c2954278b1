"""The sentences of our errors in other languages than English, in which they are made.

A folder per language; in its files each sentence is named by the English one.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from domain.sentences import Sentence


def tell(language: str, sentence: str) -> str:
    """A sentence of ours in `language` («fr»); as it is, in English, where that has none for it."""
    own = sentence if isinstance(sentence, Sentence) else Sentence(sentence)
    return own.told(_sentences(language))


@cache
def _sentences(language: str) -> Mapping[str, str]:
    folder = files(__name__).joinpath(language)
    sentences: dict[str, str] = {}
    for file in folder.iterdir() if language.isalpha() and folder.is_dir() else ():
        sentences |= tomllib.loads(file.read_text(encoding="utf-8"))
    return sentences
