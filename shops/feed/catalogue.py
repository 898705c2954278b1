"""Reading products from a CSV file or a Google Merchant feed (RSS/Atom XML, or TSV)."""

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.errors import Refusal
from domain.money import Money
from domain.plaintext import one_line
from domain.show import Product
from shops.feed.amounts import money
from shops.flaws import BadFile, BadLine, Flaw

BEYOND = "beyond the last column"
COLUMNS = ("sku", "name", "aliases", "price", "currency", "reference_price", "stock", "url")
MAY_HAVE = (*COLUMNS, "picture")
GOOGLE = "{http://base.google.com/ns/1.0}"
SHOWN = 20
MOST = {"sku": 100, "name": 200, "address": 2_000}

Row = dict[str, str]
Told = Callable[[float], None]
TOLD_EVERY = 500


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What stands in a catalogue: its products, and the lines that are none. `is_feed`: a Google Merchant
    feed, which tells no aliases and no lowest price of 30 days."""

    products: list[Product]
    wrong: list[BadLine]
    is_feed: bool


def read_products(path: Path) -> Catalogue:
    """The products of a file, whole or not at all; raises `Refusal` naming each bad line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile("not_read", file=path, why=error.strerror) from error
    found = read_catalogue(decoded(raw, str(path)))
    if found.wrong:
        more = [f"… and {len(found.wrong) - SHOWN} more."] if len(found.wrong) > SHOWN else []
        raise Refusal("\n".join(["Nothing was imported.", *map(str, found.wrong[:SHOWN]), *more]))
    return found


def read_catalogue(text: str, told: Told = lambda _: None) -> Catalogue:
    """What stands in a catalogue; `told` hears now and then how much of it is read, 0 to 1. Raises `BadFile`
    when all of it cannot be read."""
    if text.lstrip().startswith("<"):
        return Catalogue(*_check(_feed_rows(text), _from_google, told, "Item"), is_feed=True)
    first = text.partition("\n")[0]
    if "\t" in first:
        rows = _table_rows(text, "\t", ("id", "title", "price"))
        return Catalogue(*_check(rows, _from_google, told), is_feed=True)
    rows = _table_rows(text, ";" if first.count(";") > first.count(",") else ",", COLUMNS)
    return Catalogue(*_check(rows, _from_csv, told), is_feed=False)


def decoded(raw: bytes, name: str) -> str:
    """The text of a file; raises `BadFile` unless it is UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("not_utf8", file=name) from error


def _table_rows(text: str, delimiter: str, needed: Iterable[str]) -> list[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, restkey=BEYOND)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or []]
        _check_columns(names, needed, may_have_others=delimiter == "\t")
        reader.fieldnames = names
        rows = [(reader.line_num, {key: _cell(value) for key, value in row.items()}) for row in reader]
    except csv.Error as error:
        raise BadFile("open_quote", line=reader.line_num + 1, why=error) from None
    return [(number, row) for number, row in rows if any(row.values())]


def _check_columns(names: list[str], needed: Iterable[str], *, may_have_others: bool) -> None:
    missing = [name for name in needed if name not in names]
    if missing:
        raise BadFile("columns_missing", columns=", ".join(missing), expected=", ".join(needed))
    unknown = [name for name in names if name not in MAY_HAVE]
    if unknown and not may_have_others:
        raise BadFile("columns_unknown", columns=", ".join(unknown), expected=", ".join(needed))
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadFile("columns_twice", columns=", ".join(twice))


def _cell(value: str | list[str] | None) -> str:
    return ",".join(value) if isinstance(value, list) else (value or "").strip()


def _feed_rows(text: str) -> list[tuple[int, Row]]:
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise BadFile("not_xml") from error
    items = [e for e in root.iter() if e.tag.rpartition("}")[2] in ("item", "entry")]
    return [(number, _feed_row(item)) for number, item in enumerate(items, 1)]


def _feed_row(item: Element) -> Row:
    row: Row = {}
    for field in item:
        name = field.tag.rpartition("}")[2]
        value = (field.text or field.get("href") or "").strip()
        if field.tag.startswith(GOOGLE) or name not in row:
            row[name] = value
    return row


def _check(
    rows: list[tuple[int, Row]], read: Callable[[Row], Product], told: Told, unit: str = "Line"
) -> tuple[list[Product], list[BadLine]]:
    products: dict[str, Product] = {}
    wrong: list[BadLine] = []
    for done, (number, row) in enumerate(rows):
        if done % TOLD_EVERY == 0:
            told(done / len(rows))
        try:
            product = read(row)
            if product.sku in products:
                raise Flaw("sku_twice", sku=product.sku)
            products[product.sku] = product
        except Flaw as flaw:
            wrong.append(BadLine(number, unit, flaw))
    if not rows:
        raise BadFile("no_product")
    return list(products.values()), wrong


def _from_csv(row: Row) -> Product:
    if BEYOND in row:
        raise Flaw("too_many_cells")
    reference = row["reference_price"]
    return _product(
        row["sku"],
        row["name"],
        money(row["price"], row["currency"]),
        aliases=tuple(alias for text in row["aliases"].split("|") if (alias := one_line(text).strip())),
        reference=money(reference, row["currency"]) if reference else None,
        stock=_stock(row["stock"]),
        url=row["url"],
        picture=row.get("picture", ""),
    )


def _from_google(row: Row) -> Product:
    """Source: Google Merchant product data specification; `sale_price` is what the buyer pays."""
    price = row.get("sale_price") or row.get("price", "")
    amount, _, currency = price.rpartition(" ")
    if price and not amount:
        raise Flaw("price_alone", text=price)
    is_out = row.get("availability", "").replace(" ", "_") == "out_of_stock"
    return _product(
        row.get("id", ""),
        row.get("title", ""),
        money(amount, currency),
        stock=0 if is_out else None,
        url=row.get("link", ""),
        picture=row.get("image_link", ""),
    )


def _product(
    sku: str,
    name: str,
    price: Money,
    *,
    aliases: tuple[str, ...] = (),
    reference: Money | None = None,
    stock: int | None = None,
    url: str = "",
    picture: str = "",
) -> Product:
    name = one_line(name).strip()
    if not sku:
        raise Flaw("sku_missing")
    if not name:
        raise Flaw("name_missing")
    for what, text in (("sku", sku), ("name", name), ("address", url), ("address", picture)):
        if len(text) > MOST[what]:
            raise Flaw(f"{what}_long", most=MOST[what])
        if one_line(text) != text:
            raise Flaw(f"{what}_invisible")
    for address in (url, picture):
        if address and not address.startswith(("https://", "http://")):
            raise Flaw("no_address", text=address)
    return Product(sku, name, price, aliases, reference, stock, url, picture)


def _stock(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise Flaw("no_stock", text=text)
    return int(text)
