"""Reading products from a CSV file or a Google Merchant feed (RSS/Atom XML, or TSV).

A file with one bad line is refused whole, every bad line named.
"""

import csv
import io
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from babel.numbers import get_currency_precision, list_currencies
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.errors import Refusal
from domain.money import Money
from domain.show import Product

COLUMNS = ("sku", "name", "aliases", "price", "currency", "reference_price", "stock", "url")
GOOGLE = "{http://base.google.com/ns/1.0}"
SHOWN = 20

Row = dict[str, str]


def read_products(path: Path) -> list[Product]:
    """The products of a file; raises `Refusal` naming each bad line."""
    text = _read_text(path)
    if text.lstrip().startswith("<"):
        return _check(_feed_rows(text), _from_google)
    first = text.partition("\n")[0]
    if "\t" in first:
        return _check(_table_rows(text, "\t", ("id", "title", "price")), _from_google)
    return _check(_table_rows(text, ";" if first.count(";") > first.count(",") else ",", COLUMNS), _from_csv)


def money(amount: str, currency: str) -> Money:
    """`amount` as people write it («499,99», «499.99»); raises `ValueError` with a sentence."""
    if currency not in list_currencies():
        raise ValueError(f"«{currency}» is no ISO currency")
    try:
        value = Decimal(amount.strip().replace("\u00a0", "").replace(" ", "").replace(",", "."))
    except InvalidOperation:
        raise ValueError(f"«{amount}» is no price") from None
    minor = value.scaleb(get_currency_precision(currency))
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 <= minor <= 10**12:
        raise ValueError(f"«{amount}» is no price in {currency}")
    return Money(int(minor), currency)


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path} is not UTF-8; save it as «CSV UTF-8».") from error


def _table_rows(text: str, delimiter: str, needed: Iterable[str]) -> list[tuple[int, Row]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    names = [name.strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in needed if name not in names]
    if missing:
        raise Refusal(f"Line 1: columns missing: {', '.join(missing)}; expected {', '.join(needed)}.")
    unknown = [name for name in names if delimiter != "\t" and name not in COLUMNS]
    if unknown:
        raise Refusal(f"Line 1: unknown columns: {', '.join(unknown)}; expected {', '.join(needed)}.")
    reader.fieldnames = names
    return [
        (reader.line_num, {key: (value or "").strip() for key, value in row.items() if key is not None})
        for row in reader
        if any(row.values())
    ]


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


def _check(rows: list[tuple[int, Row]], read: Callable[[Row], Product]) -> list[Product]:
    products: dict[str, Product] = {}
    wrong: list[str] = []
    for number, row in rows:
        try:
            product = read(row)
            if product.sku in products:
                raise ValueError(f"SKU {product.sku} stands twice")
            products[product.sku] = product
        except ValueError as error:
            wrong.append(f"Line {number}: {error}.")
    if not rows:
        raise Refusal("The file holds no product.")
    if wrong:
        more = [f"… and {len(wrong) - SHOWN} more."] if len(wrong) > SHOWN else []
        raise Refusal("\n".join(["Nothing was imported.", *wrong[:SHOWN], *more]))
    return list(products.values())


def _from_csv(row: Row) -> Product:
    reference = row["reference_price"]
    return _product(
        row["sku"],
        row["name"],
        money(row["price"], row["currency"]),
        aliases=tuple(alias.strip() for alias in row["aliases"].split("|") if alias.strip()),
        reference=money(reference, row["currency"]) if reference else None,
        stock=_stock(row["stock"]),
        url=row["url"],
    )


def _from_google(row: Row) -> Product:
    """Source: Google Merchant product data specification; `sale_price` is what the buyer pays."""
    amount, _, currency = (row.get("sale_price") or row.get("price", "")).partition(" ")
    is_out = row.get("availability", "").replace(" ", "_") == "out_of_stock"
    return _product(
        row.get("id", ""),
        row.get("title", ""),
        money(amount, currency.strip()),
        stock=0 if is_out else None,
        url=row.get("link", ""),
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
) -> Product:
    if not sku:
        raise ValueError("the SKU is missing")
    if not name:
        raise ValueError("the name is missing")
    if url and not url.startswith(("https://", "http://")):
        raise ValueError(f"«{url}» is no web address")
    return Product(sku, name, price, aliases, reference, stock, url)


def _stock(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError(f"«{text}» is no number of pieces")
    return int(text)
