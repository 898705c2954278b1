"""The tokens of our accounts on the platforms, kept encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, insert, select, update

from store.refusals import refusing
from store.seal import Seal
from store.tables import TokenRow, table_of

_tokens = table_of(TokenRow)


@dataclass(frozen=True, slots=True)
class StoredToken:
    """An account's tokens. `expires_at` is None when the platform does not say."""

    platform: str
    account: str
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime | None
    scopes: tuple[str, ...]


class Tokens:
    """The tokens of one unit of work."""

    def __init__(self, connection: Connection, seal: Seal) -> None:
        self._connection = connection
        self._seal = seal

    def load(self, platform: str, account: str) -> StoredToken | None:
        """The account's tokens, or None. Raises `ActionRequired` when the secret key has changed."""
        row = self._connection.execute(select(_tokens).where(*_of(platform, account))).first()
        if row is None:
            return None
        return StoredToken(
            platform=platform,
            account=account,
            access=self._seal.open(row.access),
            refresh=None if row.refresh is None else self._seal.open(row.refresh),
            expires_at=row.expires_at,
            scopes=tuple(row.scopes),
        )

    def save(
        self,
        platform: str,
        account: str,
        access: str,
        refresh: str | None,
        expires_at: datetime | None,
        scopes: Sequence[str],
    ) -> None:
        """Keep the account's tokens in place of the former ones.

        Raises `ActionRequired` when there is no secret key to encrypt them with.
        """
        values = {
            "access": self._seal.close(access),
            "refresh": None if refresh is None else self._seal.close(refresh),
            "expires_at": expires_at,
            "scopes": list(scopes),
        }
        changed = self._connection.execute(update(_tokens).where(*_of(platform, account)).values(values))
        if changed.rowcount == 0:
            with refusing(self._connection):
                self._connection.execute(
                    insert(_tokens), {"platform": platform, "account": account, **values}
                )


def _of(platform: str, account: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _tokens.c.platform == platform, _tokens.c.account == account
