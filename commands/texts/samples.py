"""The values each text may use, with samples to render it at start.

A unique code is in `code.private` alone, which is said to its viewer only.
"""

from collections.abc import Mapping

_PRODUCT = {"product": "Xbox Series X"}
_PRICE = {**_PRODUCT, "price": "499,99 €"}
_REDUCTION = {**_PRICE, "reference": "549,99 €", "percent": "9 %", "off": "50,00 €"}
_VIEWER = {"viewer": "ann"}

SAMPLES: Mapping[str, Mapping[str, str | int]] = {
    "code.before": {},
    "code.after": {},
    "code.none": {},
    "code.soon": {},
    "code.over": {},
    "code.hand": {},
    "code.exhausted": {},
    "code.shared": {"code": "LIVE20"},
    "code.kept": {},
    "code.kept_whisper": {},
    "code.kept_reply": {},
    "code.given": _VIEWER,
    "code.given_whisper": _VIEWER,
    "code.given_reply": _VIEWER,
    "code.given_shared": {**_VIEWER, "code": "LIVE20"},
    "code.private": {"live": "La grande soirée", "code": "LIVE-A2B3"},
    "code.viewer_unknown": _VIEWER,
    "price.plain": _PRICE,
    "price.reduced": _REDUCTION,
    "price.with_code": _REDUCTION,
    "price.out_of_stock": _PRICE,
    "search.unsure": {"products": "Xbox Series X, Xbox Series S"},
    "search.unknown": {},
    "search.nothing_on_screen": {},
    "link.link": {**_PRODUCT, "url": "https://shop.example/xbox"},
    "link.missing": _PRODUCT,
    "stock.left": {**_PRODUCT, "pieces": 12},
    "stock.out": _PRODUCT,
    "stock.untold": _PRODUCT,
    "help.viewers": {},
    "product.on_screen": _PRODUCT,
    "product.usage": {},
    "product.no_live": {},
    "drop.started": {"quantity": 50, "until": "21:30"},
    "drop.usage": {},
    "drop.too_few": {"left": 3},
    "drop.running": {},
    "drop.no_offer": {},
    "drop.not_open": {},
    "stop.drops": {},
    "stop.offers": {},
    "stop.nothing": {},
    "live.opened": {},
    "live.already_open": {},
    "live.closed": {},
    "live.not_open": {},
    "live.over": {},
    "live.none": {},
    "live.usage": {},
    "refused.moderator": {"reason": "the live is already open"},
}
