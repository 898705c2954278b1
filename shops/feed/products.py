"""The retailer's catalogue, a file or an address, read again when it has changed.

Source: RFC 9110 §13, conditional requests: what is unchanged is answered with 304 and not sent again.
"""

import re
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import structlog

from domain.errors import ActionRequired, Fault, Refusal
from domain.plaintext import fold
from domain.sentences import sentence
from domain.shop import Traffic
from domain.show import Product
from shops.feed.catalogue import read_catalogue
from shops.http import Answer, Http

UNCONDITIONAL_S = 60.0
"""How long a catalogue is believed that does not tell whether it has changed."""
MOST_FOUND = 100
LARGEST = 200_000_000
SETTING = "BATELEUR_SHOP__PRODUCTS"
_ENCODING = re.compile(rb"""^<\?xml[^>]{0,80}encoding=["']([A-Za-z0-9._-]{1,40})["']""")
log = structlog.get_logger()


class Products:
    """The products of one catalogue. May be asked from several threads: one reads, the others wait."""

    def __init__(self, place: str, answer_s: float, traffic: Traffic | None = None) -> None:
        self.place = place
        self._web = _Address(place, answer_s, traffic) if place.startswith(("https://", "http://")) else None
        self._mark: dict[str, str] = {}
        self._stamp: tuple[int, ...] = ()
        self._read_at = 0.0
        self._products: dict[str, Product] = {}
        self._lock = threading.Lock()

    def all(self) -> dict[str, Product]:
        """The products as they are now, by SKU. Raises `Fault` when they cannot be read."""
        if not self.place:
            raise ActionRequired(
                sentence("The shop has no catalogue: set {setting} to a file or an address.", setting=SETTING)
            )
        with self._lock:
            if self._web:
                self._refresh_from_web(self._web)
            else:
                self._refresh_from_file(Path(self.place))
            return self._products

    def some(self, skus: Sequence[str]) -> list[Product]:
        """Those of these SKUs that are there; none without a catalogue."""
        known = self.all() if self.place else {}
        return [known[sku] for sku in dict.fromkeys(skus) if sku in known]

    def find(self, text: str) -> list[Product]:
        """The product of that SKU, and those whose names or aliases have all the words; the first hundred."""
        known, words = self.all(), fold(text).split()
        exact = [product for sku, product in known.items() if fold(sku) == fold(text.strip())]
        named = [product for product in known.values() if all(word in _words(product) for word in words)]
        return list({product.sku: product for product in [*exact, *named]}.values())[:MOST_FOUND]

    def _refresh_from_file(self, path: Path) -> None:
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if stamp != self._stamp:
                self._take(path.read_bytes())
                self._stamp = stamp
        except OSError as error:
            raise Fault(
                sentence("The catalogue {path} cannot be read: {reason}.", path=path, reason=error.strerror),
                is_retryable=True,
            ) from None

    def _refresh_from_web(self, web: "_Address") -> None:
        if self._products and not self._mark and time.monotonic() - self._read_at < UNCONDITIONAL_S:
            return
        answer = web.get(self._mark)
        if answer.status != 304:
            if answer.status >= 400:
                why = sentence(
                    "There is no catalogue at {shop} (HTTP {status}): check {setting}.",
                    shop=web.http.where,
                    status=answer.status,
                    setting=SETTING,
                )
                raise ActionRequired(why)
            self._take(answer.body)
            self._mark = _mark(answer)
        self._read_at = time.monotonic()

    def _take(self, raw: bytes) -> None:
        try:
            if len(raw) > LARGEST:
                raise Refusal(sentence("It is larger than {most} MB.", most=LARGEST // 1000000))
            found = read_catalogue(_decoded(raw))
        except Refusal as error:
            raise Fault(
                sentence("The catalogue cannot be read. {why}", why=error), is_retryable=True
            ) from None
        if found.wrong:
            log.warning("catalogue_lines_left_out", lines=len(found.wrong), first=str(found.wrong[0]))
        if not found.products:
            raise Fault(
                sentence("No line of the catalogue can be read. {why}", why=found.wrong[0].sentence),
                is_retryable=True,
            )
        self._products = {product.sku: product for product in found.products}


class _Address:
    """An address; a user and a password in it are taken out, so that nothing tells them."""

    def __init__(self, place: str, answer_s: float, traffic: Traffic | None) -> None:
        parts = urlsplit(place)
        root = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.http = Http(root, answer_s, traffic=traffic)
        self._path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self._auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None

    def get(self, mark: Mapping[str, str]) -> Answer:
        """What stands there, if it is not as `mark` says."""
        return self.http.call("GET", self._path, headers={"Accept": "*/*", **mark}, auth=self._auth)


def _mark(answer: Answer) -> dict[str, str]:
    """What to send along, to be told whether anything has changed."""
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    return {asks: answer.headers[tells] for asks, tells in pairs if tells in answer.headers}


def _decoded(raw: bytes) -> str:
    declared = _ENCODING.match(raw.lstrip())
    for encoding in ("utf-8-sig", declared[1].decode() if declared else "cp1252"):
        try:
            return raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise Refusal("It is not in UTF-8.")


def _words(product: Product) -> str:
    return fold(" ".join((product.name, *product.aliases)))
