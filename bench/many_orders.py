"""A shop with any number of orders: just enough of WooCommerce's REST v3 to read them as they changed.

python -m bench.many_orders COUNT BEGAN PORT
"""

import argparse
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web

from standins.shop.model import Item, Line, PlacedOrder
from standins.woocommerce import frames

PER_SECOND = 5
ITEM = Item(7, "QC-ULTRA", "Casque QC Ultra", 39_990)
ZONE = ZoneInfo("Europe/Paris")


def order(number: int, began: datetime) -> PlacedOrder:
    """The order of that number; five changed in each second."""
    at = began + timedelta(seconds=number // PER_SECOND)
    code = f"BENCH{number:06}" if number % 5 == 0 else "LIVE20" if number % 10 == 1 else "summer"
    email, lines = f"{number}@example.com", [Line(ITEM, 1)]
    return PlacedOrder(10_000 + number, lines, [code], {code: 7_998}, email, "EUR", at, at)


class ManyOrders:
    """`GET orders` by their time of change, as WooCommerce tells them; each is made when it is asked for."""

    def __init__(self, count: int, began: datetime) -> None:
        self._count = count
        self._began = began

    async def listed(self, request: web.Request) -> web.Response:
        """The page that the query asks for."""
        query = request.query
        after = frames.read_time(query["modified_after"], ZoneInfo("UTC"))
        first = max(0, (int((after - self._began).total_seconds()) + 1) * PER_SECOND)
        size = int(query["per_page"])
        start = first + (int(query["page"]) - 1) * size
        found = [order(number, self._began) for number in range(start, min(start + size, self._count))]
        body = [frames.only(frames.order(one, "", ZONE), query["_fields"]) for one in found]
        return web.json_response(body, headers={"X-WP-Total": str(max(0, self._count - first))})


def main() -> None:
    """Serve on loopback until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int)
    parser.add_argument("began", type=datetime.fromisoformat)
    parser.add_argument("port", type=int)
    given = parser.parse_args()
    app = web.Application()
    app.router.add_get("/wp-json/wc/v3/orders", ManyOrders(given.count, given.began).listed)
    web.run_app(app, host="127.0.0.1", port=given.port, print=None)


if __name__ == "__main__":
    main()
