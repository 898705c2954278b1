"""How an offer stands, here and in the shop."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.show import CodeState, Offer


@dataclass(frozen=True, slots=True)
class OfferStand:
    """`codes` of a unique offer, by state; `granted` to so many viewers, `redeemed` on so many orders that
    were not cancelled. `left` is how many more viewers it can serve, None without bound. `alive` codes still
    work in the shop, as far as we know; counted for an offer that was killed only."""

    offer: Offer
    codes: Mapping[CodeState, int]
    granted: int
    redeemed: int
    left: int | None
    alive: int = 0

    @property
    def total(self) -> int:
        """How many codes the offer has, dead ones too."""
        return sum(self.codes.values())

    @property
    def waiting(self) -> int:
        """How many codes are still to be put in the shop, a shared one too."""
        return self.codes.get(CodeState.DRAWN, 0) + self.offer.is_due
