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

    async def take_off(self, order: str, code: str) -> None:
        """The staff edits an order: it no longer carries `code`."""

    async def delete(self, order: str) -> None:
        """The staff deletes an order."""

    async def make_foreign(self, code: str) -> None:
        """The staff makes a coupon of its own: 50 percent off everything."""


class Refused(Exception):
    """The shop's checkout does not take a code."""


@dataclass
class Rig:
    """One kind of shop. `webhooks`: (headers, body) of each the shop sent us, None if it sends none.

    `can` names what this kind can do beyond the common part: `refund`, `edit`, `pass_time`, `delete`,
    `foreign` (`make_foreign`), `fault` (`spoil`), `stranger`, `rotated`, `webhooks`; see `rigs.RIGS`.

    `spoil` makes the shop answer badly: `down`, `slow` (longer than the adapter waits), `html`, or well
    again with an empty word. `stranger` opens the adapter with wrong credentials and another webhook
    secret, `rotated` with a new webhook secret while that of the shop is the old one.
    """

    kind: str
    shop: Shop
    buyer: Buyer
    webhooks: list[tuple[dict[str, str], bytes]] | None = None
    settle: Callable[[], Awaitable[None]] | None = None
    violations: Callable[[], int] = lambda: 0
    can: frozenset[str] = field(default_factory=frozenset)
    spoil: Callable[[str], None] = lambda how: None
    stranger: Callable[[], Shop] | None = None
    rotated: Callable[[], Shop] | None = None

    def notices(self) -> list[Notice]:
        """The webhooks as the adapter reads them."""
        now = datetime.now(UTC)
        return [self.shop.read_webhook(headers, body, now) for headers, body in self.webhooks or []]


def pseudonym(person: str) -> str:
    """As the program makes it: equal for the same person, and telling nothing."""
    return f"person-{hash(person.casefold()) & 0xFFFF:x}"
