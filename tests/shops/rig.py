"""What the contract suite needs of a shop: the adapter, and someone to buy there."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from domain.ports import Shop
from domain.shop import Notice

Opened = AbstractAsyncContextManager["Rig"]


class Buyer(Protocol):
    """Customers and staff of one shop. Order ids are as the adapter tells them; amounts in minor units."""

    async def buy(self, codes: list[str], email: str = "ann@example.com") -> str:
        """Buy the headset (SKU QC-ULTRA, 39990 cents) with `codes`: the order's id.

        Raises `Refused` when the checkout takes one of the codes not, or takes nothing off for it.
        """

    async def cancel(self, order: str) -> None: ...

    async def refund(self, order: str, amount: int) -> None: ...

    async def pass_time(self, seconds: float) -> None:
        """Move the shop's clock on."""


class Refused(Exception):
    """The shop's checkout does not take a code."""


@dataclass
class Rig:
    """One kind of shop. `webhooks`: (headers, body) of each the shop sent us, None if it sends none.

    `can` names what this kind can do beyond the common part: `refund`, `edit`, `pass_time`, `delete`.
    """

    kind: str
    shop: Shop
    buyer: Buyer
    webhooks: list[tuple[dict[str, str], bytes]] | None = None
    settle: Callable[[], Awaitable[None]] | None = None
    violations: Callable[[], int] = lambda: 0
    can: frozenset[str] = field(default_factory=frozenset)

    def notices(self) -> list[Notice]:
        """The webhooks as the adapter reads them."""
        now = datetime.now(UTC)
        return [self.shop.read_webhook(headers, body, now) for headers, body in self.webhooks or []]


def pseudonym(person: str) -> str:
    """As the program makes it: equal for the same person, and telling nothing."""
    return f"person-{hash(person.casefold()) & 0xFFFF:x}"
