"""What the retailer sets for signing in to the console with a provider of their own."""

from pydantic import BaseModel, ConfigDict, SecretStr

from domain.people import UserRole


class OidcSettings(BaseModel):
    """An OpenID Connect provider; `issuer` publishes `/.well-known/openid-configuration`.

    `claim` is compared with the login of `bateleur user add`. `role` is given to whoever is not a user yet;
    without one they are refused.
    """

    model_config = ConfigDict(extra="forbid")

    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr | None = None
    label: str = "OpenID Connect"
    claim: str = "email"
    role: UserRole | None = None
