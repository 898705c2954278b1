"""Who may call: an access token that lasts, or one for a day against a client id and secret.

Source: Shopify «client credentials grant» (read 2026-11-26).
"""

import secrets
import time
from dataclasses import dataclass, field

from aiohttp import web

HEADER = "X-Shopify-Access-Token"


@dataclass(slots=True)
class App:
    """The app in the shop. `given` are the day's tokens with the time they end, by our monotonic clock."""

    client_id: str = "client-standin"
    client_secret: str = "shpss_standin"  # noqa: S105 - a stand-in's
    lasting_token: str = "shpat_standin"  # noqa: S105 - a stand-in's
    scopes: tuple[str, ...] = ("read_products", "read_orders", "write_discounts")
    lasts_s: float = 86_399
    given: dict[str, float] = field(default_factory=dict)

    def may_call(self, request: web.Request) -> bool:
        """Whether the token is one of the app's, and not over."""
        token = request.headers.get(HEADER, "")
        return token == self.lasting_token or self.given.get(token, 0.0) > time.monotonic()

    async def give(self, request: web.Request) -> web.Response:
        """A token for a day."""
        form = await request.post()
        if form.get("grant_type") != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return web.json_response({"error": "invalid_client"}, status=400)
        token = f"shpat_{secrets.token_hex(16)}"
        self.given[token] = time.monotonic() + self.lasts_s
        told = {"access_token": token, "scope": ",".join(self.scopes), "expires_in": int(self.lasts_s)}
        return web.json_response(told)
