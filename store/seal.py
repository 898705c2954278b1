"""What keeps tokens unreadable in the database."""

import base64
from functools import cached_property

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from domain.errors import ActionRequired

# One salt for all: the key is the operator's own and one per installation, and the slowness of
# scrypt (50 ms, once per process) is what protects a key that a person made up.
_SALT = b"bateleur tokens 1"


class Seal:
    """Encrypts and decrypts with a key derived from the secret key, on first use."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key

    def __repr__(self) -> str:
        return "Seal()"

    def close(self, text: str) -> str:
        """`text` encrypted; raises `ActionRequired` when no secret key is set."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """The text once sealed; raises `ActionRequired` when the secret key has changed since."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise ActionRequired(
                "The stored tokens were encrypted with another secret key; put the old "
                "BATELEUR_SECRET_KEY back, or log in again with `bateleur login`."
            ) from None

    @cached_property
    def _fernet(self) -> Fernet:
        if not self._secret_key:
            raise ActionRequired("Tokens are kept encrypted only; set BATELEUR_SECRET_KEY.")
        key = Scrypt(salt=_SALT, length=32, n=2**14, r=8, p=1).derive(self._secret_key.encode())
        return Fernet(base64.urlsafe_b64encode(key))
