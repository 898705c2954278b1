"""Who may sign in to the console, and who is signed in."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from domain.errors import Refusal
from domain.people import LONGEST_NAME, User, UserRole, checked_login, folded
from domain.plaintext import one_line
from domain.sentences import sentence
from store.refusals import refusing
from store.tables import UserRow, UserSessionRow, table_of

IDLE = timedelta(hours=2)
"""A session that nobody uses ends after so long; an open page uses it."""
LONGEST = timedelta(hours=16)
"""A session ends so long after the sign-in, used or not: longer than any evening."""
_SEEN_EVERY = timedelta(seconds=60)

_users = table_of(UserRow)
_sessions = table_of(UserSessionRow)


class Users:
    """The users of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, login: str, name: str, role: UserRole, language: str, now: datetime, password_hash: str = ""
    ) -> User:
        """A new user; without a password they sign in by OpenID Connect alone. Raises `Refusal` when the
        login is taken or is none."""
        values = {
            "login": checked_login(login),
            "name": one_line(name).strip()[:LONGEST_NAME] or login.strip(),
            "role": role,
            "language": language,
            "password_hash": password_hash,
            "created_at": now,
            "is_disabled": False,
        }
        with refusing(self._connection):
            row = self._connection.execute(insert(_users).returning(*_users.c), values).one()
        return _user(row)

    def get(self, id: int) -> User | None:
        """The user, or None."""
        return self._first(_users.c.id == id)

    def find(self, login: str) -> User | None:
        """The user of that login, whatever its case, or None."""
        return self._first(_users.c.login == folded(login))

    def list(self) -> Sequence[User]:
        """Every user, by login."""
        return [_user(row) for row in self._connection.execute(select(_users).order_by(_users.c.login))]

    def password_hash(self, id: int) -> str:
        """What the user's password is checked against; empty when they have none."""
        hashed = select(_users.c.password_hash).where(_users.c.id == id)
        return str(self._connection.execute(hashed).scalar_one_or_none() or "")

    def set_password(self, id: int, password_hash: str) -> None:
        """Give the user another password; whoever is signed in as them is signed out."""
        self._change(id, password_hash=password_hash)
        self.sign_out_everywhere(id)

    def change(
        self,
        id: int,
        *,
        role: UserRole | None = None,
        language: str | None = None,
        is_disabled: bool | None = None,
    ) -> User:
        """The user, changed. Raises `Refusal` when nobody would be left who manages users."""
        wanted = {"role": role, "language": language, "is_disabled": is_disabled}
        owners = select(_users.c.id).where(_users.c.role == UserRole.OWNER, ~_users.c.is_disabled)
        may_lose_one = role is not None or bool(is_disabled)
        if may_lose_one:  # two owners who demote each other at once wait for each other
            self._connection.execute(owners.order_by(_users.c.id).with_for_update()).all()
        self._change(id, **{name: value for name, value in wanted.items() if value is not None})
        if may_lose_one and self._connection.execute(owners.limit(1)).first() is None:
            raise Refusal("One owner must be left who can sign in: make another user owner first.")
        if is_disabled:
            self.sign_out_everywhere(id)
        changed = self.get(id)
        assert changed is not None, "it was changed just now"
        return changed

    def sign_in(self, id: int, token_hash: str, now: datetime) -> None:
        """Begin a session of the user; the token itself is their browser's alone."""
        values = {"user_id": id, "token_hash": token_hash, "began_at": now, "seen_at": now}
        self._connection.execute(insert(_sessions), values)
        self._connection.execute(delete(_sessions).where(_sessions.c.began_at < now - LONGEST))

    def signed_in(self, token_hash: str, now: datetime) -> User | None:
        """Whose session this is; None when it has ended, or its user may sign in no more."""
        found = select(*_users.c).join(_sessions, _sessions.c.user_id == _users.c.id)
        row = self._connection.execute(
            found.where(
                _sessions.c.token_hash == token_hash,
                _sessions.c.seen_at > now - IDLE,
                _sessions.c.began_at > now - LONGEST,
                ~_users.c.is_disabled,
            )
        ).first()
        return None if row is None else _user(row)

    def is_stale(self, token_hash: str, now: datetime) -> bool:
        """Whether the session's use was last noted so long ago that it should be noted again."""
        seen = select(_sessions.c.seen_at).where(_sessions.c.token_hash == token_hash)
        seen_at = self._connection.execute(seen).scalar_one_or_none()
        return seen_at is not None and seen_at < now - _SEEN_EVERY

    def seen(self, token_hash: str, now: datetime) -> None:
        """Note that the session is in use; written once a minute at most."""
        mine = (_sessions.c.token_hash == token_hash, _sessions.c.seen_at < now - _SEEN_EVERY)
        self._connection.execute(update(_sessions).where(*mine).values(seen_at=now))

    def sign_out(self, token_hash: str) -> None:
        """End one session."""
        self._connection.execute(delete(_sessions).where(_sessions.c.token_hash == token_hash))

    def sign_out_everywhere(self, id: int) -> None:
        """End every session of the user."""
        self._connection.execute(delete(_sessions).where(_sessions.c.user_id == id))

    def _change(self, id: int, **values: Any) -> None:
        changed = self._connection.execute(update(_users).where(_users.c.id == id).values(**values))
        if changed.rowcount != 1:
            raise Refusal(sentence("There is no user {id}.", id=id))

    def _first(self, condition: Any) -> User | None:
        row = self._connection.execute(select(_users).where(condition)).first()
        return None if row is None else _user(row)


def _user(row: Row[Any]) -> User:
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role,
        language=row.language,
        created_at=row.created_at,
        is_disabled=row.is_disabled,
    )
