"""The reply texts: built in for fr and en, changed or added to by the retailer's own files."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from commands.texts.samples import SAMPLES
from domain.errors import ActionRequired
from domain.plaintext import harmless

BUILT_IN = ("fr", "en")
_LONGEST = 450  # characters with the samples in; a platform's 500 less a name in front

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts by language and key; `default` is the language for lives in a language without texts."""

    texts: Mapping[str, Mapping[str, Template]]
    default: str = "fr"

    def language(self, tag: str) -> str:
        """The language of the texts used for `tag` («fr-CA» gives fr)."""
        primary = tag.replace("_", "-").partition("-")[0].lower()
        return primary if primary in self.texts else self.default

    def say(self, language: str, key: str, **values: str | int) -> str:
        """The text of `key`, on one line and harmless to a chat; so is every value put into it."""
        clean = {name: harmless(value) if isinstance(value, str) else value for name, value in values.items()}
        return harmless(self.texts[self.language(language)][key].render(clean))


def load_texts(folder: Path | None = None, default: str = "fr") -> Catalogue:
    """The built-in texts, overridden by the `<language>.toml` files of `folder`.

    Raises `ActionRequired` naming file, line and key of the first text that does not render.
    """
    texts = {language: _built_in(language) for language in BUILT_IN}
    for path in sorted(folder.glob("*.toml")) if folder is not None else ():
        try:
            source = path.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise ActionRequired(f"{path} cannot be read as UTF-8 text.") from error
        own = _read(path.name, source)
        # What the chat says must be translated for a language of the retailer's own; the report need not be.
        known = texts.get(path.stem.lower()) or {key: texts["en"][key] for key in SAMPLES if _is_report(key)}
        texts[path.stem.lower()] = {**known, **own}
        _check_complete(path.name, texts[path.stem.lower()])
    if folder is not None and not folder.is_dir():
        raise ActionRequired(f"The folder of reply texts {folder} does not exist.")
    language = default.replace("_", "-").partition("-")[0].lower()
    return Catalogue(texts, language if language in texts else "en")


def _is_report(key: str) -> bool:
    return key.startswith("report.")


@cache
def _built_in(language: str) -> Mapping[str, Template]:
    name = f"{language}.toml"
    return _read(name, files("commands.texts").joinpath(name).read_text(encoding="utf-8"))


def _read(name: str, source: str) -> dict[str, Template]:
    try:
        tables = tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise ActionRequired(f"{name} is not valid TOML: {error}.") from error
    texts: dict[str, Template] = {}
    for table, entries in tables.items():
        for field, text in (entries if isinstance(entries, dict) else {"": entries}).items():
            key = f"{table}.{field}".rstrip(".")
            texts[key] = _template(text, key, f"{name}, line {_line_of(source, table, field)}, {key}")
    return texts


def _template(text: object, key: str, where: str) -> Template:
    if key not in SAMPLES:
        raise ActionRequired(f"{where}: there is no text of that name.")
    if not isinstance(text, str):
        raise ActionRequired(f"{where}: a text in quotes is expected.")
    try:
        template = _ENVIRONMENT.from_string(text)
        rendered = template.render(SAMPLES[key])
    except Exception as error:  # a template is a small program: it may fail in any way
        raise ActionRequired(f"{where}: the text does not render: {error}.") from error
    if not rendered.strip() or rendered.strip() != harmless(rendered):
        raise ActionRequired(f"{where}: a text is one line, not empty, and begins with neither / nor a dot.")
    code = SAMPLES[key].get("code")
    if code is not None and str(code) not in rendered:
        raise ActionRequired(f"{where}: the text must say {{{{ code }}}}: nobody would get it otherwise.")
    if len(rendered) > _LONGEST:
        raise ActionRequired(f"{where}: the text is longer than {_LONGEST} characters.")
    return template


def _check_complete(name: str, texts: Mapping[str, Template]) -> None:
    missing = [key for key in SAMPLES if key not in texts]
    if missing:
        raise ActionRequired(f"{name}: texts are missing for this language: {', '.join(missing)}.")


def _line_of(source: str, table: str, field: str) -> int:
    """The line of `field` in `[table]`, counted from 1; tomllib does not tell."""
    inside = ""
    wanted = re.compile(rf"""\s*["']?(?:{re.escape(table)}\s*\.\s*)?{re.escape(field or table)}["']?\s*=""")
    for number, line in enumerate(source.splitlines(), 1):
        header = re.match(r"""\s*\[\s*["']?([^\]"']+?)["']?\s*\]""", line)
        if header:
            inside = header[1]
        elif wanted.match(line) and (inside == table or not field or f"{table}." in line.replace(" ", "")):
            return number
    return 1
