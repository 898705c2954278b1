"""Lists in pages of up to a hundred, with the totals in headers."""

from collections import Counter
from collections.abc import Callable, Sequence
from math import ceil
from typing import Any, TypeVar

from aiohttp import web

from standins.woocommerce.auth import problem
from standins.woocommerce.frames import only

LONGEST_PAGE = 100
T = TypeVar("T")


def page(
    request: web.Request, found: Sequence[T], shown: Callable[[T], dict[str, Any]], violations: Counter[str]
) -> web.Response:
    """The page that the query asks for."""
    size = int(request.query.get("per_page", "10"))
    if not 1 <= size <= LONGEST_PAGE:
        violations["per_page"] += 1
        return problem("rest_invalid_param", "Invalid parameter(s): per_page", 400)
    start = (int(request.query.get("page", "1")) - 1) * size
    fields = request.query.get("_fields", "")
    totals = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(ceil(len(found) / size))}
    body = [only(shown(one), fields) for one in found[start : start + size]]
    return web.json_response(body, headers=totals)
