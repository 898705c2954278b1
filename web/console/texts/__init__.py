"""The console's texts: a folder per language, a file per page; keys are `page.name`.

What fails is told in sentences that are made elsewhere, in English: a language may have its own for them in
`sentences/`, each named by the English one.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, StrictUndefined, Template

from domain.sentences import Sentence

LANGUAGES = ("fr", "en")
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=1)
def console_texts() -> Mapping[str, Mapping[str, Template]]:
    """The texts by language and key."""
    return MappingProxyType({language: _read(language) for language in LANGUAGES})


def say(language: str, key: str, **words: str | int | float) -> str:
    """The text of `key` in `language`; words put into it are shown as they are, so never as HTML."""
    texts = console_texts()
    return texts[language if language in texts else "en"][key].render(words)


@lru_cache(maxsize=1)
def console_sentences() -> Mapping[str, Mapping[str, str]]:
    """The sentences of our errors by language and English template; English itself needs none."""
    return MappingProxyType({language: _read_sentences(language) for language in LANGUAGES})


def tell(language: str, sentence: str) -> str:
    """A sentence of ours in `language`; as it is, in English, where that has none for it."""
    own = sentence if isinstance(sentence, Sentence) else Sentence(sentence)
    return own.told(console_sentences().get(language, {}))


def _read_sentences(language: str) -> dict[str, str]:
    folder = files(__name__).joinpath(language, "sentences")
    sentences: dict[str, str] = {}
    for file in folder.iterdir() if folder.is_dir() else ():
        sentences |= tomllib.loads(file.read_text(encoding="utf-8"))
    return sentences


def _read(language: str) -> dict[str, Template]:
    texts: dict[str, Template] = {}
    for file in sorted(files(__name__).joinpath(language).iterdir(), key=lambda one: one.name):
        page, _, kind = file.name.partition(".")
        if kind == "toml":
            for name, text in tomllib.loads(file.read_text(encoding="utf-8")).items():
                texts[f"{page}.{name}"] = _ENVIRONMENT.from_string(text)
    return texts
