"""Sentences that may be told in another language than English.

The text of an error is English: for the command line, the logs and whoever programs against it. The console
tells it to its user in theirs; for that a sentence remembers how it was made.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

_PLACE = re.compile(r"\{(\w+)\}")


class Sentence(str):
    """A text in English that remembers its `template` and the `values` that fill it.

    A value is a sentence itself, or the words of somebody else (a shop's, a viewer's), which no language
    changes and in which braces mean nothing.
    """

    template: str
    values: Mapping[str, str]
    __slots__ = ("template", "values")

    def __new__(cls, template: str, values: Mapping[str, str] = MappingProxyType({})) -> "Sentence":
        made = super().__new__(cls, _filled(template, values))
        made.template = template
        made.values = values
        return made

    def told(self, templates: Mapping[str, str]) -> str:
        """In the language of `templates`, which are named by the English ones; in English without one."""
        values = {
            name: value.told(templates) if isinstance(value, Sentence) else value
            for name, value in self.values.items()
        }
        return _filled(templates.get(self.template, self.template), values)

    def with_values(self, change: Callable[[str], str]) -> "Sentence":
        """The same sentence, `change` made to each of its values."""
        return Sentence(self.template, {name: change(value) for name, value in self.values.items()})


def sentence(template: str, /, **values: object) -> Sentence:
    """`template` with its `{places}` filled: by sentences, by errors, which have theirs, or by any text."""
    return Sentence(template, {name: _word(value) for name, value in values.items()})


def sentence_of(error: BaseException) -> Sentence:
    """What an error says."""
    text = error.args[0] if error.args else ""
    return text if isinstance(text, Sentence) else Sentence(str(error))


def joined(parts: Iterable[str], between: str) -> Sentence:
    """Several sentences as one, each of which is told in the language."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return Sentence(between.join(f"{{{name}}}" for name in values), values)


def _word(value: object) -> str:
    if isinstance(value, BaseException):
        return sentence_of(value)
    return value if isinstance(value, str) else str(value)


def _filled(template: str, values: Mapping[str, str]) -> str:
    # One pass over the template alone: what is put in is not looked at again.
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)
