"""Signed-in browsers: a token in a cookie that no script reads, its hash in the database."""

import hashlib
import secrets
from datetime import UTC, datetime

from fastapi import Response

from domain.people import User
from store.database import Database
from store.unit import UnitOfWork

COOKIE = "bateleur_console"
PATH = "/console"


class Sessions:
    """Begins, reads and ends sessions. Blocks: call it on a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, user: User) -> str:
        """A new session; its token, a secret. Each sign-in makes a new one, so none can be planted."""
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)

        def write(unit: UnitOfWork) -> None:
            unit.users.sign_in(user.id, _hashed(token), now)
            unit.audit.record(now, user.login, "signed_in", f"user {user.login}")

        self._database.run(write)
        return token

    def user_of(self, token: str) -> User | None:
        """Whose session this is, None when it has ended; using it keeps it alive."""
        if not token:
            return None
        hashed, now = _hashed(token), datetime.now(UTC)
        with self._database.unit(read_only=True) as unit:
            user = unit.users.signed_in(hashed, now)
            is_stale = user is not None and unit.users.is_stale(hashed, now)
        if is_stale:
            self._database.run(lambda unit: unit.users.seen(hashed, now))
        return user

    def end(self, token: str) -> None:
        """Sign this browser out."""
        self._database.run(lambda unit: unit.users.sign_out(_hashed(token)))


def keep_token(response: Response, token: str, *, is_https: bool) -> None:
    """Give the browser its token, for as long as it stays open."""
    response.set_cookie(COOKIE, token, path=PATH, httponly=True, samesite="lax", secure=is_https)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
