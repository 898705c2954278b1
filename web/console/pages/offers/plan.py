"""An offer as it was typed, and as it will be: checked, each slip told with its field."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import Refusal
from domain.show import Discount, Mechanic, OfferKind
from shops.codes import code_prefix, spoken_code
from shops.feed.amounts import money
from shops.flaws import Flaw

MOST_CODES = 100_000
"""How many codes are drawn at once in the console; more is the command line's work."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with one field: the key of a sentence, and what stands in it."""

    where: str
    key: str
    words: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, as text. `starts` and `ends` are as a browser writes a date and a time."""

    kind: OfferKind
    by_percent: bool
    percent: str
    amount: str
    currency: str
    code: str
    quantity: str
    draws: bool
    count: str
    prefix: str
    mechanic: Mechanic
    skus: tuple[str, ...]
    starts: str
    ends: str


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """An offer to be added; `count` unique codes are drawn for it, each with `prefix` before it."""

    kind: OfferKind
    mechanic: Mechanic
    discount: Discount
    skus: tuple[str, ...]
    quantity: int | None
    shared_code: str | None
    count: int
    prefix: str
    starts_at: datetime | None
    ends_at: datetime | None


def plan_of(typed: Typed, timezone: str, now: datetime) -> OfferPlan | list[Slip]:
    """The offer that was typed, or all that is wrong with it. Times are read on the clocks of `timezone`."""
    slips: list[Slip] = []
    discount = _discount(typed, slips)
    is_shared = typed.kind is OfferKind.SHARED
    code = _code(typed.code, slips) if is_shared else None
    quantity = _quantity(typed.quantity, slips) if is_shared else None
    draws = typed.draws and not is_shared
    count = _count(typed.count, slips) if draws else 0
    prefix = _prefix(typed.prefix, slips) if draws else ""
    starts, ends = _window(typed, timezone, now, slips)
    if slips or discount is None:
        return slips
    return OfferPlan(
        typed.kind, typed.mechanic, discount, typed.skus, quantity, code, count or 0, prefix, starts, ends
    )


def count_of(text: str) -> int | Slip:
    """How many codes to draw."""
    slips: list[Slip] = []
    count = _count(text, slips)
    return slips[0] if count is None else count


def prefix_of(text: str) -> str | Slip:
    """What stands before each code, in upper case."""
    slips: list[Slip] = []
    prefix = _prefix(text, slips)
    return slips[0] if slips else prefix


def _discount(typed: Typed, slips: list[Slip]) -> Discount | None:
    if typed.by_percent:
        percent = _whole(typed.percent)
        if percent is None or not 1 <= percent <= 100:
            slips.append(Slip("percent", "offers.slip_percent"))
            return None
        return Discount(percent=percent)
    try:
        return Discount(amount=money(typed.amount, typed.currency))
    except Flaw as flaw:
        where = "currency" if flaw.key == "no_currency" else "amount"
        slips.append(Slip(where, f"bad_lines.{flaw.key}", flaw.words))
        return None


def _code(text: str, slips: list[Slip]) -> str | None:
    try:
        return spoken_code(text.strip())
    except Refusal:
        slips.append(Slip("code", "offers.slip_code"))
        return None


def _quantity(text: str, slips: list[Slip]) -> int | None:
    if not text.strip():
        return None
    quantity = _whole(text)
    if quantity is None or quantity < 1:
        slips.append(Slip("quantity", "offers.slip_quantity"))
    return quantity


def _count(text: str, slips: list[Slip]) -> int | None:
    count = _whole(text)
    if count is None or not 1 <= count <= MOST_CODES:
        slips.append(Slip("count", "offers.slip_count", {"most": MOST_CODES}))
        return None
    return count


def _prefix(text: str, slips: list[Slip]) -> str:
    try:
        return code_prefix(text.strip())
    except Refusal:
        slips.append(Slip("prefix", "offers.slip_prefix"))
        return ""


def _window(
    typed: Typed, timezone: str, now: datetime, slips: list[Slip]
) -> tuple[datetime | None, datetime | None]:
    starts = _moment("starts", typed.starts, timezone, slips)
    ends = _moment("ends", typed.ends, timezone, slips)
    if ends is not None and ends <= now:
        slips.append(Slip("ends", "offers.slip_past"))
    elif starts is not None and ends is not None and ends <= starts:
        slips.append(Slip("ends", "offers.slip_window"))
    return starts, ends


def _moment(where: str, text: str, timezone: str, slips: list[Slip]) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        slips.append(Slip(where, "offers.slip_moment"))
        return None
    return moment.replace(tzinfo=ZoneInfo(timezone)).astimezone(UTC)


def _whole(text: str) -> int | None:
    digits = "".join(text.split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else None
