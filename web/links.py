"""The links to the claim page: a live's public one, and each viewer's personal one.

A personal link is opaque, good for a day, and bound to the first browser that uses it.
"""

import base64
import hashlib
import json

from cryptography.fernet import Fernet, InvalidToken

from domain.errors import Refusal
from web.config import WebConfig

GOOD_FOR_S = 86_400


class ClaimLinks:
    """Makes and reads the links of one installation. `platforms` are those one can sign in with."""

    def __init__(self, config: WebConfig) -> None:
        self.platforms = frozenset(one.platform for one in config.sign_ins)
        self._root = config.public_url
        key = hashlib.sha256(b"bateleur personal links 1" + config.secret_key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(key))

    def public(self, live_id: int) -> str:
        """The address of a live's claim page, for all."""
        return f"{self._root}/c/{live_id}"

    def personal(self, live_id: int, platform: str, viewer_id: str) -> str:
        """The address for one viewer of one live."""
        sealed = self._fernet.encrypt(json.dumps([live_id, platform, viewer_id]).encode())
        return f"{self.public(live_id)}/p/{sealed.decode()}"

    def read(self, live_id: int, sealed: str) -> tuple[str, str]:
        """The platform and viewer id; raises `Refusal` for a link that is made up, another live's or old."""
        try:
            found = json.loads(self._fernet.decrypt(sealed.encode(), ttl=GOOD_FOR_S))
        except (InvalidToken, ValueError):
            raise Refusal("page.link_wrong") from None
        if found[0] != live_id:
            raise Refusal("page.link_wrong")
        return str(found[1]), str(found[2])
