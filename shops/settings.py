"""What the retailer sets for the shop."""

from typing import Literal
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

Kind = Literal["", "woocommerce", "shopify", "prestashop", "vendure", "feed"]


class ShopSettings(BaseModel):
    """One shop; any server that speaks its protocol may stand at `url`.

    `key` and `secret` are WooCommerce's consumer key and secret, Shopify's client id and client secret (or a
    lasting access token as `secret` alone), PrestaShop's webservice key, Vendure's user and password. A
    `feed` has a `key` that signs our calls to it; without one the secret of its webhooks does.
    `webhook_secret` signs webhooks; `webhook_secret_old` is believed too while it is being changed. `lease_s`
    is how long a code outlives a bot that died, where the shop can keep up. `currency` and `timezone` are the
    shop's, where its interface does not tell them. `products` and `codes` are for a `feed`: where its
    catalogue is (file or address), and where codes are brought (folder or address); redemptions are read at
    `url`, when there is one. `version`, `token_path` and `reference` are for Shopify: its API's version
    (empty: the newest we know), where a client id and secret are exchanged for a token, and the metafield
    with the lowest price of the last 30 days.
    """

    model_config = ConfigDict(extra="forbid")

    kind: Kind = ""
    url: str = ""
    key: SecretStr | None = None
    secret: SecretStr | None = None
    webhook_secret: SecretStr | None = None
    webhook_secret_old: SecretStr | None = None
    currency: str = Field(default="EUR", pattern="^[A-Z]{3}$")
    timezone: str = "Europe/Paris"
    version: str = ""
    token_path: str = Field(default="/admin/oauth/access_token", pattern="^/")
    reference: str = ""
    products: str = ""
    codes: str = ""
    lease_s: float = Field(default=900.0, ge=2, le=7200)
    answer_s: float = Field(default=20.0, ge=0.05, le=120)

    @field_validator("timezone")
    @classmethod
    def _is_a_timezone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(f"«{name}» is no time zone, such as Europe/Paris")
        return name

    @property
    def webhook_secrets(self) -> tuple[bytes, ...]:
        """The secrets that sign webhooks, the newest first."""
        given = (self.webhook_secret, self.webhook_secret_old)
        return tuple(secret.get_secret_value().encode() for secret in given if secret)
