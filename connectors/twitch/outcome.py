"""How a call to Twitch can end badly, inside this folder only."""

from typing import Any

from connectors.twitch.library import HTTPException


class Answered(HTTPException):
    """Twitch answered with an error. `wait_s` is how long it asks us to wait, if it does.

    Source: Twitch «Twitch API Guide», status codes and rate limits (read 2026-10).
    """

    def __init__(self, status: int, message: str, wait_s: float | None = None) -> None:
        super().__init__(f"{status} {message}", status=status, extra=message)
        self.message = message
        self.wait_s = wait_s

    @property
    def is_passing(self) -> bool:
        """True when the same call may well succeed later."""
        return self.status == 429 or self.status >= 500


class Unreached(Exception):
    """No connection was made: nothing was sent."""


class Unclear(Exception):
    """The call may have been carried out or not: no answer, or a server error."""


def message_of(body: Any, text: str) -> str:
    """The sentence in an error's body, at most 200 characters."""
    if isinstance(body, dict):
        text = str(body.get("message") or body.get("error") or text)
    return " ".join(text.split())[:200]
