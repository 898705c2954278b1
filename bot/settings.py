"""Every setting, from the environment or `.env`, prefix `BATELEUR_`, nested with `__`."""

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from connectors.twitch.settings import TwitchSettings
from domain.errors import ActionRequired


class Settings(BaseSettings):
    """What the retailer may set; an unknown name is refused, so that a typing error is seen."""

    model_config = SettingsConfigDict(
        env_prefix="BATELEUR_", env_nested_delimiter="__", env_file=".env", extra="forbid"
    )

    database_url: str = "sqlite:///bateleur.db"
    secret_key: SecretStr = SecretStr("")
    locale: str = "fr"
    timezone: str = "Europe/Paris"
    texts: Path | None = None
    aliases: dict[str, str] = Field(default_factory=dict)
    twitch: TwitchSettings = Field(default_factory=TwitchSettings)


def load_settings() -> Settings:
    """The settings in force; raises `ActionRequired` naming each setting that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        names = ", ".join(
            "BATELEUR_" + "__".join(str(part).upper() for part in e["loc"]) for e in error.errors()
        )
        raise ActionRequired(f"These settings are wrong or unknown: {names}. See .env.example.") from error
