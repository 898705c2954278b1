"""Where a stand-in shop may send its webhooks: takes them, or answers as told."""

from aiohttp import web

from standins.loopback import Loopback


class Hooks(Loopback):
    """`caught` are (headers, body) in the order they came; `status` is what they are answered with."""

    def __init__(self) -> None:
        super().__init__()
        self.caught: list[tuple[dict[str, str], bytes]] = []
        self.status = 202
        self.url = ""

    def app(self) -> web.Application:
        """One address."""
        app = web.Application()
        app.router.add_post("/hooks/shop", self._take)
        return app

    def addressed(self, place: str) -> None:
        """The address to give to the shop."""
        self.url = f"http://{place}/hooks/shop"

    async def _take(self, request: web.Request) -> web.Response:
        self.caught.append((dict(request.headers), await request.read()))
        return web.Response(status=self.status)
