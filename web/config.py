"""What the pages are given when the program is composed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from domain.people import UserRole


@dataclass(frozen=True, slots=True)
class SignIn:
    """One platform that viewers sign in with (OpenID Connect). `platform` is that of the chat, `mark` its
    sign as an SVG path in a square of 24.

    Where the identity's subject is not the chat author's id, `identity_url` lists the viewer's own channel.
    """

    platform: str
    label: str
    client_id: str
    client_secret: str = field(repr=False)
    authorize_url: str
    token_url: str
    keys_url: str
    issuer: str
    scope: str = "openid"
    identity_url: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who signs the console's users in (OpenID Connect, by discovery), besides a password.

    `claim` is compared with the login. `role` is given to whoever is not a user yet; None refuses them.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    claim: str
    role: UserRole | None


@dataclass(frozen=True, slots=True)
class ConsoleConfig:
    """`root` is how a browser reaches us, without a slash at the end; empty: as it happens to.

    `opens_by_itself`: whoever comes from this very machine is signed in as an owner; for the demo alone.
    """

    root: str
    secret_key: str = field(repr=False)
    language: str
    timezone: str
    provider: Provider | None = None
    opens_by_itself: bool = False


@dataclass(frozen=True, slots=True)
class WebConfig:
    """`public_url` is how the world reaches us, without a slash at the end.

    `shop_link` opens the shop with a code applied, `{code}` standing for it; empty: no link is shown.
    `private` names the platforms, by their own name, that bring a code by private message.
    """

    public_url: str
    secret_key: str = field(repr=False)
    shop_link: str = ""
    sign_ins: tuple[SignIn, ...] = ()
    private: Mapping[str, str] = field(default_factory=dict)
