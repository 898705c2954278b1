"""How an offer stands, here and in the shop."""

from dataclasses import dataclass

from domain.show import Offer


@dataclass(frozen=True, slots=True)
class OfferStand:
    """A unique offer has `codes` in all, dead ones too: of these `free` ones may be granted, and `drawn` ones
    are still to be put in the shop. `granted` to so many viewers, `redeemed` on so many orders that were not
    cancelled. `left` is how many more viewers it can serve, None without bound. `alive` codes still work in
    the shop, as far as we know; counted for an offer that was killed only."""

    offer: Offer
    codes: int
    free: int
    drawn: int
    granted: int
    redeemed: int
    left: int | None
    alive: int = 0

    @property
    def waiting(self) -> int:
        """How many codes are still to be put in the shop, a shared one too."""
        return self.drawn + self.offer.is_due

    @property
    def refused(self) -> int:
        """How many codes the shop did not take; 0 once the offer has ended, when codes die anyway."""
        if self.offer.ended_at is not None or not self.codes:
            return 0
        return max(0, self.codes - self.free - self.drawn - self.granted)
