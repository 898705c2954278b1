"""The orders that changed, read by their time of change; a basket in several orders is told as one.

Source: PrestaShop webservice `orders`, `order_cart_rules`, `order_slip`: ranges are inclusive, to the second,
and `date=1` must be said for dates to be filtered by. A slip does not move its order's time of change.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import structlog

from domain.errors import Fault
from domain.shop import Order, OrderPage, OrderState
from shops.prestashop import wire
from shops.prestashop.api import LONGEST_PAGE, Api
from shops.prestashop.cart_rules import HIGHEST_ID, CartRules
from shops.seen import Seen

OVERLAP = timedelta(minutes=10)  # an order may be saved later than the time it carries
SECOND = timedelta(seconds=1)
FOREVER = "2100-01-01 00:00:00"
FIELDS = "[id,reference,id_currency,id_customer,current_state,total_paid_tax_incl,date_add,date_upd]"
LONGEST_REFERENCE = 32
Row = dict[str, str]
log = structlog.get_logger()


class Orders:
    """The orders of a shop. Codes are remembered by their cart rule: orders tell its id alone."""

    def __init__(self, api: Api, rules: CartRules, pseudonym: Callable[[str], str]) -> None:
        self._api = api
        self._rules = rules
        self._pseudonym = pseudonym
        self._codes: dict[str, str] = {}
        self._states: dict[str, OrderState] = {}

    def one(self, reference: str) -> Order | None:
        """A basket's order as it is now."""
        if not reference.isalnum() or len(reference) > LONGEST_REFERENCE:
            return None
        found = self._told(self._whole([reference]))
        return found[0] if found else None

    def since(self, moment: datetime) -> Iterator[OrderPage]:
        """Changes since `moment` and `OVERLAP` before, the oldest first; first of all the orders of which
        something was given back."""
        now = datetime.now(UTC)
        start = wire.earliest(moment - OVERLAP, self._api.zone, now)
        self._states = self._read_states()
        given = Seen()
        yield OrderPage(self._new(self._given_back(start), given), moment)
        read_until, after, is_last = moment, start, False
        while not is_last:
            rows = self._page(after)
            is_last = len(rows) < LONGEST_PAGE
            if rows and not is_last and rows[0]["date_upd"] == rows[-1]["date_upd"]:
                rows = self._second(rows[0]["date_upd"])
                after = _next_second(rows[-1]["date_upd"])
            elif rows:
                after = rows[-1]["date_upd"]
            read_until = max([read_until, *(self._moment(row["date_upd"]) for row in rows[-1:])])
            yield OrderPage(self._new([row["reference"] for row in rows], given), read_until)

    def _page(self, after: str) -> list[Row]:
        query = {"filter[date_upd]": f"[{after},{FOREVER}]", "sort": "[date_upd_ASC,id_ASC]"}
        return self._changes("orders", {**query, "display": "[id,reference,date_upd]"})

    def _second(self, second: str) -> list[Row]:
        """All that changed within one second, by their ids: what leaves it meanwhile shifts nothing."""
        query = {"filter[date_upd]": f"[{second},{second}]", "display": "[id,reference,date_upd]"}
        return list(self._by_id("orders", query))

    def _given_back(self, start: str) -> list[str]:
        """The references of orders with a slip since."""
        query = {"filter[date_upd]": f"[{start},{FOREVER}]", "display": "[id,id_order]"}
        ids = [row["id_order"] for row in self._by_id("order_slip", query)]
        found = self._api.rows_of("orders", "id", ids, {"display": "[id,reference]"}) if ids else []
        return [row["reference"] for row in found]

    def _by_id(self, resource: str, query: dict[str, str]) -> Iterator[Row]:
        last = 0
        while True:
            by_id = {"filter[id]": f"[{last + 1},{HIGHEST_ID}]", "sort": "[id_ASC]"}
            rows = self._changes(resource, {**query, **by_id})
            yield from rows
            if len(rows) < LONGEST_PAGE:
                return
            last = int(rows[-1]["id"])

    def _changes(self, resource: str, query: dict[str, str]) -> list[Row]:
        return self._api.rows(resource, {**query, "date": "1", "limit": f"0,{LONGEST_PAGE}"})

    def _new(self, references: Sequence[str], given: Seen) -> tuple[Order, ...]:
        return tuple(one for one in self._told(self._whole(references)) if given.is_new(one))

    def _whole(self, references: Sequence[str]) -> list[list[Row]]:
        """The orders of each basket, in the order asked for: a part that did not change belongs to it too."""
        wanted = list(dict.fromkeys(references))
        baskets: dict[str, list[Row]] = {reference: [] for reference in wanted}
        for row in self._api.rows_of("orders", "reference", wanted, {"display": FIELDS}):
            baskets.setdefault(row["reference"], []).append(row)
        return [parts for parts in baskets.values() if parts]

    def _told(self, baskets: Sequence[Sequence[Row]]) -> list[Order]:
        ids = [row["id"] for parts in baskets for row in parts]
        rules = self._by_order("order_cart_rules", ids)
        slips = self._by_order("order_slip", ids)
        self._learn([rule["id_cart_rule"] for of in rules.values() for rule in of])
        known = wire.Known(
            self._api.currencies(),
            self._states or self._read_states(),
            self._codes,
            self._api.zone,
            datetime.now(UTC),
            self._pseudonym,
        )
        orders = []
        for parts in baskets:
            carried = [rule for part in parts for rule in rules.get(part["id"], [])]
            back = [slip for part in parts for slip in slips.get(part["id"], [])]
            try:
                orders.append(wire.order(parts, carried, back, known))
            except wire.Unreadable:
                log.warning("order_unreadable", order_id=parts[0].get("reference"))
        return orders

    def _by_order(self, resource: str, ids: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._api.rows_of(resource, "id_order", ids, {}) if ids else []:
            found.setdefault(row["id_order"], []).append(row)
        return found

    def _learn(self, rule_ids: Sequence[str]) -> None:
        unknown = [id for id in dict.fromkeys(rule_ids) if id not in self._codes]
        if unknown:
            self._codes |= self._rules.codes_of(unknown)
            gone = [id for id in unknown if id not in self._codes]
            if gone:
                log.warning("cart_rules_deleted", cart_rules=len(gone))

    def _read_states(self) -> dict[str, OrderState]:
        return wire.states(self._api.rows("order_states", {"display": "full"}))

    def _moment(self, text: str) -> datetime:
        try:
            return wire.moment(text, self._api.zone, datetime.now(UTC))
        except wire.Unreadable:
            raise Fault("The shop does not tell when an order changed.", is_retryable=False) from None


def _next_second(text: str) -> str:
    return (datetime.fromisoformat(text) + SECOND).strftime(wire.TOLD)
