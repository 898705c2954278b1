"""What both ways of bringing codes to the retailer share."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from domain.errors import ActionRequired
from domain.plaintext import one_line
from domain.shop import CodeMade, ShopCode, ShopOffer, ShopTraits

T = TypeVar("T")
LONGEST_WHY = 200
NOWHERE = "The shop cannot be given codes: set BATELEUR_SHOP__CODES to a folder or to the address of its API."


class CodeDesk(Protocol):
    """Where codes are brought to; see `Shop` for its methods."""

    def traits(self, *, has_orders: bool) -> ShopTraits: ...

    def check(self) -> str:
        """A sentence; raises what keeps codes from being brought."""

    def create(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]: ...

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]: ...

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]: ...


class NoDesk:
    """A shop that is only read: codes are made and ended there by hand."""

    def traits(self, *, has_orders: bool) -> ShopTraits:
        """Nothing moves."""
        return ShopTraits(None, True, has_orders, NOWHERE)

    def check(self) -> str:
        """A sentence."""
        return "No codes are brought to it."

    def create(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """Raises `ActionRequired`."""
        raise ActionRequired(NOWHERE)

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """Raises `ActionRequired`."""
        raise ActionRequired(NOWHERE)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """Raises `ActionRequired`."""
        raise ActionRequired(NOWHERE)


def parts(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`things`, `size` at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))


def reason(text: object, code: str) -> str:
    """Why the shop does not take `code`, in its words, without the code."""
    told = one_line(str(text or "")).strip()[:LONGEST_WHY].rstrip(".")
    hidden = told if code.casefold() not in told.casefold() else ""
    return f"The shop does not take the code: {hidden}." if hidden else "The shop does not take the code."
