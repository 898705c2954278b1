"""Our codes as cart rules: one each, several in a call, each looked at afterwards.

Nothing in PrestaShop keeps a code from being there twice, so all the shop's rules are listed first. They are
listed by their ids, and not looked up by code: addresses end up in logs, and codes are secrets.
A write that fails in the middle has saved what came before: what is there is read back, never assumed.

`quantity` is what is left of a code. A PATCH (PrestaShop 8 and later) leaves it alone. Before 8 only the
whole object can be written: it is read in the instant before, a code that is used up is left as it is, and a
code for one order that was used just then is emptied again.
"""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer
from shops.http import Answer
from shops.prestashop import wire
from shops.prestashop.api import AT_ONCE, Api

LARGEST_BATCH = AT_ONCE
SMALLEST_BATCH = 5
LISTED_AT_ONCE = 500
HIGHEST_ID = 4_294_967_295  # cart_rule.id_cart_rule is an unsigned int
LONGEST_PAUSE_S = 1.0
MOST_REFUSALS = 3
DAY = timedelta(days=1)
STAND = "[id,code,quantity,active,date_to]"
FOREIGN = "The shop has a cart rule of that code that is not of this offer."
_REST = re.compile(r"-\d{1,2}$")
T = TypeVar("T")
Rules = Mapping[str, str | Mapping[str, str]]


class CartRules:
    """The cart rules of a shop. After a failed write the next ones are smaller, until they go well again."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._size = LARGEST_BATCH
        self._can_patch = True

    def create(self, offer: ShopOffer, codes: Sequence[str], product_id: str) -> Iterator[list[CodeMade]]:
        """Make those that are not there; of those that are, the end is seen to."""
        listing = Listing(self._api, offer.name)
        listing.read_on()
        there = [ShopCode(code, id) for code in dict.fromkeys(codes) if (id := listing.id_of(code))]
        end = wire.local(offer.until, self._api.zone)
        standing = [CodeMade(one.code, one.shop_id) for one in there if listing.ends[one.shop_id] == end]
        if standing:
            yield standing
        others = [one for one in there if listing.ends[one.shop_id] != end]
        for moved in self.extend(offer, others, offer.until):
            yield [CodeMade(one.code, one.shop_id) for one in moved]
        rules = self._rules(offer, product_id)
        missing = [code for code in dict.fromkeys(codes) if listing.id_of(code) is None]
        for batch in self._paced(missing):
            yield self._made(batch, listing, rules)

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """Move ends; those that the shop has with the new end are confirmed, and those that are used up."""
        begin = wire.local(_begin(offer), self._api.zone)
        end = wire.local(until, self._api.zone)
        for batch in self._paced(codes):
            stand = self._stand(batch)
            alive = [
                one for one in batch if _is(one, stand.get(one.shop_id)) and not _used(stand[one.shop_id])
            ]
            self._change(_ids(alive), {"date_from": begin, "date_to": end}, is_single=offer.uses == 1)
            after = self._stand(alive)
            moved = {id for id, row in after.items() if row["date_to"] == end}
            used = {id for id, row in stand.items() if _used(row)}
            yield [one for one in batch if one.shop_id in moved | used]

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """Switch them off, with their end in the past; those that the staff has deleted are ended too.

        What a voucher with partial use left behind under our mark, or a broken creation twice, ends as well.
        """
        changes = {"active": "0", "date_to": wire.local(datetime.now(UTC) - DAY, self._api.zone)}
        asked = {one.shop_id for one in codes}
        for batch in self._paced([*codes, *self._strays(offer, codes)]):
            there = self._stand(batch)
            self._change([id for id in _ids(batch) if id in there], changes)
            after = self._stand(batch)
            done = [one for one in batch if after.get(one.shop_id, {}).get("active", "0") == "0"]
            yield [one for one in done if one.shop_id in asked]

    def can_patch(self) -> bool:
        """Whether the shop and the key's rights know PATCH; tried on a rule that cannot be."""
        answer = self._api.write("PATCH", "cart_rules", wire.document("cart_rule", [{"id": "0"}]))
        return answer.status != 405

    def codes_of(self, ids: Sequence[str]) -> dict[str, str]:
        """Codes by the ids of their cart rules; empty for a promotion that has none."""
        rows = self._api.rows_of("cart_rules", "id", ids, {"display": "[id,code]"})
        return {row["id"]: row["code"] for row in rows}

    def _rules(self, offer: ShopOffer, product_id: str) -> Rules:
        amount = offer.discount.amount
        return wire.cart_rule(
            offer,
            languages=self._api.languages(),
            currency_id=self._api.currency_id(amount.currency if amount else self._api.currency),
            product_id=product_id,
            starts_at=_begin(offer),
            zone=self._api.zone,
        )

    def _made(self, codes: Sequence[str], listing: "Listing", rules: Rules) -> list[CodeMade]:
        told = [CodeMade(code, None, FOREIGN) for code in codes if code.casefold() in listing.foreign]
        pending = [code for code in codes if code.casefold() not in listing.foreign]
        refusals = 0
        while pending:
            entities = [{"code": code, **rules} for code in pending]
            answer = self._write("POST", wire.document("cart_rule", entities))
            listing.read_on()
            told += [CodeMade(code, id) for code in pending if (id := listing.id_of(code))]
            pending = [code for code in pending if listing.id_of(code) is None]
            if pending:
                refusals += 1
                self._check_refused(answer, refusals)
                why = sentence("PrestaShop does not take the code ({word}).", word=self._api.word(answer))
                told.append(CodeMade(pending.pop(0), None, why))
        return told

    def _check_refused(self, answer: Answer, refusals: int) -> None:
        """One code may be refused for itself; not all of them, nor without a word."""
        if answer.status < 400:
            raise Fault("The shop took codes that it does not have.", is_retryable=True)
        if refusals > MOST_REFUSALS:
            why = sentence("PrestaShop does not take our codes ({word}).", word=self._api.word(answer))
            raise Fault(why, is_retryable=False)

    def _change(self, ids: Sequence[str], changes: Mapping[str, str], *, is_single: bool = False) -> None:
        if not ids:
            return
        if self._can_patch:
            entities = [{"id": id, **changes} for id in ids]
            answer = self._write("PATCH", wire.document("cart_rule", entities))
            if answer.status != 405:
                self._api.taken(answer)
                return
            self._can_patch = False
        self._put(ids, changes, is_single)

    def _put(self, ids: Sequence[str], changes: Mapping[str, str], is_single: bool) -> None:
        whole = self._api.elements("cart_rules", {"filter[id]": f"[{'|'.join(ids)}]"})
        for entity in whole:
            for field, value in changes.items():
                wire.put_field(entity, field, value)
        self._api.taken(self._write("PUT", wire.wrapped(whole)))
        if is_single:
            used = {row["id_cart_rule"] for row in self._orders_with(ids)}
            refilled = [
                one for one in whole if one.findtext("id") in used and one.findtext("quantity") != "0"
            ]
            for entity in refilled:
                wire.put_field(entity, "quantity", "0")
            if refilled:
                self._api.taken(self._write("PUT", wire.wrapped(refilled)))

    def _orders_with(self, ids: Sequence[str]) -> list[dict[str, str]]:
        return self._api.rows_of("order_cart_rules", "id_cart_rule", ids, {"display": "[id,id_cart_rule]"})

    def _write(self, method: str, body: bytes) -> Answer:
        try:
            answer = self._api.write(method, "cart_rules", body)
        except Fault:
            self._size = max(SMALLEST_BATCH, self._size // 2)
            raise
        self._size = min(LARGEST_BATCH, self._size * 2)
        return answer

    def _stand(self, codes: Sequence[ShopCode]) -> dict[str, dict[str, str]]:
        rows = self._api.rows_of("cart_rules", "id", _ids(codes), {"display": STAND})
        return {row["id"]: row for row in rows}

    def _strays(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> list[ShopCode]:
        ours, ids = {one.code.casefold() for one in codes}, {one.shop_id for one in codes}
        listing = Listing(self._api, offer.name, {"filter[description]": f"[{offer.name}]"})
        listing.read_on()
        return [
            ShopCode(code, id)
            for id, code in listing.marked
            if id not in ids and (code.casefold() in ours or _REST.sub("", code).casefold() in ours)
        ]

    def _paced(self, things: Sequence[T]) -> Iterator[Sequence[T]]:
        """Some at a time, and after each as long a pause as it took: half of the shop stays with its
        customers."""
        start = 0
        while start < len(things):
            some = things[start : start + self._size]
            start += len(some)
            began = time.monotonic()
            yield some
            time.sleep(min(time.monotonic() - began, LONGEST_PAUSE_S))


class Listing:
    """The shop's cart rules: `ours` (ids by code) bear the offer's name, `foreign` are other codes.

    `ends` are those of ours by id, by the shop's clock, as they were when they were listed.

    Read on from the last id known, so that what was just made is seen; `narrowed` asks for some only.
    """

    def __init__(self, api: Api, mark: str, narrowed: Mapping[str, str] | None = None) -> None:
        self.ours: dict[str, str] = {}
        self.ends: dict[str, str] = {}
        self.foreign: set[str] = set()
        self.marked: list[tuple[str, str]] = []
        self._api = api
        self._mark = mark
        self._narrowed = narrowed or {}
        self._last = 0

    def id_of(self, code: str) -> str | None:
        """The id of a code of ours, in whatever case."""
        return self.ours.get(code.casefold())

    def read_on(self) -> None:
        """Read what is new."""
        while True:
            query = {"filter[id]": f"[{self._last + 1},{HIGHEST_ID}]", "sort": "[id_ASC]"}
            paged = {"display": "[id,code,description,date_to]", "limit": f"0,{LISTED_AT_ONCE}"}
            rows = self._api.rows("cart_rules", {**self._narrowed, **query, **paged})
            for row in rows:
                self._take(row)
            if len(rows) < LISTED_AT_ONCE:
                return

    def _take(self, row: Mapping[str, str]) -> None:
        id, code = row["id"], row["code"]
        self._last = max(self._last, int(id))
        if not code:
            return
        if row["description"] == self._mark:
            self.ours.setdefault(code.casefold(), id)
            self.ends[id] = row["date_to"]
            self.marked.append((id, code))
        else:
            self.foreign.add(code.casefold())


def _ids(codes: Sequence[ShopCode]) -> list[str]:
    return list(dict.fromkeys(code.shop_id for code in codes if code.shop_id.isdecimal()))


def _is(code: ShopCode, row: Mapping[str, str] | None) -> bool:
    return row is not None and row["code"].casefold() == code.code.casefold()


def _used(row: Mapping[str, str]) -> bool:
    return row["quantity"] == "0"


def _begin(offer: ShopOffer) -> datetime:
    return offer.starts_at or datetime.now(UTC) - DAY
