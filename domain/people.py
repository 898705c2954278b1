"""Who works with Bateleur, and what each may do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from domain.errors import Refusal
from domain.plaintext import one_line
from domain.sentences import sentence

LONGEST_LOGIN, LONGEST_NAME = 200, 100


class UserRole(StrEnum):
    """`owner` does all; `moderator` runs the show; `marketer` plans lives and reads what they brought;
    `reader` looks."""

    OWNER = "owner"
    MODERATOR = "moderator"
    MARKETER = "marketer"
    READER = "reader"


class Right(StrEnum):
    """What a role may do beyond looking."""

    RUN_SHOW = "run_show"
    PLAN = "plan"
    EXPORT = "export"
    SEE_CODES = "see_codes"
    SEE_VIEWERS = "see_viewers"
    MANAGE_USERS = "manage_users"


RIGHTS: Mapping[UserRole, frozenset[Right]] = {
    UserRole.OWNER: frozenset(Right),
    UserRole.MODERATOR: frozenset({Right.RUN_SHOW, Right.SEE_VIEWERS}),
    UserRole.MARKETER: frozenset({Right.PLAN, Right.EXPORT, Right.SEE_VIEWERS}),
    UserRole.READER: frozenset(),
}


@dataclass(frozen=True, slots=True)
class User:
    """One who signs in to the console. `language` is `fr` or `en`; a disabled one signs in no more."""

    id: int
    login: str
    name: str
    role: UserRole
    language: str
    created_at: datetime
    is_disabled: bool = False

    def may(self, right: Right) -> bool:
        """Whether the user's role has this right."""
        return right in RIGHTS[self.role]


@dataclass(frozen=True, slots=True)
class Audited:
    """One change: who did what, and how that stood `before` and `after`. Without codes or passwords."""

    at: datetime
    who: str
    action: str
    subject: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    id: int = 0


def folded(login: str) -> str:
    """A login as it is kept and compared."""
    return login.strip().casefold()


def checked_login(login: str) -> str:
    """The login as it is kept. Raises `Refusal` for one that nobody could type, or that is no single word."""
    kept = folded(login)
    if not kept:
        raise Refusal("A user needs a login, for example their e-mail address.")
    if len(kept) > LONGEST_LOGIN:
        raise Refusal(sentence("A login has at most {most} characters.", most=LONGEST_LOGIN))
    if kept != one_line(kept) or " " in kept or not kept.isprintable():
        raise Refusal("A login is one word of letters, digits and signs, for example an e-mail address.")
    return kept
