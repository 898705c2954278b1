"""The console's texts: both languages say the same things, and the pages say them all."""

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import Environment, meta

import web
from web.console.registry import ENTRIES
from web.console.texts import LANGUAGES

WEB = Path(str(files(web)))
ENVIRONMENT = Environment()


def texts(language: str) -> dict[str, str]:
    """The texts by `page.key`, as they are written."""
    found = {}
    for file in sorted((WEB / "console" / "texts" / language).glob("*.toml")):
        for key, text in tomllib.loads(file.read_text(encoding="utf-8")).items():
            found[f"{file.stem}.{key}"] = text
    return found


def said() -> Iterator[str]:
    """What stands in quotes in the pages, as patterns: whatever is put into a text's name matches all."""
    for file in WEB.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        filled = [node for node in nodes if isinstance(node, ast.JoinedStr)]
        yield from ("".join(_pattern(part) for part in node.values) for node in filled)
        parts = {id(part) for node in filled for part in node.values}
        whole = [node for node in nodes if isinstance(node, ast.Constant) and id(node) not in parts]
        yield from (re.escape(node.value) for node in whole if isinstance(node.value, str))
    for file in (WEB / "console" / "templates").glob("*.html"):
        yield from (re.escape(key) for key in re.findall(r'say\("([\w.]+)"', file.read_text("utf-8")))


def _pattern(part: ast.expr) -> str:
    return re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+"


FRENCH, ENGLISH = (texts(language) for language in LANGUAGES)
PAGES = {key.partition(".")[0] for key in FRENCH}
SAID = set(said())


def test_both_languages_have_the_same_texts() -> None:
    assert set(FRENCH) == set(ENGLISH)


@pytest.mark.parametrize("key", sorted(FRENCH))
def test_a_text_is_filled_with_the_same_words_in_both_languages(key: str) -> None:
    french, english = (
        meta.find_undeclared_variables(ENVIRONMENT.parse(one[key])) for one in (FRENCH, ENGLISH)
    )
    assert french - {"count"} == english - {"count"}  # where it only chooses the plural, it may do so in one
    assert FRENCH[key].strip()
    assert ENGLISH[key].strip()


def test_every_page_has_its_title_in_both_languages() -> None:
    wanted = {f"{entry.name}.title" for entry in ENTRIES}
    assert wanted <= set(FRENCH)
    assert wanted <= set(ENGLISH)


def test_every_text_that_a_page_asks_for_is_there() -> None:
    asked = {re.sub(r"\\(.)", r"\1", one) for one in SAID if re.fullmatch(r"\w+\\\.[\w\\]+", one)}
    keys = {key for key in asked if key.partition(".")[0] in PAGES and r"\w" not in key}
    files_and_modules = {
        key for key in keys if key.endswith((".toml", ".py", ".css", ".js", ".html", ".svg"))
    }
    assert set() == keys - files_and_modules - set(FRENCH)


def test_every_text_is_said_by_a_page() -> None:
    # `\w+\.title` and the like, where all of a name is put in, say nothing about which.
    telling = [re.compile(one) for one in SAID if re.match(r"\w+\\\.", one) and not one.startswith(r"\w")]
    titles = {f"{entry.name}.title" for entry in ENTRIES}
    silent = {key for key in FRENCH if not any(one.fullmatch(key) for one in telling)}
    assert set() == silent - titles
