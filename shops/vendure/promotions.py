"""Codes as promotions of Vendure's: one each, many in a request.

Measured on 3.7.3 (SQLite in memory, two cores): one a request 120 a second; 25 or 50 a request 250 to 300 a
second; 150 a request no more, or half of that. Ending is one call for hundreds, 2000 a second and more.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from domain.errors import Fault
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer
from shops.vendure import queries, wire
from shops.vendure.admin import Admin

BATCH = 25  # a tenth of a second, for which a customer may have to wait
LARGEST_BODY = 50_000  # Vendure's server takes 100 kB, and fails with 500 above
LISTED_AT_ONCE = 500
LONGEST_PAUSE_S = 1.0
T = TypeVar("T")


def create(
    admin: Admin, offer: ShopOffer, codes: Sequence[str], variant_ids: Sequence[str], language: str
) -> Iterator[list[CodeMade]]:
    """Makes what is not there yet, and moves the end of what is. At last takes away what an earlier,
    interrupted run made twice."""
    made = _ours(admin, offer)
    found = {code.casefold(): ids[0] for code, ids in made.items()}
    told: dict[str, str] = {}
    size = _batch_size(wire.promotion(offer, "X" * 20, variant_ids, language))
    for batch in _gently(_batches(list(dict.fromkeys(codes)), size)):
        there = [ShopCode(code, found[code.casefold()]) for code in batch if code.casefold() in found]
        outcome = [
            CodeMade(code.code, code.shop_id)
            for part in extend(admin, offer, there, offer.until)
            for code in part
        ]
        missing = [code for code in batch if code.casefold() not in found]
        outcome += _create_batch(admin, offer, missing, variant_ids, language)
        told |= {one.code.casefold(): one.shop_id for one in outcome if one.shop_id}
        yield outcome
    _drop_repeats(admin, offer, told)


def extend(
    admin: Admin, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
) -> Iterator[list[ShopCode]]:
    """Moves their end; those that the shop's staff have deleted are left out."""
    for some in _batches(codes, LISTED_AT_ONCE):
        alive = _existing(admin, [code.shop_id for code in some])
        for batch in _gently(_batches([code for code in some if code.shop_id in alive], BATCH)):
            times = {"startsAt": wire.start(offer), "endsAt": until.isoformat()}
            inputs = [{"id": id, **times} for id in _ids(batch)]
            done = admin.ask(queries.update_promotions(len(inputs)), **_numbered(inputs))
            moved = {one.get("id") for one in done.values()}
            yield [code for code in batch if code.shop_id in moved]


def end(admin: Admin, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
    """Deletes them: Vendure keeps what orders say of them, and every cart of the shop is weighed against
    all promotions that are left (five thousand made each click 0.3 s slower)."""
    for batch in _batches(codes, LISTED_AT_ONCE):
        _delete(admin, sorted(_existing(admin, [code.shop_id for code in batch])))
        yield list(batch)


def _create_batch(
    admin: Admin, offer: ShopOffer, codes: Sequence[str], variant_ids: Sequence[str], language: str
) -> list[CodeMade]:
    if not codes:
        return []
    taken = _taken(admin, codes)
    refused = [
        CodeMade(code, None, "The shop has a promotion of its own with this code.")
        for code in codes
        if code.casefold() in taken
    ]
    free = [code for code in codes if code.casefold() not in taken]
    if not free:
        return refused
    inputs = [wire.promotion(offer, code, variant_ids, language) for code in free]
    done = admin.change(queries.create_promotions(len(inputs)), **_numbered(inputs))
    return refused + [_made(code, done[f"r{n}"]) for n, code in enumerate(free)]


def _made(code: str, answer: Mapping[str, Any]) -> CodeMade:
    if "id" in answer:
        return CodeMade(code, answer["id"])
    return CodeMade(code, None, f"Vendure refuses it: {answer.get('message')}")


def _ours(admin: Admin, offer: ShopOffer) -> dict[str, list[str]]:
    """Ids under the offer's name, by code, the oldest first."""
    ids: dict[str, list[str]] = {}
    for one in _list(admin, {"name": {"eq": offer.name}}):
        ids.setdefault(one["couponCode"].casefold(), []).append(one["id"])
    return ids


def _taken(admin: Admin, codes: Sequence[str]) -> set[str]:
    """Which codes other promotions have. Vendure takes the same code twice, and looks it up whatever its
    case; its lists compare exactly, so the usual spellings are asked for."""
    spellings = {spelt for code in codes for spelt in (code, code.lower(), code.upper(), code.capitalize())}
    found = _list(admin, {"couponCode": {"in": sorted(spellings)}})
    return {one["couponCode"].casefold() for one in found}


def _existing(admin: Admin, ids: Sequence[str]) -> set[str]:
    return {one["id"] for one in _list(admin, {"id": {"in": list(ids)}})}


def _ids(codes: Sequence[ShopCode]) -> list[str]:
    return list(dict.fromkeys(code.shop_id for code in codes))


def _list(admin: Admin, filter: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All that match. How many a page has is the shop's setting (`adminListQueryLimit`, 1000 at first)."""
    skip = 0
    while True:
        options = {"filter": filter, "sort": {"id": "ASC"}, "skip": skip}
        page = admin.ask(queries.PROMOTIONS, options=options)["promotions"]
        yield from page["items"]
        skip += len(page["items"])
        if not page["items"] or skip >= page["totalItems"]:
            return


def _drop_repeats(admin: Admin, offer: ShopOffer, told: Mapping[str, str]) -> None:
    """Deletes those of the offer whose code we have told under another id."""
    ours = _ours(admin, offer)
    repeats = [id for code, ids in ours.items() if code in told for id in ids if id != told[code]]
    for batch in _batches(repeats, LISTED_AT_ONCE):
        _delete(admin, batch)


def _delete(admin: Admin, ids: Sequence[str]) -> None:
    if not ids:
        return
    answers = admin.ask(queries.END, ids=list(ids))["deletePromotions"]
    kept = [answer for answer in answers if answer["result"] != "DELETED"]
    if kept:
        raise Fault(
            sentence(
                "Vendure does not delete {count} promotions: {why}", count=len(kept), why=kept[0]["message"]
            ),
            is_retryable=True,
        )


def _numbered(inputs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {f"i{n}": one for n, one in enumerate(inputs)}


def _batch_size(example: Mapping[str, Any]) -> int:
    return max(1, min(BATCH, LARGEST_BODY // len(json.dumps(example))))


def _batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _gently(batches: Iterable[Sequence[T]]) -> Iterator[Sequence[T]]:
    """The batches, and after each as long a pause as it took: half of the shop stays with its customers.

    So 170 a second are left of 280, and customers do not notice: five thousand take half a minute.
    """
    for batch in batches:
        began = time.monotonic()
        yield batch
        time.sleep(min(time.monotonic() - began, LONGEST_PAUSE_S))
