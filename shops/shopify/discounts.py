"""Our codes in Shopify: one discount for each offer, which carries all its codes.

Source: Shopify's schema of 2026-10: `discountRedeemCodeBulkAdd` takes 250 codes and works on them later; a
code is unique in the shop, whatever its case, and one that is taken fails alone. A change may not be repeated
blindly, so that what is in doubt is looked up.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer
from shops.shopify import queries, wire
from shops.shopify.admin import Admin
from shops.shopify.jobs import UNKNOWN, Job, Jobs

MOST_CODES = 250
LOOKED_UP_AT_ONCE = 100
JOBS_AT_ONCE = 4
SKEW = timedelta(minutes=10)
FOREIGN = "The shop has a discount of its own with this code."
SENTENCES = {
    "TAKEN": FOREIGN,
    "END_DATE_BEFORE_START_DATE": "Shopify does not take the offer: it would end before it begins.",
    "MAX_APP_DISCOUNTS": "Shopify takes no more discounts: delete old ones in the shop.",
    "VALUE_OUTSIDE_RANGE": "Shopify does not take the offer: its discount is out of range.",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A discount in the shop: whose it is, and when it works. One of another kind has no tags."""

    id: str
    tags: tuple[str, ...]
    is_over: bool
    starts_at: datetime | None
    ends_at: datetime | None

    def is_of(self, offer: ShopOffer) -> bool:
        """Whether we made it for that offer."""
        return offer.name in self.tags

    def ends(self, until: datetime) -> bool:
        """Whether it works until then, as Shopify keeps times."""
        return not self.is_over and self.ends_at == wire.moment(wire.time_text(until))


class Discounts:
    """The discounts of a shop."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._jobs = Jobs(admin)

    def create(
        self, offer: ShopOffer, codes: Sequence[str], variant_ids: Sequence[str]
    ) -> Iterator[list[CodeMade]]:
        """Put the codes in the shop: the first with its discount, the others 250 at a time."""
        waiting = deque(dict.fromkeys(codes))
        found = self._tagged(offer)
        if found is not None:
            self._end_with(found, offer)
            there, waiting = self._there(found, waiting)
            yield there
        while found is None and waiting:
            code = waiting.popleft()
            known = self._known([code]).get(code) or self._begin(offer, code, variant_ids)
            if known.is_of(offer):
                found = known
                self._end_with(found, offer)
            yield [CodeMade(code, found.id) if found else CodeMade(code, None, FOREIGN)]
        if found is not None:
            yield from self._add(found, list(waiting))

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """Move the end, and the start with it, for the live may be opened before its time: one call for all
        codes of a discount. One that the staff has ended stays so."""
        start = wire.start(offer, datetime.now(UTC))
        for id, some in _by_discount(codes).items():
            found = self._update(id, {"startsAt": start, "endsAt": wire.time_text(until)})
            if found is not None and found.ends(until):
                yield some

    def end(self, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """End the discounts, twice over: switched off, and their end in the past. One that is gone has
        ended."""
        for id, some in _by_discount(codes).items():
            if self._is_ended(id):
                yield some

    def _tagged(self, offer: ShopOffer) -> Found | None:
        search = f"tag:{wire.quoted(offer.name)}"
        nodes = self._admin.ask(queries.OURS, search=search)["discountNodes"]["nodes"]
        ours = [one for one in (_found(node) for node in nodes) if one.is_of(offer)]
        return min(ours, key=lambda one: int(one.id), default=None)

    def _there(self, found: Found, codes: deque[str]) -> tuple[list[CodeMade], deque[str]]:
        """Of the next codes, which an interrupted run may have brought: those that are there; and the
        rest."""
        known = self._known(list(codes)[:LOOKED_UP_AT_ONCE])
        there = [_told(code, known[code], found) for code in codes if code in known]
        return there, deque(code for code in codes if code not in known)

    def _known(self, codes: Sequence[str]) -> dict[str, Found]:
        """The discounts that carry these codes, by code."""
        known: dict[str, Found] = {}
        for start in range(0, len(codes), LOOKED_UP_AT_ONCE):
            some = codes[start : start + LOOKED_UP_AT_ONCE]
            given = {f"c{n}": code for n, code in enumerate(some)}
            told = self._admin.ask(queries.by_codes(len(some)), **given)
            known |= {code: _found(told[name]) for name, code in given.items() if told.get(name)}
        return known

    def _begin(self, offer: ShopOffer, code: str, variant_ids: Sequence[str]) -> Found:
        """The new discount, or the one that came between with this code."""
        given = wire.discount_input(offer, code, variant_ids, datetime.now(UTC))
        told = self._admin.change(queries.CREATE, input=given)["discountCodeBasicCreate"]
        if told["codeDiscountNode"] and not told["userErrors"]:
            return _found(told["codeDiscountNode"])
        if "TAKEN" in _words(told) and (known := self._known([code]).get(code)):
            return known
        raise _refused(told)

    def _end_with(self, found: Found, offer: ShopOffer) -> None:
        """Make the end of what was there that of now."""
        if found.ends(offer.until):
            return
        moved = self._update(found.id, {"endsAt": wire.time_text(offer.until)})
        if moved is None or not moved.ends(offer.until):
            raise Fault(
                "The shop has the offer's discount already, and does not move its end.", is_retryable=True
            )

    def _add(self, found: Found, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """Some parts are worked on by Shopify while others are sent. What it failed with is to be tried
        again."""
        under_way, told = deque[Job](), 0
        for start in range(0, len(codes), MOST_CODES):
            under_way.append(self._sent(found, codes[start : start + MOST_CODES]))
            while len(under_way) == JOBS_AT_ONCE or (under_way and start + MOST_CODES >= len(codes)):
                part = self._outcome(found, under_way.popleft())
                told += len(part)
                yield part
        if told < len(codes):
            raise Fault(
                sentence("Shopify failed to add {count} codes.", count=len(codes) - told), is_retryable=True
            )

    def _sent(self, found: Found, codes: Sequence[str]) -> Job:
        id = wire.gid("DiscountCodeNode", found.id)
        told = self._admin.change(queries.ADD, id=id, codes=[{"code": code} for code in codes])
        added = told["discountRedeemCodeBulkAdd"]
        if added["userErrors"] or not added["bulkCreation"]:
            raise _refused(added)
        return self._jobs.begun(added["bulkCreation"]["id"], codes)

    def _outcome(self, found: Found, job: Job) -> list[CodeMade]:
        """What became of each code, as far as Shopify tells. Those that are taken may be ours, from a run
        that was broken off."""
        wrong = self._jobs.wrong_ones(job)
        words = {code: wrong.get(code.casefold(), "") for code in job.codes}
        known = self._known([code for code, word in words.items() if word in ("TAKEN", UNKNOWN)])
        return [
            _told(code, known[code], found) if code in known else _made(code, word, found)
            for code, word in words.items()
            if code in known or word not in (UNKNOWN, "INTERNAL_ERROR")
        ]

    def _update(self, id: str, change: Mapping[str, Any]) -> Found | None:
        """The discount as it is now, None when it is gone."""
        told = self._admin.ask(queries.UPDATE, id=wire.gid("DiscountCodeNode", id), input=dict(change))
        updated = told["discountCodeBasicUpdate"]
        if updated["codeDiscountNode"] and not updated["userErrors"]:
            return _found(updated["codeDiscountNode"])
        if self._read(id) is None:
            return None
        raise _refused(updated)

    def _read(self, id: str) -> Found | None:
        node = self._admin.ask(queries.DISCOUNT, id=wire.gid("DiscountCodeNode", id))["node"]
        return _found(node) if node else None

    def _is_ended(self, id: str) -> bool:
        past = datetime.now(UTC) - SKEW
        found = self._read(id)
        if found is None or _is_past(found, past + SKEW):
            return True
        self._admin.ask(queries.DEACTIVATE, id=wire.gid("DiscountCodeNode", id))
        change = {"endsAt": wire.time_text(past)}
        if found.starts_at is None or found.starts_at >= past:
            change["startsAt"] = wire.time_text(past - timedelta(seconds=1))
        ended = self._update(id, change)
        return ended is None or _is_past(ended, past + SKEW)


def _by_discount(codes: Sequence[ShopCode]) -> dict[str, list[ShopCode]]:
    carried: dict[str, list[ShopCode]] = {}
    for code in codes:
        carried.setdefault(code.shop_id, []).append(code)
    return carried


def _found(node: Mapping[str, Any]) -> Found:
    about = node.get("codeDiscount") or node.get("discount") or {}
    starts, ends = about.get("startsAt"), about.get("endsAt")
    return Found(
        id=wire.number_of(node["id"]),
        tags=tuple(about.get("tags") or ()),
        is_over=about.get("status") == "EXPIRED",
        starts_at=wire.moment(starts) if starts else None,
        ends_at=wire.moment(ends) if ends else None,
    )


def _is_past(found: Found, now: datetime) -> bool:
    return found.is_over and found.ends_at is not None and found.ends_at <= now


def _told(code: str, known: Found, found: Found) -> CodeMade:
    return CodeMade(code, found.id) if known.id == found.id else CodeMade(code, None, FOREIGN)


def _made(code: str, wrong: str, found: Found) -> CodeMade:
    if not wrong:
        return CodeMade(code, found.id)
    return CodeMade(code, None, SENTENCES.get(wrong, f"Shopify does not take the code ({wrong})."))


def _words(told: Mapping[str, Any]) -> list[str]:
    return [str(error.get("code") or "INVALID") for error in told["userErrors"]]


def _refused(told: Mapping[str, Any]) -> Fault:
    """Why a change was not taken: Shopify's word for it, never its sentence, which may name a code."""
    word = next(iter(_words(told)), sentence("without saying why"))
    why = SENTENCES.get(word) or sentence("Shopify does not take the offer ({word}).", word=word)
    return Fault(why, is_retryable=word == "INTERNAL_ERROR")
