"""Money as integer minor units and an ISO 4217 currency."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents for EUR, yen for JPY) of one currency."""

    amount: int
    currency: str

    def less_percent(self, percent: int) -> "Money":
        """This amount with `percent` (0-100) taken off, rounded half up to a minor unit."""
        kept = Decimal(self.amount) * (100 - percent) / 100
        return Money(int(kept.quantize(Decimal(1), ROUND_HALF_UP)), self.currency)
