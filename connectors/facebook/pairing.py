"""Facebook tells no roles: a moderator types a one-time word, once, and is known from then on.

The word is shown by `bateleur pair facebook`; its hash waits in the account's memory until it is typed,
has expired, or has been guessed at too often.
"""

import hashlib
import json
import re
import secrets
import time
from typing import TYPE_CHECKING

import structlog

from domain.chat import Message
from domain.ports import Memory

if TYPE_CHECKING:
    from connectors.facebook.account import FacebookAccount

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 8
GOOD_FOR_S = 15 * 60
MOST_TRIES = 50
PAIRING = "pairing"
LOOKS_LIKE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}", re.IGNORECASE)
log = structlog.get_logger()


async def new_word(memory: Memory) -> str:
    """A word that makes whoever types it in the chat a moderator: once, and within a quarter of an hour."""
    word = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    salt = secrets.token_hex(8)
    pairing = {"salt": salt, "hash": _hash(salt, word), "until": int(time.time()) + GOOD_FOR_S}
    await memory.remember(PAIRING, json.dumps(pairing))
    return word


class Pairing:
    """Looks for the word in what is written."""

    def __init__(self, account: "FacebookAccount") -> None:
        self._account = account

    async def takes(self, message: Message) -> bool:
        """True when the message is the word: its author is a moderator now, and the word is spent."""
        word = message.text.strip().upper()
        if message.is_backfill or not LOOKS_LIKE.fullmatch(word):
            return False
        memory = self._account.memory
        pairing = json.loads(await memory.recall(PAIRING) or "null")
        if pairing is None or time.time() > pairing["until"]:
            return False
        if await memory.count(f"tries of {pairing['salt']}", 1) > MOST_TRIES:
            return False
        if not secrets.compare_digest(_hash(pairing["salt"], word), pairing["hash"]):
            return False
        await memory.remember(PAIRING, "null")
        await self._account.add_moderator(message.author.id)
        log.info("moderator_paired", channel=message.channel, viewer=message.author.id)
        return True


def _hash(salt: str, word: str) -> str:
    return hashlib.scrypt(word.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()
