"""What stands for a viewer who is not to be known any more."""

import hashlib
import hmac
import secrets

from domain.errors import ActionRequired

MARK = "anon:"
"""How every stand-in begins; no platform's ids do."""
IS_HIDDEN = f"substr(viewer_id, 1, {len(MARK)}) = '{MARK}'"
"""The condition as the partial index of the grants has it."""
_LENGTH = 32


class Pseudonyms:
    """Stand-ins by a key derived from the secret key: the same viewer has the same one everywhere, and only
    who has both the key and the viewer's id can tell that they belong together."""

    def __init__(self, secret_key: str) -> None:
        derived = hmac.digest(secret_key.encode(), b"bateleur viewers 1", "sha256")
        self._key = derived if secret_key else b""

    def __repr__(self) -> str:
        return "Pseudonyms()"

    @property
    def is_keyed(self) -> bool:
        """Whether there is a secret key; without one nobody was ever hidden."""
        return bool(self._key)

    def viewer(self, platform: str, viewer_id: str) -> str:
        """The viewer's stand-in; raises `ActionRequired` when no secret key is set."""
        return self._of("viewer", platform, viewer_id)

    def message(self, channel: str, message_id: str) -> str:
        """What stands for a message that would lead to its author."""
        return self._of("message", channel, message_id)

    def known(self, platform: str, viewer_id: str) -> tuple[str, str]:
        """The ids under which the viewer may be found: their own, and their stand-in."""
        return viewer_id, self.viewer(platform, viewer_id) if self._key else viewer_id

    def _of(self, *parts: str) -> str:
        if not self._key:
            raise ActionRequired("Viewers are hidden by a key of their own: set BATELEUR_SECRET_KEY.")
        words = "\0".join(parts).encode("utf-8", "surrogatepass")
        return MARK + hmac.new(self._key, words, hashlib.sha256).hexdigest()[:_LENGTH]


def nobody() -> str:
    """A stand-in that nobody can lead back to anyone, whatever keys they have."""
    return f"{MARK}gone-{secrets.token_hex(12)}"


def is_hidden(viewer_id: str) -> bool:
    """Whether this is a stand-in."""
    return viewer_id.startswith(MARK)
