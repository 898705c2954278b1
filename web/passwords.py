"""Passwords of the console's users: hashed with argon2id, never kept, never logged."""

from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import Refusal
from domain.sentences import sentence

SHORTEST = 10
LONGEST = 200


def hash_password(password: str) -> str:
    """What is kept of a password. Raises `Refusal` for one that is too short. Takes a tenth of a second."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Refusal(sentence("A password has {least} to {most} characters.", least=SHORTEST, most=LONGEST))
    return _hasher().hash(password)


def is_password(password: str, hashed: str) -> bool:
    """Whether this is the password; takes as long when there is none to compare with."""
    known = bool(hashed)
    is_right = len(password) <= LONGEST and _hasher().verify(password, hashed or _nobody())
    return known and is_right


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(),))


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash("whoever asks for a login that does not exist waits as long")
