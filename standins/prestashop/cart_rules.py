"""Cart rules over the shop's coupons. `quantity` is what is left of a rule, never what it began with.

Source: PrestaShop `CartRule`, `WebserviceRequest::saveEntityFromXml` (read): a field that a POST or a PUT
leaves out is emptied, a PATCH touches only what it is given; nothing looks whether a code is taken.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import cast

from standins.prestashop.faults import Faults
from standins.prestashop.frames import Field, Row, Wrong
from standins.shop.model import Coupon, ShopModel

FIELDS = (
    "id_customer",
    "date_from",
    "date_to",
    "description",
    "quantity",
    "quantity_per_user",
    "priority",
    "partial_use",
    "code",
    "minimum_amount",
    "minimum_amount_tax",
    "minimum_amount_currency",
    "minimum_amount_shipping",
    "country_restriction",
    "carrier_restriction",
    "group_restriction",
    "cart_rule_restriction",
    "product_restriction",
    "shop_restriction",
    "free_shipping",
    "reduction_percent",
    "reduction_amount",
    "reduction_tax",
    "reduction_currency",
    "reduction_product",
    "reduction_exclude_special",
    "gift_product",
    "gift_product_attribute",
    "highlight",
    "active",
    "date_add",
    "date_upd",
    "name",
)
TEXTS = frozenset({"description", "code"})
REQUIRED = ("date_from", "date_to")
TOLD = "%Y-%m-%d %H:%M:%S"


class CartRules:
    """The cart rules of a shop in the time zone `zone`."""

    def __init__(self, model: ShopModel, zone: tzinfo, violations: Counter[str], faults: Faults) -> None:
        self._model = model
        self._zone = zone
        self._violations = violations
        self._faults = faults

    def rows(self) -> list[Row]:
        """All of them, by id."""
        return [self.row(coupon) for _, coupon in sorted(self._model.coupons.items())]

    def row(self, coupon: Coupon) -> Row:
        """One, with all its fields; one that the staff made has what the model tells of it."""
        kept = cast(Row, {name: value for name, value in coupon.extra.items() if name in FIELDS})
        ends, starts = coupon.ends_at or datetime(2099, 1, 1, tzinfo=self._zone), coupon.starts_at
        row: Row = {"id": str(coupon.id), **dict.fromkeys(FIELDS, "0")}
        row |= {"description": "", "name": {"1": coupon.code, "2": coupon.code}, "quantity_per_user": "1"}
        row |= {"reduction_percent": str(coupon.percent or 0), "date_add": self.local(self._model.now())}
        row |= {"reduction_amount": f"{(coupon.amount or 0) / 100:.6f}", **kept}
        row |= {"code": coupon.code, "active": str(int(coupon.is_on)), "quantity": str(left(coupon))}
        row |= {"date_from": self.local(starts or self._model.now()), "date_to": self.local(ends)}
        return row

    def local(self, moment: datetime) -> str:
        """A time by the shop's clock, without a zone."""
        return moment.astimezone(self._zone).strftime(TOLD)

    def create(self, entities: Sequence[Row]) -> list[Row]:
        """POST: what comes before one that is wrong is saved."""
        if any(entity.get("id") for entity in entities):
            raise Wrong(400, 91, "id is forbidden when adding a new resource")
        made = []
        for number, entity in enumerate(entities):
            self._stop(number)
            _validate(entity)
            coupon = self._model.add_coupon(str(entity.get("code", "")))
            self._apply(coupon, _emptied(entity))
            made.append(self.row(coupon))
        return made

    def put(self, entities: Sequence[Row]) -> list[Row]:
        """PUT: the whole object, whatever was left out being emptied."""
        _check_ids(entities)
        for happening in self._faults.before_put[:1]:
            self._faults.before_put.remove(happening)
            happening()
        for number, entity in enumerate(entities):
            self._stop(number)
            coupon = self._known(entity)
            if not set(FIELDS) <= set(entity):
                self._violations["put_with_missing_fields"] += 1
            _validate(entity)
            if _number(entity.get("quantity", "")) > left(coupon):
                self._violations["quantity_refilled"] += 1
            self._apply(coupon, _emptied(entity))
        return [self.row(self._known(entity)) for entity in entities]

    def patch(self, entities: Sequence[Row]) -> list[Row]:
        """PATCH: the given fields alone."""
        _check_ids(entities)
        for number, entity in enumerate(entities):
            self._stop(number)
            coupon = self._known(entity)
            if "quantity" in entity and _number(entity["quantity"]) > left(coupon):
                self._violations["quantity_refilled"] += 1
            self._apply(coupon, self.row(coupon) | entity)
        return [self.row(self._known(entity)) for entity in entities]

    def _stop(self, number: int) -> None:
        if self._faults.stops_after is not None and number >= self._faults.stops_after:
            self._faults.stops_after = None
            raise Wrong(500, 2, "[PHP Warning #2] Maximum execution time exceeded")

    def _known(self, entity: Row) -> Coupon:
        coupon = self._model.coupons.get(int(str(entity["id"])))
        if coupon is None:
            raise Wrong(404, 92, "Invalid ID")
        return coupon

    def _apply(self, coupon: Coupon, row: Row) -> None:
        percent, amount = _number(row["reduction_percent"]), _number(row["reduction_amount"])
        coupon.percent = percent or None
        coupon.amount = round(amount * 100) if amount and not percent else None
        coupon.starts_at, coupon.ends_at = self._moment(row["date_from"]), self._moment(row["date_to"])
        coupon.usage_limit = coupon.used + int(_number(row["quantity"]))
        coupon.is_on = row["active"] == "1"
        product = int(_number(row["reduction_product"]))
        coupon.skus = tuple(item.sku for item in self._model.items.values() if item.id == product)
        coupon.extra = {name: row[name] for name in FIELDS}

    def _moment(self, text: Field) -> datetime:
        return datetime.fromisoformat(str(text)).replace(tzinfo=self._zone)


def left(coupon: Coupon) -> int:
    """How often a coupon may still be used."""
    return max(0, (10**6 if coupon.usage_limit is None else coupon.usage_limit) - coupon.used)


def _emptied(entity: Row) -> Row:
    return {name: entity.get(name, "" if name in TEXTS else "0") for name in FIELDS}


def _validate(entity: Row) -> None:
    for name in REQUIRED:
        if not entity.get(name):
            raise Wrong(400, 41, f'parameter "{name}" required')
    names = entity.get("name")
    if not (names and all(names.values() if isinstance(names, dict) else [names])):
        raise Wrong(400, 84, 'Validation error: "CartRule->name is empty"')
    if "<" in str(entity.get("code", "")):
        raise Wrong(400, 85, 'Validation error: "Property CartRule->code is not valid"')


def _check_ids(entities: Sequence[Row]) -> None:
    ids = [entity["id"] for entity in entities if entity.get("id")]
    if len(set(map(str, ids))) != len(ids):
        raise Wrong(400, 89, "id is duplicate in request")
    if len(ids) != len(entities):
        raise Wrong(400, 90, "id is required when modifying a resource")


def _number(field: Field) -> float:
    return float(str(field) or 0)
