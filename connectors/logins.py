"""What a login by the command line is, on any platform."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Whose login it is, as people know the account, and its tokens."""

    name: str
    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    scopes: tuple[str, ...]


class Login(Protocol):
    """A login that has begun."""

    @property
    def prompt(self) -> str:
        """What a person is to do now, as a sentence."""

    async def finish(self) -> LoggedIn:
        """Wait until it is done; raises `ActionRequired` when it must be begun again, or `Fault`."""


Begun = AbstractAsyncContextManager[Login]
