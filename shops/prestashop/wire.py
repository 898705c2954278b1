"""PrestaShop's XML to our words, and back. Pure. What tells a person ends here.

Source: PrestaShop webservice (devdocs 2024-03; `WebserviceRequest`, `CartRule`, `OrderSlip` read). Amounts
are decimals in major units; times are by the shop's clock and say no zone. The hour that comes twice in
autumn is read as the later one once that can be.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring

from babel.numbers import get_currency_precision
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from domain.money import Money
from domain.shop import CodeUse, Order, OrderState, ShopOffer, version_at
from domain.show import Product

Row = Mapping[str, str]
TOLD = "%Y-%m-%d %H:%M:%S"
HOUR = timedelta(hours=1)
SKEW = timedelta(minutes=5)
UNBOUND = 1_000_000
LONGEST_TEXT = 254
BY_TEMPLATE = {
    "order_canceled": OrderState.CANCELLED,
    "payment_error": OrderState.CANCELLED,
    "refund": OrderState.REFUNDED,
}
BY_ID = {"6": OrderState.CANCELLED, "7": OrderState.REFUNDED, "8": OrderState.CANCELLED}
_STEP = {OrderState.PLACED: 0, OrderState.CANCELLED: 500, OrderState.REFUNDED: 900}


class Unreadable(Exception):
    """The shop's answer does not look as documented."""


@dataclass(frozen=True, slots=True)
class Known:
    """What orders are read with: currencies' codes, states and cart rules' codes by their ids, the time."""

    currencies: Mapping[str, str]
    states: Mapping[str, OrderState]
    codes: Mapping[str, str]
    zone: tzinfo
    now: datetime
    pseudonym: Callable[[str], str]


def tree(body: bytes) -> Element:
    """The root of an answer. Raises `Unreadable`, for a web page too."""
    try:
        root: Element = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise Unreadable("no XML") from None
    if root.tag != "prestashop":
        raise Unreadable("no PrestaShop")
    return root


def elements(body: bytes) -> list[Element]:
    """The entities of a list. Raises `Unreadable`."""
    parents = list(tree(body))
    if len(parents) != 1 or parents[0].tag == "errors":
        raise Unreadable("no list")
    return list(parents[0])


def row(element: Element) -> dict[str, str]:
    """The fields of an entity; of several languages, the first that says something."""
    return {field.tag: _text(field) for field in element if field.tag != "associations"}


def _text(field: Element) -> str:
    told = [one.text.strip() for one in field.findall("language") if one.text and one.text.strip()]
    return told[0] if told else (field.text or "").strip()


def errors(body: bytes) -> list[tuple[str, str]]:
    """Codes and messages of what was refused. A message may hold what we sent: for our eyes only."""
    try:
        found = tree(body).iter("error")
    except Unreadable:
        return []
    return [(one.findtext("code") or "", one.findtext("message") or "") for one in found]


def rights(body: bytes) -> dict[str, set[str]]:
    """What a key may do, by resource, such as `get`. Raises `Unreadable`."""
    return {
        one.tag: {name for name, value in one.attrib.items() if value == "true"} for one in elements(body)
    }


def document(name: str, entities: Iterable[Mapping[str, str | Mapping[str, str]]]) -> bytes:
    """The body of a write; a field in several languages is language id → text."""
    root = Element("prestashop")
    for entity in entities:
        node = SubElement(root, name)
        for field, value in entity.items():
            child = SubElement(node, field)
            if isinstance(value, str):
                child.text = value
            else:
                for id, text in value.items():
                    SubElement(child, "language", {"id": id}).text = text
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def wrapped(entities: Iterable[Element]) -> bytes:
    """The body of a PUT of whole entities."""
    root = Element("prestashop")
    root.extend(entities)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def put_field(entity: Element, field: str, value: str) -> None:
    """Set one field of a whole entity."""
    node = entity.find(field)
    if node is None:
        node = SubElement(entity, field)
    node.text = value


def minor(text: object, currency: str) -> Money:
    """A written amount, rounded half up to a minor unit. Raises `Unreadable`."""
    try:
        amount = Decimal(str(text)).scaleb(get_currency_precision(currency))
        return Money(int(amount.quantize(Decimal(1), ROUND_HALF_UP)), currency)
    except (ArithmeticError, ValueError):
        raise Unreadable("amount") from None


def written(amount: Money) -> str:
    """An amount as the shop reads it: `50.00`."""
    digits = get_currency_precision(amount.currency)
    return f"{Decimal(amount.amount).scaleb(-digits):.{digits}f}"


def local(moment: datetime, zone: tzinfo) -> str:
    """A time by the shop's clock, to the second."""
    return moment.astimezone(zone).strftime(TOLD)


def moment(text: str, zone: tzinfo, now: datetime) -> datetime:
    """A time of the shop's, aware UTC. Raises `Unreadable`."""
    try:
        naive = datetime.strptime(text, TOLD)  # noqa: DTZ007 - the shop says no zone
    except (ValueError, TypeError):
        raise Unreadable("time") from None
    later = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return later if later <= now + SKEW else naive.replace(tzinfo=zone).astimezone(UTC)


def earliest(since: datetime, zone: tzinfo, now: datetime) -> str:
    """The least that the shop's clock can have shown since `since`: it may have been put back meanwhile."""
    then, current = since.astimezone(zone).utcoffset(), now.astimezone(zone).utcoffset()
    least = min(then or timedelta(0), current or timedelta(0))
    return (since.astimezone(UTC) + least).strftime(TOLD)


def states(rows: Iterable[Row]) -> dict[str, OrderState]:
    """States by their id, told apart by their mail's template, which staff and languages do not rename;
    by the ids of a fresh shop when no template is known."""
    found = {one["id"]: BY_TEMPLATE[word] for one in rows if (word := one.get("template", "")) in BY_TEMPLATE}
    return found or dict(BY_ID)


def product(found: Row, stock: Row | None, currency: str, root: str) -> Product:
    """A product with the price that customers pay. Raises `Unreadable`."""
    try:
        id, sku = found["id"], found["reference"]
        price = minor(found["p"], currency)
        left = int(stock["quantity"]) if stock else None
    except (KeyError, ValueError):
        raise Unreadable("product") from None
    if left is not None and left <= 0 and stock and stock.get("out_of_stock") == "1":
        left = None
    url = f"{root}/index.php?controller=product&id_product={id}"
    pieces = None if left is None else max(0, left)
    return Product(sku, found.get("name") or sku, price, stock=pieces, url=url)


def cart_rule(
    offer: ShopOffer,
    *,
    languages: Sequence[str],
    currency_id: str,
    product_id: str,
    starts_at: datetime,
    zone: tzinfo,
) -> dict[str, str | Mapping[str, str]]:
    """What every cart rule of the offer has, its code left out: all fields that must not be empty.

    `partial_use` 0: otherwise a voucher worth more than its basket leaves a copy that is not ours.
    """
    quantity = str(UNBOUND if offer.uses is None else offer.uses)
    discount = offer.discount
    title = (offer.title.strip() or offer.name)[:LONGEST_TEXT]
    return {
        "name": dict.fromkeys(languages, title),
        "description": offer.name,
        "date_from": local(starts_at, zone),
        "date_to": local(offer.until, zone),
        "quantity": quantity,
        "quantity_per_user": quantity,
        "priority": "1",
        "partial_use": "0",
        "minimum_amount": "0",
        "free_shipping": "0",
        "reduction_percent": str(discount.percent or 0),
        "reduction_amount": written(discount.amount) if discount.amount else "0",
        "reduction_tax": "1",
        "reduction_currency": currency_id,
        "reduction_product": product_id,
        "reduction_exclude_special": "0",
        "highlight": "0",
        "active": "1",
    }


def order(parts: Sequence[Row], rules: Sequence[Row], slips: Sequence[Row], known: Known) -> Order:
    """The orders of one basket as one, named by their reference. Raises `Unreadable`."""
    try:
        return _order(parts, rules, slips, known)
    except (KeyError, ValueError, TypeError):
        raise Unreadable("order") from None


def _order(parts: Sequence[Row], rules: Sequence[Row], slips: Sequence[Row], known: Known) -> Order:
    first = parts[0]
    currency = known.currencies[first["id_currency"]]
    total = sum(minor(part["total_paid_tax_incl"], currency).amount for part in parts)
    refunded = sum(_slip(slip, currency) for slip in slips)
    state = _state(parts, total, refunded, known.states)
    if state is OrderState.REFUNDED:
        refunded = max(refunded, total)
    customer = first.get("id_customer", "0")
    return Order(
        id=first["reference"],
        uses=_uses(rules, currency, known.codes),
        total=Money(total, currency),
        refunded=Money(refunded, currency),
        state=state,
        ordered_at=min(moment(part["date_add"], known.zone, known.now) for part in parts),
        version=_version([*parts, *slips], len(slips), state, known),
        customer=known.pseudonym(customer) if customer not in ("", "0") else None,
    )


def _slip(slip: Row, currency: str) -> int:
    """What a slip gives back, tax included; older shops tell it in `amount` alone."""
    told = (slip.get("total_products_tax_incl") or "0", slip.get("total_shipping_tax_incl") or "0")
    amount = sum(minor(one, currency).amount for one in told)
    rest = (slip.get("amount") or "0", slip.get("shipping_cost_amount") or "0")
    return amount or sum(minor(one, currency).amount for one in rest)


def _state(parts: Sequence[Row], total: int, refunded: int, states: Mapping[str, OrderState]) -> OrderState:
    """Of a basket in several orders: as long as one of them stands, it is placed."""
    found = [states.get(part["current_state"], OrderState.PLACED) for part in parts]
    if OrderState.PLACED not in found:
        return OrderState.REFUNDED if OrderState.REFUNDED in found else OrderState.CANCELLED
    return OrderState.REFUNDED if 0 < total <= refunded else OrderState.PLACED


def _uses(rules: Sequence[Row], currency: str, codes: Mapping[str, str]) -> tuple[CodeUse, ...]:
    """Rules without a code are the shop's own promotions; one that took nothing off was not used."""
    off: dict[str, int] = {}
    for rule in rules:
        code = codes.get(rule["id_cart_rule"], "")
        amount = minor(rule["value"], currency).amount
        if code and amount > 0 and rule.get("deleted", "0") != "1":
            off[code] = off.get(code, 0) + amount
    return tuple(CodeUse(code, Money(amount, currency)) for code, amount in off.items())


def _version(told: Sequence[Row], slips: int, state: OrderState, known: Known) -> int:
    """The last change, and within its second what cannot be undone."""
    changed = max(moment(one["date_upd"], known.zone, known.now) for one in told)
    return version_at(changed) + min(999, _STEP[state] + 10 * slips)
