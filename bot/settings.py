"""Every setting, from the environment or `.env`, prefix `BATELEUR_`, nested with `__`."""

import os
import re
from pathlib import Path
from zoneinfo import available_timezones

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from connectors.facebook.settings import FacebookSettings
from connectors.twitch.settings import TwitchSettings
from connectors.youtube.settings import YouTubeSettings
from domain.errors import ActionRequired
from shops.settings import ShopSettings
from web.console.settings import OidcSettings

PREFIX = "BATELEUR_"
ENV_FILE = Path(".env")
BEGUN = re.compile(rf"^\s*(?:export\s+)?({PREFIX}\w*)", re.MULTILINE)


class Settings(BaseSettings):
    """What the retailer may set; an unknown name is refused, so that a typing error is seen."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_file=ENV_FILE, env_ignore_empty=True, extra="forbid"
    )

    database_url: str = "sqlite:///bateleur.db"
    secret_key: SecretStr = SecretStr("")
    locale: str = "fr"
    timezone: str = "Europe/Paris"
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65_535)
    metrics_token: SecretStr | None = None
    shop_link: str = ""
    grace_minutes: int = Field(default=5, ge=0, le=60)
    keep_words_days: int = Field(default=30, ge=1, le=3650)
    keep_viewers_days: int = Field(default=60, ge=1, le=3650)
    texts: Path | None = None
    aliases: dict[str, str] = Field(default_factory=dict)
    twitch: TwitchSettings = Field(default_factory=TwitchSettings)
    youtube: YouTubeSettings = Field(default_factory=YouTubeSettings)
    facebook: FacebookSettings = Field(default_factory=FacebookSettings)
    shop: ShopSettings = Field(default_factory=ShopSettings)
    oidc: OidcSettings = Field(default_factory=OidcSettings)

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"«{name}» is no time zone, such as Europe/Paris")
        return name


def load_settings() -> Settings:
    """The settings in force; raises `ActionRequired` naming each setting that is wrong."""
    try:
        if unread := _unread():
            wrong = f"The file .env has lines that cannot be read: {', '.join(unread)}. Write NAME=value."
            raise ActionRequired(wrong)
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        wrong = f"These settings are wrong or unknown: {_names(error)}. See .env.example."
        raise ActionRequired(wrong) from None
    except UnicodeDecodeError:
        raise ActionRequired("The file .env is not UTF-8; save it again as UTF-8.") from None
    except OSError as error:
        raise ActionRequired(f"The file .env cannot be read: {error.strerror}.") from None
    unknown = [name for name in os.environ if _is_unknown(name)]
    if unknown:
        raise ActionRequired(f"These settings are unknown: {', '.join(sorted(unknown))}. See .env.example.")
    return settings


def _unread() -> list[str]:
    """Settings that `.env` begins and does not give (no `=`, a quote left open): the library passes over
    them. A folder of that name is somebody's virtual environment."""
    if not ENV_FILE.is_file():
        return []
    begun = dict.fromkeys(BEGUN.findall(ENV_FILE.read_text(encoding="utf-8")))
    read = dotenv_values(ENV_FILE)
    return [name for name in begun if read.get(name) is None]


def _names(error: ValidationError | SettingsError) -> str:
    if isinstance(error, SettingsError):
        return PREFIX + str(error).partition('"')[2].partition('"')[0].upper()
    return ", ".join(PREFIX + "__".join(str(part).upper() for part in e["loc"]) for e in error.errors())


def _is_unknown(name: str) -> bool:
    """Whether an environment variable begins like ours and is none: the library passes over those."""
    return name.upper().startswith(PREFIX) and (
        name.upper().removeprefix(PREFIX).partition("__")[0].lower() not in Settings.model_fields
    )
