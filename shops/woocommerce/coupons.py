"""Our codes as coupons: made, moved and ended a hundred at a time, each answer looked at.

Source: WooCommerce REST v3 `coupons/batch`: at most 100 items, HTTP 200 even when some failed.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer
from shops.woocommerce import wire
from shops.woocommerce.api import Api

LARGEST_BATCH = 100
SMALLEST_BATCH = 10
LONG_AGO = timedelta(days=1)
TAKEN = "woocommerce_rest_coupon_code_already_exists"
FOREIGN = "The shop has a coupon of that code that is not of this offer."
STUCK = "The shop has the code already, and does not move its end."
T = TypeVar("T")


class Coupons:
    """The coupons of a shop. A batch that fails is followed by smaller ones, until they go well again."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._size = LARGEST_BATCH

    def create(
        self, offer: ShopOffer, codes: Sequence[str], product_ids: list[int]
    ) -> Iterator[list[CodeMade]]:
        """Make those that are not there; a listing of the offer's own tells which are."""
        rules = wire.coupon_rules(offer, product_ids, self._api.zone())
        ours = self._ours(offer.name)
        for some in self._batches([code for code in codes if code.casefold() in ours]):
            yield self._adopted(offer, {code: ours[code.casefold()] for code in some})
        for some in self._batches([code for code in codes if code.casefold() not in ours]):
            yield self._made(offer, some, rules)

    def extend(self, codes: Sequence[ShopCode], until: datetime) -> Iterator[list[ShopCode]]:
        """Move ends; those that the shop tells back with the new end are confirmed."""
        for some in self._batches(codes):
            items = self._moved(some, until)
            yield [code for code, item in zip(some, items, strict=True) if _ends(item, until, code)]

    def end(self, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """Put ends into the past; a coupon that the staff has deleted is ended too."""
        past = datetime.now(UTC) - LONG_AGO
        for some in self._batches(codes):
            items = self._moved(some, past)
            yield [
                code for code, item in zip(some, items, strict=True) if _ends(item, past) or _is_gone(item)
            ]

    def _batches(self, things: Sequence[T]) -> Iterator[Sequence[T]]:
        start = 0
        while start < len(things):
            some = things[start : start + self._size]
            start += len(some)
            yield some

    def _batch(self, name: str, items: list[dict[str, Any]], *, is_safe: bool) -> list[dict[str, Any]]:
        try:
            body = self._api.taken(self._api.write("POST", "/coupons/batch", {name: items}, is_safe=is_safe))
        except Fault:
            self._size = max(SMALLEST_BATCH, self._size // 2)
            raise
        self._size = min(LARGEST_BATCH, self._size * 2)
        told = self._api.rows(body.get(name) if isinstance(body, dict) else None)
        if len(told) != len(items):
            raise Fault("The shop does not tell of each code what became of it.", is_retryable=True)
        return told

    def _moved(self, codes: Sequence[ShopCode], until: datetime) -> list[dict[str, Any]]:
        end = wire.write_end(until, self._api.zone())
        items = [{"id": int(code.shop_id), "date_expires": end} for code in codes]
        return self._batch("update", items, is_safe=True)

    def _made(self, offer: ShopOffer, codes: Sequence[str], rules: dict[str, Any]) -> list[CodeMade]:
        items = self._batch("create", [{"code": code, **rules} for code in codes], is_safe=False)
        if any(not _word(item) and not _ends(item, offer.until) for item in items):
            why = (
                "The shop gives codes another end than we asked for: is its time zone "
                "BATELEUR_SHOP__TIMEZONE?"
            )
            raise ActionRequired(why)
        told = dict(zip(codes, items, strict=True))
        there = {code: self._known(code) for code, item in told.items() if _word(item) == TAKEN}
        ours = {code: known for code, known in there.items() if known and wire.is_of(known, offer.name)}
        new = [_told(code, item) for code, item in told.items() if code not in ours]
        return new + self._adopted(offer, ours)

    def _adopted(self, offer: ShopOffer, there: dict[str, dict[str, Any]]) -> list[CodeMade]:
        """Codes of ours that are in the shop already, of a time before; their end is made that of now."""
        ids = {code: str(coupon["id"]) for code, coupon in there.items()}
        late = [ShopCode(code, ids[code]) for code, coupon in there.items() if not _ends(coupon, offer.until)]
        moved = zip(late, self._moved(late, offer.until), strict=True) if late else ()
        stuck = {code.code for code, item in moved if not _ends(item, offer.until, code)}
        return [CodeMade(code, None, STUCK) if code in stuck else CodeMade(code, ids[code]) for code in ids]

    def _ours(self, offer_name: str) -> dict[str, dict[str, Any]]:
        """The offer's coupons, by their codes in lower case."""
        fields = "id,code,date_expires_gmt,description,meta_data"
        pages = self._api.pages("/coupons", search=offer_name, orderby="id", order="asc", _fields=fields)
        found = (coupon for page in pages for coupon in page)
        return {str(one["code"]).casefold(): one for one in found if wire.is_of(one, offer_name)}

    def _known(self, code: str) -> dict[str, Any] | None:
        """The coupon of a code that is taken. The code goes in the body, for addresses end up in logs."""
        as_read = {"X-HTTP-Method-Override": "GET"}
        answer = self._api.write("POST", "/coupons", {"code": code}, is_safe=True, headers=as_read)
        body = answer.json()
        found = self._api.rows(body) if answer.status < 400 and isinstance(body, list) else []
        return next((one for one in found if str(one.get("code")).casefold() == code.casefold()), None)


def _ends(item: dict[str, Any], until: datetime, code: ShopCode | None = None) -> bool:
    is_same = code is None or str(item.get("code", "")).casefold() == code.code.casefold()
    return is_same and item.get("date_expires_gmt") == wire.write_gmt(until)


def _word(item: dict[str, Any]) -> str:
    """The shop's word for what went wrong with an item; empty when nothing did."""
    return str((item.get("error") or {}).get("code", ""))


def _is_gone(item: dict[str, Any]) -> bool:
    return _word(item).endswith("_invalid_id")


def _told(code: str, item: dict[str, Any]) -> CodeMade:
    word = _word(item)
    if not word and item.get("id"):
        return CodeMade(code, str(item["id"]))
    why = (
        FOREIGN
        if word == TAKEN
        else sentence("The shop does not take the code ({word}).", word=word or sentence("no id"))
    )
    return CodeMade(code, None, why)
