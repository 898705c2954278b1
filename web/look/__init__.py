"""The one look of all that we show: colours for light and dark, type and spacing, the mark.

`tokens.css` names them for the console, the viewers' pages and the overlay; each has its own style on top.
"""

from functools import lru_cache
from importlib.resources import files

from markupsafe import Markup


@lru_cache(maxsize=1)
def page_tokens() -> Markup:
    """The names for a page that is light or dark as its reader's screen is, and light on paper."""
    return Markup(
        f"{_read('tokens.css')}@media screen and (prefers-color-scheme: dark) {{ :root {{ {_dark()} }} }}"
    )


@lru_cache(maxsize=1)
def dark_tokens() -> Markup:
    """The names for what is laid over a video, whatever the screen."""
    return Markup(f"{_read('tokens.css')}:root {{ color-scheme: dark; {_dark()} }}")


@lru_cache(maxsize=1)
def console_style() -> str:
    """The console's style; its library says by a class on the body whether it is dark."""
    return f"{_read('tokens.css')}.body--dark {{ {_dark()} }}{_read('console.css')}"


@lru_cache(maxsize=1)
def mark() -> Markup:
    """The mark, as SVG in the colour of the text around it."""
    return Markup(_read("mark.svg"))


def _dark() -> str:
    """The colours alone, to be put under whatever says that it is dark."""
    return _read("dark.css").partition("{")[2].rpartition("}")[0].strip()


def _read(name: str) -> str:
    return files("web.look").joinpath(name).read_text(encoding="utf-8")
