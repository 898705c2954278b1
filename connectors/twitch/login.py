"""Logging the bot in by device code: a person types a short code on Twitch's page.

Source: Twitch «Getting OAuth Access Tokens», device code grant flow (read 2026-10).
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from connectors.logins import LoggedIn, Login
from connectors.twitch.id_server import DeviceCode, IdServer
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.settings import TwitchSettings
from domain.errors import ActionRequired, Fault
from domain.ports import Memory

SLOWER_S = 5.0


class TwitchLogin:
    """One login. `finish` waits until the code was typed."""

    def __init__(self, ids: IdServer, device: DeviceCode, scopes: tuple[str, ...]) -> None:
        self._ids = ids
        self._device = device
        self._scopes = scopes

    @property
    def prompt(self) -> str:
        """What to type where."""
        return f"Open {self._device.verification_uri} and type {self._device.user_code}"

    async def finish(self) -> LoggedIn:
        """The bot and its tokens; raises `ActionRequired` when it must be begun again."""
        interval_s = self._device.interval_s
        ends_at = time.monotonic() + self._device.expires_in_s
        while time.monotonic() < ends_at:
            await asyncio.sleep(interval_s)
            try:
                pair = await self._ids.poll_device(self._device)
                identity = await self._ids.validate(pair.access)
                return LoggedIn(identity.login, pair.access, pair.refresh, self._scopes)
            except Answered as error:
                interval_s += _slower_s(error)
            except (Unreached, Unclear):
                continue
        raise ActionRequired("The code was not typed in time: run `bateleur login twitch` again.")


@asynccontextmanager
async def begin_login(settings: TwitchSettings, _: Memory) -> AsyncIterator[Login]:
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
        yield TwitchLogin(ids, device, tuple(settings.scopes))


def _slower_s(error: Answered) -> float:
    """How much slower to ask; raises when asking again is of no use."""
    message = error.message.lower()
    if "authorization_pending" in message:
        return 0.0
    if "slow_down" in message or error.is_passing:
        return SLOWER_S
    raise ActionRequired(f"Twitch ended the login ({error.message}): run `bateleur login twitch` again.")
