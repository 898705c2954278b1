"""What the retailer sets for Twitch."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class TwitchSettings(BaseModel):
    """One bot account on Twitch; any server that speaks Twitch's protocol may stand at the addresses.

    `client_id` may be left out: the token knows it. Without a refresh token the bot works as long as
    its token does. `keepalive_s` is asked of Twitch, which takes 10 to 600 seconds. `debounce_s` is how
    long a broadcast must be on or off before it is believed.
    """

    model_config = ConfigDict(extra="forbid")

    client_id: str = ""
    client_secret: SecretStr | None = None
    api_url: str = "https://api.twitch.tv/helix"
    id_url: str = "https://id.twitch.tv"
    eventsub_url: str = "wss://eventsub.wss.twitch.tv/ws"
    bot_token: SecretStr | None = None
    bot_refresh_token: SecretStr | None = None
    whispers: bool = False
    keepalive_s: int = Field(default=10, ge=1, le=600)
    debounce_s: float = Field(default=60.0, ge=0)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the bot's token must carry.

        Source: Twitch «Twitch Access Token Scopes» (read 2026-10).
        """
        needed = ("user:read:chat", "user:write:chat")
        return (*needed, "user:manage:whispers") if self.whispers else needed
