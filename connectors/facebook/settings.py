"""What the retailer sets for Facebook."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class Read(StrEnum):
    """How comments come first: looked for, told by the Page's webhook, or pushed in a stream."""

    POLL = "poll"
    WEBHOOK = "webhook"
    STREAM = "stream"


class FacebookSettings(BaseModel):
    """One Page; any server that speaks the Graph API may stand at the address.

    `moderators` are ids of people who may give orders, for Facebook tells no roles; others pair with
    `bateleur pair facebook`. `verify_token` is the word that Facebook repeats when it asks whose webhook
    address it was given. `poll_s` is the time between two looks at the comments, `status_s` at the
    broadcast. `read` webhook or stream: comments are looked at less often, as long as what is pushed misses
    none. A stream that is silent for `silence_s` is taken for dead.
    """

    model_config = ConfigDict(extra="forbid")

    page_id: str = ""
    page_token: SecretStr | None = None
    app_secret: SecretStr | None = None
    graph_url: str = "https://graph.facebook.com/v26.0"
    read: Read = Read.POLL
    stream_url: str = "https://streaming-graph.facebook.com"
    verify_token: SecretStr | None = None
    moderators: tuple[str, ...] = ()
    poll_s: float = Field(default=2.0, ge=0.05, le=60)
    status_s: float = Field(default=20.0, ge=0.05, le=300)
    silence_s: float = Field(default=60.0, ge=0.05, le=600)
