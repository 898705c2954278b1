"""What can be chosen on the page of the log: days, and what filters there are to set."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from commands.money import locale_of
from domain.redemption import Verdict
from domain.redemption_log import NOWHERE
from domain.shop import OrderState
from domain.show import Mechanic, Offer
from web.console.desk import Desk
from web.console.pages.redemptions.asked import Asked
from web.console.pages.redemptions.drawing import draw
from web.console.pages.redemptions.names import Names

RECENT_DAYS = 7
LONGEST_NAME = 60
Option = tuple[str, str]


def draw_days(desk: Desk, asked: Asked, today: date) -> str:
    """Buttons for the days that marketers ask about."""
    chosen = f"{_iso(asked.first)}/{_iso(asked.last)}"
    spans = [(word, f"{_iso(first)}/{_iso(last)}") for word, first, last in _days(desk, today)]
    days = [{"word": word, "span": span, "is_on": span == chosen} for word, span in spans]
    return draw(desk, "days", days=days)


def draw_span(desk: Desk, asked: Asked) -> str:
    """Two fields for any other days."""
    return draw(desk, "span", first=_iso(asked.first), last=_iso(asked.last))


def draw_filters(desk: Desk, asked: Asked, names: Names) -> str:
    """A field for each filter."""
    filters = []
    for name, options in _options(asked, names):
        value = getattr(asked, name)
        shown = [(key, word[:LONGEST_NAME]) for key, word in options]
        label = desk.say(f"redemptions.{name}")
        filters.append(
            {"name": name, "label": label, "value": _key(value), "is_on": value is not None, "options": shown}
        )
    return draw(desk, "filters", filters=filters)


def _days(desk: Desk, today: date) -> Iterator[tuple[str, date | None, date | None]]:
    yield desk.say("redemptions.all_days"), None, None
    yield desk.say("redemptions.today"), today, today
    yield desk.say("redemptions.yesterday"), today - timedelta(days=1), today - timedelta(days=1)
    for back in range(2, RECENT_DAYS + 1):
        day = today - timedelta(days=back)
        yield format_date(day, "EEE d", locale=locale_of(desk.language)), day, day
    yield desk.say("redemptions.week"), today - timedelta(days=6), today
    yield desk.say("redemptions.month"), today - timedelta(days=29), today


def _options(asked: Asked, names: Names) -> Iterator[tuple[str, Sequence[Option]]]:
    """Each filter with its choices; one that is set is among them, even when nothing is there of it."""
    there = names.there
    yield "live", [(str(live.id), names.live(live.id)) for live in there.lives.values()]
    yield "channel", _with(asked.channel, there.channels, names.channel)
    yield "sku", sorted(_with(asked.sku, there.skus, names.product), key=lambda option: option[1].casefold())
    yield "offer", [(str(offer.id), _offer(offer, names, asked)) for offer in _offers(asked, names)]
    yield "mechanic", [(one.value, names.mechanic(one)) for one in Mechanic]
    yield "verdict", [(one.value, names.verdict(one)) for one in Verdict]
    yield "state", [(one.value, names.state(one)) for one in OrderState]


def _offers(asked: Asked, names: Names) -> Iterable[Offer]:
    offers = sorted(names.there.offers.values(), key=lambda offer: -offer.id)
    return [offer for offer in offers if asked.live in (None, offer.live_id) or offer.id == asked.offer]


def _offer(offer: Offer, names: Names, asked: Asked) -> str:
    """An offer by its name, with that of its live unless one is chosen."""
    if asked.live is not None:
        return names.offer(offer.id)
    return f"{names.offer(offer.id)} · {names.live(offer.live_id)}"


def _with(chosen: str | None, there: Sequence[str], named: Any) -> list[Option]:
    values = dict.fromkeys([*there, NOWHERE, *([chosen] if chosen is not None else [])])
    return [(value, named(value)) for value in values]


def _key(value: object) -> str:
    return "" if value is None else str(getattr(value, "value", value))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
