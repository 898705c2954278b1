"""The log's pieces as HTML: every word that goes into a template is escaped there."""

from typing import Any

from jinja2 import Environment, PackageLoader

from web.console.desk import Desk

_TEMPLATES = Environment(
    loader=PackageLoader("web.console"), autoescape=True, auto_reload=False, trim_blocks=True
)


def draw(desk: Desk, piece: str, **about: Any) -> str:
    """The HTML of a piece; `about` is what it shows. Its texts are those of the page."""

    def say(key: str, **words: str | int) -> str:
        return desk.say(f"redemptions.{key}", **words)

    return _TEMPLATES.get_template(f"redemptions/{piece}.html").render(say=say, **about)
