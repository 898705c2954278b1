"""Redemptions from a file that the retailer exports, for every kind of shop.

A row tells how one code stands on one order; whatever else stands in it, such as a name or an address, is
passed over. The file is described in `docs/retailer-api.md`.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Refusal
from domain.money import Money
from domain.sentences import sentence
from domain.shop import CodeUse, Order, OrderState, version_at
from shops.feed.amounts import a_currency, minor_units, money

IDS = ("redemption_id", "order_id")
TIMES = ("ordered_at", "occurred_at")
VERSIONS = ("version", "changed_at")
CUSTOMERS = ("customer", "customer_ref")
AMOUNTS = ("discount", "total", "refunded")
ALIASES = {"order_total": "total", "order_total_minor": "total_minor"}
STATES = {
    "": OrderState.PLACED,
    "placed": OrderState.PLACED,
    "created": OrderState.PLACED,
    "confirmed": OrderState.PLACED,
    "cancelled": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "refunded": OrderState.REFUNDED,
}
LONGEST = 200
LARGEST = 200_000_000
MOST_VERSION = 2**63 - 1
BEYOND = "beyond the last column"
Row = Mapping[str, str]
Pseudonym = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class _Line:
    """One row: an order, and one code on it."""

    order: Order
    use: CodeUse


def read_redemptions(path: Path, pseudonym: Pseudonym | None = None) -> tuple[list[Order], list[str]]:
    """The orders of a file as their newest rows tell them, and a sentence for each line left out.

    Without `pseudonym` customers are passed over. Raises `Refusal` when the file is not as its `.sha256`
    says, or its header lacks a column.
    """
    rows = _rows(_text(path))
    lines: list[_Line] = []
    rejected: list[str] = []
    for number, row in rows:
        try:
            lines.append(_line(row, pseudonym))
        except ValueError as error:
            rejected.append(f"Line {number}: {error}.")
    return _orders(lines), rejected


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Refusal(
                sentence("{path} is larger than {most} MB: split it.", path=path, most=LARGEST // 1000000)
            )
        raw = path.read_bytes()
        beside = path.with_name(path.name + ".sha256")
        told = beside.read_text("utf-8", "replace").split()[:1] if beside.is_file() else []
    except OSError as error:
        raise Refusal(
            sentence("{path} cannot be read: {reason}.", path=path, reason=error.strerror)
        ) from error
    if told and told[0].lower() != hashlib.sha256(raw).hexdigest():
        raise Refusal(
            sentence("{path} is not what {name} says: it did not come whole.", path=path, name=beside.name)
        )
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refusal(sentence("{path} is neither UTF-8 nor Windows-1252; save it as «CSV UTF-8».", path=path))


def _rows(text: str) -> list[tuple[int, Row]]:
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[int, Row]] = []
    try:
        names = [_column(name) for name in next(reader, [])]
        _check_header(names)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                extra = {BEYOND: ""} if len(cells) > len(names) else {}
                given = dict(zip(names, (cell.strip() for cell in cells), strict=False))
                rows.append((reader.line_num, {**given, **extra}))
    except csv.Error as error:
        line = reader.line_num
        raise Refusal(
            sentence(
                "Line {line}: it cannot be read ({error}); is a quote left open?", line=line, error=error
            )
        ) from None
    return rows


def _column(text: str) -> str:
    name = text.strip().lower()
    return ALIASES.get(name, name)


def _check_header(names: Sequence[str]) -> None:
    wanted = {
        "redemption_id or order_id": IDS,
        "code": ("code",),
        "discount or discount_minor": ("discount", "discount_minor"),
        "total or total_minor": ("total", "total_minor"),
        "currency": ("currency",),
        "ordered_at": TIMES,
        "version or changed_at": VERSIONS,
    }
    missing = [told for told, any_of in wanted.items() if not set(any_of) & set(names)]
    if missing:
        raise Refusal(sentence("Line 1: columns missing: {missing}.", missing=", ".join(missing)))
    known = {*IDS, *TIMES, *VERSIONS, *CUSTOMERS, *AMOUNTS, *(f"{name}_minor" for name in AMOUNTS)}
    twice = sorted(name for name in known | {"code", "currency", "state"} if names.count(name) > 1)
    twice += [name for name in AMOUNTS if name in names and f"{name}_minor" in names]
    if twice:
        raise Refusal(sentence("Line 1: columns given twice: {twice}.", twice=", ".join(twice)))


def _line(row: Row, pseudonym: Pseudonym | None) -> _Line:
    if BEYOND in row:
        raise ValueError("it has too many columns: put a text with the delimiter in quotes")
    currency = a_currency(_first(row, ("currency",), "the currency"))
    total = _amount(row, "total", currency)
    state = STATES.get(row.get("state", "").lower())
    if state is None:
        raise ValueError("the state is none of placed, confirmed, cancelled, refunded")
    refunded = _amount(
        row, "refunded", currency, total if state is OrderState.REFUNDED else Money(0, currency)
    )
    if 0 < total.amount <= refunded.amount and state is OrderState.PLACED:
        state = OrderState.REFUNDED
    customer = _first(row, CUSTOMERS) if pseudonym else ""
    use = CodeUse(_first(row, ("code",), "the code"), _amount(row, "discount", currency))
    order = Order(
        id=_first(row, IDS, "the redemption's or order's id"),
        uses=(),
        total=total,
        refunded=refunded,
        state=state,
        ordered_at=_time(_first(row, TIMES, "the time of the order")),
        version=_version(row),
        customer=pseudonym(customer) if pseudonym and customer else None,
    )
    return _Line(order, use)


def _first(row: Row, names: Sequence[str], what: str = "") -> str:
    """The first of these cells that is filled; it must be when `what` names it."""
    text = next((row[name] for name in names if row.get(name)), "")
    if what and not text:
        raise ValueError(f"{what} is missing")
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError(f"{what or names[0]} is too long or holds invisible characters")
    return text


def _amount(row: Row, name: str, currency: str, missing: Money | None = None) -> Money:
    minor, written = row.get(f"{name}_minor", ""), row.get(name, "")
    if not minor and not written and missing is not None:
        return missing
    try:
        return Money(minor_units(minor), currency) if minor else money(written, currency, may_be_nothing=True)
    except ValueError:
        raise ValueError(f"the {name} is no amount in {currency}") from None


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time is not ISO 8601, such as 2026-11-23T20:05:00+01:00") from None
    if moment.tzinfo is None:
        raise ValueError("a time has no offset, such as +01:00")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time is out of bounds") from None


def _version(row: Row) -> int:
    text = row.get("version", "")
    if not text:
        return version_at(_time(_first(row, ("changed_at",), "the version or time of change")))
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > MOST_VERSION:
        raise ValueError("the version is no whole number")
    return int(text)


def _orders(lines: Sequence[_Line]) -> list[Order]:
    """Of each order what its newest row tells, with each of its codes by that code's newest row."""
    newest: dict[str, Order] = {}
    uses: dict[str, dict[str, _Line]] = {}
    for line in lines:
        id, code = line.order.id, line.use.code.casefold()
        if id not in newest or line.order.version >= newest[id].version:
            newest[id] = line.order
        known = uses.setdefault(id, {}).get(code)
        if known is None or line.order.version >= known.order.version:
            uses[id][code] = line
    return [
        replace(order, uses=tuple(line.use for line in uses[id].values())) for id, order in newest.items()
    ]
