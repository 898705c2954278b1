"""A page of the demo on which a newcomer chats along, and sees what their purchase becomes."""

import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from jinja2 import Environment, PackageLoader

from bot.demo.chats import YOU, Chats
from domain.plaintext import one_line
from standins.loopback import Loopback
from store.database import Database

LINES = 200
LONGEST = 300
PAGES = Environment(loader=PackageLoader("bot.demo", "pages"), autoescape=True)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as the page shows it. `kind`: `crowd`, `you`, `bot` or `shop`."""

    number: int
    kind: str
    who: str
    text: str


class ChatPage(Loopback):
    """Serves the page. `hear` gives it each line of the evening; `links` are shown on top, by name."""

    def __init__(self, chats: Chats, database: Database, live: int, told: Callable[[str, str], None]) -> None:
        super().__init__()
        self.url = ""
        self.links: dict[str, str] = {}
        self._chats = chats
        self._database = database
        self._live = live
        self._told = told
        self._numbers = itertools.count(1)
        self._lines: deque[Line] = deque(maxlen=LINES)

    def app(self) -> web.Application:
        """The page, its news, and where one writes."""
        app = web.Application()
        app.router.add_get("/", self._page)
        app.router.add_get("/news", self._news)
        app.router.add_post("/say", self._say)
        return app

    def addressed(self, place: str) -> None:
        """The page's address."""
        self.url = f"http://{place}"

    def hear(self, who: str, text: str) -> None:
        """A line of the evening; told on to whoever else listens."""
        kind = "bot" if who.startswith("Bateleur") else "shop" if who == "The shop" else "crowd"
        self._add("you" if who == YOU.name else kind, who, text)
        self._told(who, text)

    async def _page(self, request: web.Request) -> web.Response:
        page = PAGES.get_template("chat.html").render(links=self.links, longest=LONGEST)
        return web.Response(text=page, content_type="text/html")

    async def _news(self, request: web.Request) -> web.Response:
        after = request.query.get("after", "")
        since = int(after) if after.isdecimal() else 0
        lines = [[one.number, one.kind, one.who, one.text] for one in self._lines if one.number > since]
        return web.json_response({"lines": lines, "bought": self._bought()})

    async def _say(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            return web.json_response({"why": "JSON only."}, status=415)
        told: dict[str, Any] = await request.json()
        text = one_line(str(told.get("text", ""))).strip()[:LONGEST]
        if text:
            await self._chats.write(YOU, text)
            self.hear(YOU.name, text)
        return web.json_response({})

    def _bought(self) -> list[str]:
        """What the newcomer's own orders have become, as Bateleur has them."""
        with self._database.unit(read_only=True) as unit:
            lines = unit.redemptions.list(self._live)
        return [
            f"Order {line.redemption.order_id}: {line.redemption.state.value}, {line.verdict.value}"
            for line in lines
            if line.grant is not None and line.grant.viewer_id == YOU.id
        ]

    def _add(self, kind: str, who: str, text: str) -> None:
        self._lines.append(Line(next(self._numbers), kind, one_line(who), one_line(text)))
