"""What the pages are given, worked out from the settings; loads nothing that serves them."""

from collections.abc import Iterator

from bot.settings import Settings
from domain.errors import ActionRequired
from web import marks
from web.config import ConsoleConfig, Provider, SignIn, WebConfig
from web.console.settings import OidcSettings


def web_config(settings: Settings) -> WebConfig | None:
    """What the pages need; None without a public address. Raises `ActionRequired` without a secret key."""
    if not settings.public_url:
        return None
    secret_key = settings.secret_key.get_secret_value()
    if not secret_key:
        why = "The claim page needs BATELEUR_SECRET_KEY, any long random text: it signs viewers' sessions."
        raise ActionRequired(why)
    return WebConfig(
        public_url=settings.public_url.rstrip("/"),
        secret_key=secret_key,
        shop_link=settings.shop_link,
        sign_ins=tuple(_sign_ins(settings)),
        private={"facebook": "Facebook"} if settings.facebook.page_token else {},
    )


def console_config(settings: Settings, *, opens_by_itself: bool = False) -> ConsoleConfig | None:
    """What the console needs; None without a secret key, which signs its sessions."""
    secret_key = settings.secret_key.get_secret_value()
    if not secret_key:
        return None
    return ConsoleConfig(
        root=settings.public_url.rstrip("/"),
        secret_key=secret_key,
        language=settings.locale.partition("-")[0],
        timezone=settings.timezone,
        provider=_provider(settings.oidc),
        opens_by_itself=opens_by_itself,
    )


def _provider(oidc: OidcSettings) -> Provider | None:
    if not oidc.issuer or not oidc.client_id:
        return None
    return Provider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret.get_secret_value() if oidc.client_secret else "",
        label=oidc.label,
        claim=oidc.claim,
        role=oidc.role,
    )


def _sign_ins(settings: Settings) -> Iterator[SignIn]:
    twitch = settings.twitch
    if twitch.client_id and twitch.client_secret is not None:
        root = twitch.id_url.rstrip("/") + "/oauth2"
        yield SignIn(
            platform="twitch",
            label="Twitch",
            client_id=twitch.client_id,
            client_secret=twitch.client_secret.get_secret_value(),
            authorize_url=f"{root}/authorize",
            token_url=f"{root}/token",
            keys_url=f"{root}/keys",
            issuer=root,
            mark=marks.TWITCH,
        )
    youtube = settings.youtube
    if youtube.client_id and youtube.client_secret is not None:
        yield SignIn(
            platform="youtube",
            label="Google (YouTube)",
            client_id=youtube.client_id,
            client_secret=youtube.client_secret.get_secret_value(),
            authorize_url=youtube.authorize_url,
            token_url=youtube.token_url,
            keys_url=youtube.keys_url,
            issuer=youtube.issuer,
            scope="openid profile https://www.googleapis.com/auth/youtube.readonly",
            identity_url=f"{youtube.api_url.rstrip('/')}/youtube/v3/channels?part=id&mine=true",
            mark=marks.YOUTUBE,
        )
