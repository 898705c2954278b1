"""Reading products from a CSV file or a Google Merchant feed (RSS/Atom XML, or TSV)."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.errors import Refusal
from domain.money import Money
from domain.plaintext import one_line
from domain.show import Product
from shops.feed.amounts import money

BEYOND = "beyond the last column"
COLUMNS = ("sku", "name", "aliases", "price", "currency", "reference_price", "stock", "url")
MAY_HAVE = (*COLUMNS, "picture")
GOOGLE = "{http://base.google.com/ns/1.0}"
SHOWN = 20
MOST = {"SKU": 100, "name": 200, "web address": 2_000}

Row = dict[str, str]


def read_products(path: Path) -> list[Product]:
    """The products of a file, whole or not at all; raises `Refusal` naming each bad line."""
    products, wrong = read_catalogue(_read_text(path))
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more."] if len(wrong) > SHOWN else []
        raise Refusal("\n".join(["Nothing was imported.", *wrong[:SHOWN], *more]))
    return products


def read_catalogue(text: str) -> tuple[list[Product], list[str]]:
    """The products of a catalogue, and a sentence for each line that is none. Raises `Refusal` when all of it
    cannot be read."""
    if text.lstrip().startswith("<"):
        return _check(_feed_rows(text), _from_google, "Item")
    first = text.partition("\n")[0]
    if "\t" in first:
        return _check(_table_rows(text, "\t", ("id", "title", "price")), _from_google)
    return _check(_table_rows(text, ";" if first.count(";") > first.count(",") else ",", COLUMNS), _from_csv)


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8; save it as «CSV UTF-8».") from error


def _table_rows(text: str, delimiter: str, needed: Iterable[str]) -> list[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, restkey=BEYOND)
    try:
        names = [name.strip().lower() for name in reader.fieldnames or []]
        _check_columns(names, needed, may_have_others=delimiter == "\t")
        reader.fieldnames = names
        rows = [(reader.line_num, {key: _cell(value) for key, value in row.items()}) for row in reader]
    except csv.Error as error:
        raise Refusal(
            f"Line {reader.line_num + 1}: it cannot be read ({error}); is a quote left open?"
        ) from None
    return [(number, row) for number, row in rows if any(row.values())]


def _check_columns(names: list[str], needed: Iterable[str], *, may_have_others: bool) -> None:
    missing = [name for name in needed if name not in names]
    if missing:
        raise Refusal(f"Line 1: columns missing: {', '.join(missing)}; expected {', '.join(needed)}.")
    unknown = [name for name in names if name not in MAY_HAVE]
    if unknown and not may_have_others:
        raise Refusal(f"Line 1: unknown columns: {', '.join(unknown)}; expected {', '.join(needed)}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Refusal(f"Line 1: columns given twice: {', '.join(twice)}.")


def _cell(value: str | list[str] | None) -> str:
    return ",".join(value) if isinstance(value, list) else (value or "").strip()


def _feed_rows(text: str) -> list[tuple[int, Row]]:
    try:
        root = fromstring(text)
    except (ParseError, DefusedXmlException) as error:
        raise Refusal("The feed is not well-formed, harmless XML.") from error
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
    rows: list[tuple[int, Row]], read: Callable[[Row], Product], unit: str = "Line"
) -> tuple[list[Product], list[str]]:
    products: dict[str, Product] = {}
    wrong: list[str] = []
    for number, row in rows:
        try:
            product = read(row)
            if product.sku in products:
                raise ValueError(f"SKU {product.sku} stands twice")
            products[product.sku] = product
        except ValueError as error:
            wrong.append(f"{unit} {number}: {error}.")
    if not rows:
        raise Refusal("The file holds no product.")
    return list(products.values()), wrong


def _from_csv(row: Row) -> Product:
    if BEYOND in row:
        raise ValueError("it has too many columns: put a text with a comma, such as 499,99, in quotes")
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
        raise ValueError(f"«{price}» is no price with its currency, such as 499.99 EUR")
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
        raise ValueError("the SKU is missing")
    if not name:
        raise ValueError("the name is missing")
    for what, text in (("SKU", sku), ("name", name), ("web address", url), ("web address", picture)):
        if len(text) > MOST[what]:
            raise ValueError(f"the {what} is longer than {MOST[what]} characters")
        if one_line(text) != text:
            raise ValueError(f"the {what} holds invisible characters")
    for address in (url, picture):
        if address and not address.startswith(("https://", "http://")):
            raise ValueError(f"«{address}» is no web address")
    return Product(sku, name, price, aliases, reference, stock, url, picture)


def _stock(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal()) or len(text) > 9:
        raise ValueError(f"«{text}» is no number of pieces")
    return int(text)
