"""What the pages are given when the program is composed."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SignIn:
    """One platform that viewers sign in with (OpenID Connect). `platform` is that of the chat.

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


@dataclass(frozen=True, slots=True)
class WebConfig:
    """`public_url` is how the world reaches us, without a slash at the end.

    `shop_link` opens the shop with a code applied, `{code}` standing for it; empty: no link is shown.
    """

    public_url: str
    secret_key: str = field(repr=False)
    shop_link: str = ""
    sign_ins: tuple[SignIn, ...] = ()
