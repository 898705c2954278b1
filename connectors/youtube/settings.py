"""What the retailer sets for YouTube."""

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.youtube.ways import Read

API_URL = "https://youtube.googleapis.com"
STREAM_TARGET = "youtube.googleapis.com:443"


class YouTubeSettings(BaseModel):
    """One Google project and the account that writes; any server with the API may stand at the addresses.

    `login_port` is where `bateleur login youtube` waits for the browser. The keys and issuer addresses are
    for viewers who sign in on the claim page, the authorize address for them and the login. `daily_units` is
    the project's quota, `least_poll_s` the least time between two looks at the chat. `stream_target` is where
    gRPC is served, without TLS on this machine or when written `http://…`.
    """

    model_config = ConfigDict(extra="forbid")

    client_id: str = ""
    client_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    api_url: str = API_URL
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    login_port: int = Field(default=8765, ge=0, le=65_535)
    authorize_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    keys_url: str = "https://www.googleapis.com/oauth2/v3/certs"
    issuer: str = "https://accounts.google.com"
    read: Read = Read.AUTO
    stream_target: str = STREAM_TARGET
    daily_units: int = Field(default=10_000, ge=100)
    least_poll_s: float = Field(default=2.0, ge=0.05)

    @property
    def grpc_target(self) -> str | None:
        """Where gRPC is, if anywhere: a token of another server is not shown to Google's."""
        is_elsewhere = self.api_url.rstrip("/") != API_URL and self.stream_target == STREAM_TARGET
        return None if is_elsewhere else self.stream_target
