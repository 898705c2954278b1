"""What PrestaShop keeps of orders: references, the cart rules on them, slips, customers' numbers.

Source: PrestaShop `PaymentModule`, `OrderSlip`, `OrderCartRule` (read): a slip does not move its order's time
of change, and a voucher with partial use that is worth more than its basket leaves a copy called `CODE-2`.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from standins.prestashop.cart_rules import left
from standins.prestashop.frames import Row
from standins.shop.model import GONE, Line, NotAccepted, PlacedOrder, ShopModel

STATES = {"placed": "2", "cancelled": "6", "refunded": "7"}
TEMPLATES = {
    "1": "cheque",
    "2": "payment",
    "3": "preparation",
    "4": "shipped",
    "5": "",
    "6": "order_canceled",
    "7": "refund",
    "8": "payment_error",
}


@dataclass(slots=True)
class RuleOfOrder:
    """A cart rule on an order; `value` in minor units."""

    id: int
    order_id: int
    coupon_id: int
    code: str
    value: int
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Slip:
    """An amount given back, in minor units."""

    id: int
    order_id: int
    amount: int
    at: datetime


class Book:
    """Listens to the model. `splits`: a basket becomes two orders with one reference. `states` are the
    shop's own ids of the states."""

    def __init__(self, model: ShopModel, local: Callable[[datetime], str]) -> None:
        self.splits = False
        self.states = dict(STATES)
        self.templates = dict(TEMPLATES)
        self.rules: list[RuleOfOrder] = []
        self.slips: list[Slip] = []
        self._model = model
        self._local = local
        self._references: dict[int, str] = {}
        self._customers: dict[str, int] = {}
        self._changed: dict[int, datetime] = {}
        self._ids = itertools.count(1)
        self._twins = itertools.count(900_001)
        model.told.append(self._note)

    def buy(self, codes: list[str], email: str, sku: str, quantity: int = 1) -> str:
        """A basket becomes an order, or two: its reference. Raises `NotAccepted`."""
        for code in codes:
            self._check_customer(code, email)
        order = self._model.check_out(codes, email, sku, quantity)
        if self.splits:
            self._split(order)
        return self.reference(order)

    def reference(self, order: PlacedOrder) -> str:
        """Nine letters, equal for the orders of one basket."""
        if order.id not in self._references:
            left, letters = order.id, ""
            for _ in range(9):
                left, letter = divmod(left, 26)
                letters += chr(ord("A") + letter)
            self._references[order.id] = letters
        return self._references[order.id]

    def of(self, reference: str) -> list[PlacedOrder]:
        """The orders of a basket."""
        return [one for one in self._model.orders.values() if self.reference(one) == reference]

    def orders(self) -> list[Row]:
        """The resource `orders`."""
        return [self._order(order) for _, order in sorted(self._model.orders.items())]

    def cart_rules(self) -> list[Row]:
        """The resource `order_cart_rules`: there is no code in it."""
        return [
            {
                "id": str(one.id),
                "id_order": str(one.order_id),
                "id_cart_rule": str(one.coupon_id),
                "id_order_invoice": "0",
                "name": "The evening",
                "value": f"{one.value / 100:.6f}",
                "value_tax_excl": f"{one.value / 120:.6f}",
                "free_shipping": "0",
                "deleted": str(int(one.is_deleted)),
            }
            for one in self.rules
        ]

    def order_slips(self) -> list[Row]:
        """The resource `order_slip`."""
        return [self._slip(one) for one in self.slips]

    def order_states(self) -> list[Row]:
        """The resource `order_states`; staff and languages name them as they like, not their templates."""
        return [
            {"id": id, "name": {"1": f"État {id}", "2": f"State {id}"}, "template": {"1": word, "2": word}}
            for id, word in self.templates.items()
        ]

    def _slip(self, slip: Slip) -> Row:
        at = self._local(slip.at)
        return {
            "id": str(slip.id),
            "id_order": str(slip.order_id),
            "amount": f"{slip.amount / 120:.6f}",
            "shipping_cost_amount": "0.000000",
            "total_products_tax_incl": f"{slip.amount / 100:.6f}",
            "total_shipping_tax_incl": "0.000000",
            "date_add": at,
            "date_upd": at,
        }

    def _order(self, order: PlacedOrder) -> Row:
        off = sum(order.discounts.values())
        return {
            "id": str(order.id),
            "reference": self.reference(order),
            "id_currency": "1",
            "id_customer": str(self._customer(order.email)),
            "current_state": self.states[order.status],
            "valid": str(int(order.status == "placed")),
            "total_discounts_tax_incl": f"{off / 100:.6f}",
            "total_paid_tax_incl": f"{order.total / 100:.6f}",
            "total_paid": f"{order.total / 100:.6f}",
            "date_add": self._local(order.ordered_at),
            "date_upd": self._local(order.changed_at),
        }

    def _customer(self, email: str) -> int:
        return self._customers.setdefault(email.casefold(), 1001 + len(self._customers))

    def _check_customer(self, code: str, email: str) -> None:
        coupon = self._model.coupon(code)
        orders = [one for one in self._model.orders.values() if one.email.casefold() == email.casefold()]
        uses = sum(code.casefold() in [used.casefold() for used in order.codes] for order in orders)
        if coupon is not None and uses >= int(str(coupon.extra.get("quantity_per_user", "1"))):
            raise NotAccepted("used")

    def _split(self, order: PlacedOrder) -> None:
        """Half of the pieces go into an order of their own, and so does half of each discount."""
        [line] = order.lines
        half = {code: value // 2 for code, value in order.discounts.items()}
        pieces = line.quantity // 2
        twin = replace(order, id=next(self._twins), lines=[Line(line.item, pieces)], discounts=half)
        self._references[twin.id] = self.reference(order)
        line.quantity -= pieces
        order.discounts = {code: value - half[code] for code, value in order.discounts.items()}
        for rule in [one for one in self.rules if one.order_id == order.id]:
            rule.value = order.discounts[rule.code]
        self._model.orders[twin.id] = twin
        self._enter(twin)

    def _note(self, event: str, order: PlacedOrder) -> None:
        if event == GONE:
            self.rules = [one for one in self.rules if one.order_id != order.id]
            return
        if event == "created":
            self._enter(order)
            self._leave_rests(order)
        known = [slip for slip in self.slips if slip.order_id == order.id]
        if len(order.refunds) > len(known):
            for amount in order.refunds[len(known) :]:
                self.slips.append(Slip(next(self._ids), order.id, amount, self._model.now()))
            if order.status == "placed":
                order.changed_at = self._changed[order.id]
        self._changed[order.id] = order.changed_at
        for rule in self.rules:
            if rule.order_id == order.id and rule.code not in order.codes:
                rule.is_deleted = True

    def _enter(self, order: PlacedOrder) -> None:
        for code, value in order.discounts.items():
            coupon = self._model.coupon(code)
            if coupon is not None and value:
                self.rules.append(RuleOfOrder(next(self._ids), order.id, coupon.id, code, value))

    def _leave_rests(self, order: PlacedOrder) -> None:
        for code, value in order.discounts.items():
            coupon = self._model.coupon(code)
            if coupon is None or coupon.extra.get("partial_use") != "1" or (coupon.amount or 0) <= value:
                continue
            rest = self._model.add_coupon(f"{code}-2", amount=(coupon.amount or 0) - value, usage_limit=1)
            rest.starts_at, rest.ends_at = coupon.starts_at, coupon.ends_at
            rest.extra = {**coupon.extra, "reduction_amount": f"{(rest.amount or 0) / 100:.6f}"}
            assert left(rest) == 1
