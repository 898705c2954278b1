"""Logging the bot in by device code: a person types a short code on Twitch's page.

Source: Twitch «Getting OAuth Access Tokens», device code grant flow (read 2026-10).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from connectors.twitch.id_server import DeviceCode, Identity, IdServer, TokenPair
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.settings import TwitchSettings
from domain.errors import ActionRequired, Fault

SLOWER_S = 5.0


class Login:
    """One login. `device` says what to type where; `finish` waits until it is done."""

    def __init__(self, ids: IdServer, device: DeviceCode) -> None:
        self.device = device
        self._ids = ids

    async def finish(self) -> tuple[TokenPair, Identity]:
        """The tokens and whose they are; raises `ActionRequired` when it must be begun again."""
        interval_s = self.device.interval_s
        ends_at = time.monotonic() + self.device.expires_in_s
        while time.monotonic() < ends_at:
            await asyncio.sleep(interval_s)
            try:
                pair = await self._ids.poll_device(self.device)
                return pair, await self._ids.validate(pair.access)
            except Answered as error:
                interval_s += _slower_s(error)
            except (Unreached, Unclear):
                continue
        raise ActionRequired("The code was not typed in time: run `bateleur login twitch` again.")


@asynccontextmanager
async def begin_login(settings: TwitchSettings) -> AsyncIterator[Login]:
    """Ask Twitch for a code; raises `ActionRequired` or `Fault`."""
    if not settings.client_id:
        raise ActionRequired(
            "To log in, register an application on dev.twitch.tv/console (client type: public) "
            "and set BATELEUR_TWITCH__CLIENT_ID."
        )
    async with aiohttp.ClientSession() as session:
        ids = IdServer(session, settings)
        try:
            device = await ids.start_device()
        except Answered as error:
            raise ActionRequired(
                f"Twitch does not log this application in ({error.message}): "
                "check BATELEUR_TWITCH__CLIENT_ID."
            ) from None
        except (Unreached, Unclear, KeyError, ValueError) as error:
            raise Fault(f"Twitch's id server: {error}.", is_retryable=True) from None
        yield Login(ids, device)


def _slower_s(error: Answered) -> float:
    """How much slower to ask; raises when asking again is of no use."""
    message = error.message.lower()
    if "authorization_pending" in message:
        return 0.0
    if "slow_down" in message or error.is_passing:
        return SLOWER_S
    raise ActionRequired(f"Twitch ended the login ({error.message}): run `bateleur login twitch` again.")
