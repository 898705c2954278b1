"""What the log's page shows of what is found: sums, shares, rows, and the way on when nothing is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.redemption import Verdict
from domain.redemption_log import LogPage, LogRow, LogTotals, Share, ShareBy, SortBy
from domain.shop import OrderState
from web.console.desk import Desk
from web.console.pages.redemptions.asked import Asked
from web.console.pages.redemptions.drawing import draw
from web.console.pages.redemptions.names import STATES, VERDICTS, Names

FEW_SHARES = 6
MONEY = ("net", "total", "refunded", "discount")
PAGES = (
    ("first", "first_page"), ("previous", "chevron_left"), ("next", "chevron_right"), ("last", "last_page"),
)  # fmt: skip
FILTER_OF = {
    ShareBy.CHANNEL: "channel",
    ShareBy.PRODUCT: "sku",
    ShareBy.OFFER: "offer",
    ShareBy.MECHANIC: "mechanic",
    ShareBy.LIVE: "live",
}
_COLUMNS: Sequence[tuple[str, str, Sequence[SortBy]]] = (
    ("ordered_at", "at", (SortBy.ORDERED_AT,)),
    ("order", "order", ()),
    ("viewer", "who", ()),
    ("product", "what", ()),
    ("total", "number total", (SortBy.TOTAL, SortBy.DISCOUNT)),
    ("net", "number net", (SortBy.NET,)),
    ("verdict", "verdict", ()),
)
"""Each column's name, its look, and what it can be sorted by."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at the store found. `nearby`: how many rows there are without each filter, by its name;
    `is_any`: whether there are redemptions at all."""

    page: LogPage
    shares: Sequence[Share]
    nearby: Mapping[str, int]
    is_any: bool


def draw_sums(desk: Desk, asked: Asked, names: Names, totals: LogTotals) -> str:
    """What all that is found comes to, and how many there are of each verdict."""
    sums = [
        {
            "orders": names.count(one.orders),
            **{part: names.money(getattr(one, part), currency) for part in MONEY},
        }
        for currency, one in sorted(totals.by_currency.items(), key=lambda item: -item[1].orders)
    ]
    return draw(desk, "sums", sums=sums, verdicts=list(_verdicts(desk, asked, names, totals)))


def _verdicts(desk: Desk, asked: Asked, names: Names, totals: LogTotals) -> list[dict[str, Any]]:
    counts = dict.fromkeys(Verdict, 0)
    for (verdict, _), one in totals.by_verdict.items():
        counts[verdict] += one.rows
    return [
        {
            **_chip(VERDICTS[verdict], names.verdict(verdict)),
            "value": verdict.value,
            "count": names.count(count),
            "why": desk.say(f"redemptions.verdict_{verdict}_why"),
            "is_on": asked.verdict is verdict,
        }
        for verdict, count in counts.items()
        if count or asked.verdict is verdict
    ]


def draw_shares(desk: Desk, asked: Asked, names: Names, shares: Sequence[Share], *, is_all: bool) -> str:
    """Bars of what each channel, product … left, within what it brought."""
    say, by = desk.say, asked.share
    few = shares if is_all else shares[:FEW_SHARES]
    most: dict[str, int] = {}
    for one in shares:
        most[one.currency] = max(most.get(one.currency, 1), one.sums.total)
    bars = []
    for one in few:
        name, net = names.share(by, one.key), names.money(one.sums.net, one.currency)
        many = "share_orders" if one.sums.orders == 1 else "share_orders_many"
        orders = say(f"redemptions.{many}", count=names.count(one.sums.orders))
        bars.append(
            {
                "key": one.key,
                "name": name,
                "net": net,
                "orders": orders,
                "hint": f"{name} : {net}, {orders}. {say('redemptions.show_only', name=name)}",
                "paid_share": round(100 * one.sums.total / most[one.currency], 1),
                "net_share": round(100 * max(0, one.sums.net) / max(1, one.sums.total), 1),
            }
        )
    tabs = [
        {"value": one.value, "word": say(f"redemptions.share_{one}"), "is_on": one is by} for one in ShareBy
    ]
    rest = say("redemptions.share_rest", count=len(shares) - len(few)) if len(few) < len(shares) else ""
    return draw(desk, "shares", tabs=tabs, shares=bars, rest=rest, name=FILTER_OF[by])


def draw_rows(desk: Desk, asked: Asked, names: Names, page: LogPage, before: int) -> str:
    """One page of rows; `before`: how many come before it."""
    total = page.totals.rows
    last = min(total, before + len(page.rows))
    words = {
        "first": names.count(min(total, before + 1)),
        "last": names.count(last),
        "count": names.count(total),
    }
    ways = {"first": page.previous, "previous": page.previous, "next": page.next, "last": page.next}
    pages = [
        {"value": value, "icon": icon, "word": desk.say(f"redemptions.page_{value}"), "is_there": ways[value]}
        for value, icon in PAGES
    ]
    return draw(
        desk,
        "rows",
        columns=list(_columns(desk, asked)),
        rows=[_row(desk, asked, names, row) for row in page.rows],
        pages=pages,
        range=desk.say("redemptions.range", **words),
    )


def draw_nothing(desk: Desk, asked: Asked, names: Names, nearby: Mapping[str, int]) -> str:
    """Nothing is found: which filter to take away, and what that would show."""
    ways = []
    for name in asked.narrowed:
        if nearby.get(name):
            words = {"name": desk.say(f"redemptions.{name}"), "count": names.count(nearby[name])}
            ways.append({"name": name, "word": desk.say("redemptions.without", **words)})
    return draw(desk, "nothing", ways=ways)


def _columns(desk: Desk, asked: Asked) -> Iterator[dict[str, Any]]:
    for name, tone, orders in _COLUMNS:
        ways = [_way(desk, asked, by) for by in orders]
        way = "ascending" if asked.up else "descending"
        is_sorted = asked.sort in orders
        yield {
            "word": desk.say(f"redemptions.{name}"),
            "tone": tone,
            "ways": ways,
            "order": way if is_sorted else "",
        }


def _way(desk: Desk, asked: Asked, by: SortBy) -> dict[str, str]:
    """A button that sorts by something."""
    word = desk.say(f"redemptions.{by}")
    arrow = ("▲" if asked.up else "▼") if by is asked.sort else ""
    hint = desk.say("redemptions.sort_by", name=word)
    return {"value": by.value, "word": word, "hint": hint, "arrow": arrow}


def _row(desk: Desk, asked: Asked, names: Names, row: LogRow) -> dict[str, Any]:
    one, currency, zone = row.redemption, row.redemption.total.currency, names.zone(asked)
    state = STATES[one.state]
    return {
        "id": row.id,
        "iso": one.ordered_at.isoformat(),
        "day": names.day(one.ordered_at, zone),
        "clock": desk.clock(one.ordered_at, zone),
        "order": one.order_id,
        "hint": desk.say("redemptions.open_story", order=one.order_id),
        "viewer": names.viewer(row.viewer),
        "channel": names.channel(row.channel),
        "product": names.product(row.sku),
        "code": one.code,
        "discount": desk.money(one.discount),
        "total": desk.money(one.total),
        "net": names.money(row.net, currency),
        "refunded": desk.money(one.refunded) if one.refunded and one.refunded.amount else "",
        "is_cancelled": one.state is OrderState.CANCELLED,
        "verdict": _chip(VERDICTS[row.verdict], names.verdict(row.verdict)),
        "state": None if one.state is OrderState.PLACED else _chip(state, names.state(one.state)),
    }


def _chip(look: tuple[str, str], word: str) -> dict[str, str]:
    return {"icon": look[0], "tone": look[1], "word": word}
