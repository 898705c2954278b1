"""How often one may try to sign in: guessing is slow, and no guesser shuts out those who know the password.

A browser that has signed in before keeps a card for that login. What it tries counts on its card alone; all
others are counted by login, by address, and together.
Source: OWASP «Slow Down Online Guessing Attacks with Device Cookies» (read 2026-11).
"""

import secrets
from ipaddress import IPv6Address, ip_address, ip_network

from itsdangerous import BadData, URLSafeSerializer

from domain.people import folded
from web.attempts import Attempts

CARD = "bateleur_known"
CARD_S = 180 * 86_400
PER_LOGIN, PER_ADDRESS, IN_ALL = 8, 30, 120


class Throttle:
    """Counts the attempts of the last minute."""

    def __init__(self, secret_key: str) -> None:
        self._signer = URLSafeSerializer(secret_key, salt="bateleur known browsers 1")
        self._by_card, self._by_login = Attempts(PER_LOGIN), Attempts(PER_LOGIN)
        self._by_address, self._in_all = Attempts(PER_ADDRESS), Attempts(IN_ALL)

    def allows(self, login: str, address: str, card: str) -> bool:
        """Count one attempt; False when there were too many."""
        if self._is_for(card, login):
            return self._by_card.allows(card)
        counted = (self._by_address, _network(address)), (self._by_login, folded(login)), (self._in_all, "")
        return all(attempts.allows(whose) for attempts, whose in counted)

    def card(self, login: str) -> str:
        """A card for the browser that has just signed in. It opens nothing."""
        return str(self._signer.dumps([folded(login), secrets.token_urlsafe(8)]))

    def _is_for(self, card: str, login: str) -> bool:
        try:
            told = self._signer.loads(card)
        except BadData:
            return False
        return isinstance(told, list) and told[:1] == [folded(login)]


def _network(address: str) -> str:
    """Whose address it is: who has one of IPv6 has 2^64 of them."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((known, 64), strict=False)) if isinstance(known, IPv6Address) else address
