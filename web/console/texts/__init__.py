"""The console's texts: a folder per language, a file per page; keys are `page.name`."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from jinja2 import Environment, StrictUndefined, Template

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


def _read(language: str) -> dict[str, Template]:
    texts: dict[str, Template] = {}
    for file in sorted(files(__name__).joinpath(language).iterdir(), key=lambda one: one.name):
        page, _, kind = file.name.partition(".")
        if kind == "toml":
            for name, text in tomllib.loads(file.read_text(encoding="utf-8")).items():
                texts[f"{page}.{name}"] = _ENVIRONMENT.from_string(text)
    return texts
