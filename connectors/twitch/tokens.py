"""The bot's token: checked, renewed, and written down before it is used."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import structlog

from connectors.twitch.id_server import Identity, IdServer, TokenPair
from connectors.twitch.outcome import Answered, Unclear, Unreached
from connectors.twitch.settings import TwitchSettings
from domain.errors import ActionRequired, Fault
from domain.sentences import sentence

SaveToken = Callable[[TokenPair], Awaitable[None]]
LOG_IN = sentence("run `bateleur login twitch`, or set BATELEUR_TWITCH__BOT_TOKEN")
log = structlog.get_logger()


async def save_nowhere(pair: TokenPair) -> None:
    """For an account whose tokens nobody keeps."""


class Tokens:
    """One account's token pair, kept for as long as the program runs.

    `ids` is set before the first call; after `check` the identity is known.
    """

    def __init__(
        self, settings: TwitchSettings, save: SaveToken = save_nowhere, refused_s: float = 30.0
    ) -> None:
        self._settings = settings
        self._save = save
        self._refused_s = refused_s
        self._pair = TokenPair(
            settings.bot_token.get_secret_value() if settings.bot_token else "",
            settings.bot_refresh_token.get_secret_value() if settings.bot_refresh_token else None,
        )
        self._unsaved: TokenPair | None = None
        self._lock = asyncio.Lock()
        self._refusal: tuple[float, str] | None = None
        self.identity: Identity | None = None
        self.ids: IdServer | None = None

    @property
    def access(self) -> str:
        """The token to use now. A secret."""
        return self._pair.access

    @property
    def _server(self) -> IdServer:
        if self.ids is None:
            raise Fault("The Twitch account is not connected.", is_retryable=True)
        return self.ids

    @property
    def client_id(self) -> str:
        """The client id that goes with the token: the token's own, whatever the settings say."""
        known = self.identity.client_id if self.identity else ""
        return known or self._settings.client_id

    async def check(self) -> Identity:
        """Whose the token is; renews it when it has expired.

        Raises `ActionRequired` when a person must log in again or grant a scope, `Fault` when the id
        server cannot say.
        """
        if not self._pair.access and not self._pair.refresh:
            raise ActionRequired(sentence("Twitch needs the bot's token: {mend}.", mend=LOG_IN))
        async with self._lock:
            identity = await self._validated() or await self._renewed()
        self._accept(identity)
        return identity

    async def recover(self, used: str, message: str) -> None:
        """Make the token good again after Twitch answered 401 to `used`; raises as `check` does."""
        async with self._lock:
            if self._pair.access != used:
                return
            identity = await self._validated()
            is_blamed = "token" in message.lower() and "invalid" in message.lower()
            if identity is None or (is_blamed and self._pair.refresh and self.client_id):
                identity = await self._renewed()
        self._accept(identity)

    async def _validated(self) -> Identity | None:
        """Whose the token is; None when Twitch no longer knows it."""
        if not self._pair.access:
            return None
        self._raise_known_refusal()
        try:
            return await self._server.validate(self._pair.access)
        except Answered as error:
            if error.status in (400, 401):
                return None
            raise Fault(
                sentence("Twitch's id server answered {error}.", error=error), is_retryable=True
            ) from None
        except (Unreached, Unclear) as error:
            raise Fault(sentence("Twitch's id server: {error}.", error=error), is_retryable=True) from None

    async def _renewed(self) -> Identity:
        if self._unsaved is None:
            self._unsaved = await self._next_pair()
        await self._keep(self._unsaved)
        self._pair, self._unsaved = self._unsaved, None
        log.info("twitch_token_renewed")
        identity = await self._validated()
        if identity is None:
            raise self._refuse(sentence("Twitch refuses the token it has just renewed"))
        return identity

    async def _next_pair(self) -> TokenPair:
        if not self._pair.refresh:
            why = sentence("Twitch no longer takes the bot's token, and there is no refresh token")
            raise self._refuse(why)
        if not self.client_id:
            raise ActionRequired("To renew the bot's token, set BATELEUR_TWITCH__CLIENT_ID.")
        try:
            return await self._server.refresh(self._pair.refresh, self.client_id)
        except Answered as error:
            if error.status in (400, 401, 403):
                why = sentence("Twitch does not renew the bot's token ({error})", error=error.message)
                raise self._refuse(why) from None
            raise Fault(
                sentence("Twitch's id server answered {error}.", error=error), is_retryable=True
            ) from None
        except (Unreached, Unclear) as error:
            raise Fault(sentence("Twitch's id server: {error}.", error=error), is_retryable=True) from None

    async def _keep(self, pair: TokenPair) -> None:
        """A refresh token is good for one use: a pair that is not written down is not used."""
        try:
            await self._save(pair)
        except Exception as error:
            why = sentence("The renewed Twitch token could not be kept ({kind}).", kind=type(error).__name__)
            raise Fault(why, is_retryable=True) from error

    def _accept(self, identity: Identity) -> None:
        if not identity.user_id:
            raise ActionRequired(
                sentence("The Twitch token belongs to no user, so it cannot chat: {mend}.", mend=LOG_IN)
            )
        given = identity.scopes
        missing = [] if given is None else [scope for scope in self._settings.scopes if scope not in given]
        if missing:
            raise ActionRequired(
                sentence(
                    "The Twitch token lacks {missing}: {mend} with these scopes.",
                    missing=" and ".join(missing),
                    mend=LOG_IN,
                )
            )
        self.identity = identity

    def _refuse(self, why: str) -> ActionRequired:
        refusal = sentence("{why}: {mend}.", why=why, mend=LOG_IN)
        self._refusal = (time.monotonic() + self._refused_s, refusal)
        return ActionRequired(refusal)

    def _raise_known_refusal(self) -> None:
        """A refused token is not shown to Twitch again at once, however many calls need it."""
        if self._refusal and time.monotonic() < self._refusal[0]:
            raise ActionRequired(self._refusal[1])
        self._refusal = None
