"""What a request tells about whoever asks: where from, in which language, and where they want to be."""

import re
from ipaddress import ip_address
from urllib.parse import unquote

from babel import negotiate_locale
from fastapi import Request
from starlette.requests import HTTPConnection

from web.console.texts import LANGUAGES

_PROXIED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
_SIGNING = "/console/sign-"
_PLAIN = re.compile(r"/console/[\w\-./%~]*(\?[\x21\x23-\x5b\x5d-\x7e]*)?", re.ASCII)


def inside(path: str) -> str:
    """`path` when it is a page of the console, else nothing: a sign-in leads nowhere else.

    Browsers read a backslash as `/` and `%2e` as a dot, and skip tabs and line breaks.
    """
    page = path.partition("?")[0]
    is_plain = _PLAIN.fullmatch(path) and ".." not in unquote(page) and "//" not in page
    return path if is_plain and not page.startswith(_SIGNING) else ""


def address_of(request: Request) -> str:
    """The address that asks; behind a proxy on this machine, the one that the proxy tells."""
    return request.client.host if request.client else ""


def is_at_this_machine(request: Request) -> bool:
    """Whether a browser on this very machine asks, by this machine's own name: not through a proxy, and not a
    page of another site whose name was made to lead here."""
    is_direct = not any(name in request.headers for name in _PROXIED)
    return is_direct and _is_loopback(address_of(request)) and _is_loopback(request.url.hostname or "")


def language_of(request: HTTPConnection, default: str) -> str:
    """The language that the browser would rather read, of those the console speaks."""
    told = request.headers.get("accept-language", "").split(",")
    wanted = [part.partition(";")[0].partition("-")[0].strip().lower() for part in told]
    return negotiate_locale([tag for tag in wanted if tag], LANGUAGES) or default


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
