"""Who keeps the retailer's shop, as the console sees them: the program gives it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol


class Keeper(Protocol):
    """Puts codes in the shop and ends them, also by itself every few seconds. Calls block, and raise `Fault`
    or `ActionRequired` when the shop fails."""

    @property
    def told_at(self) -> Mapping[str, datetime]:
        """When the shop last told a product's price and stock, by SKU, as far as this process asked."""

    def make_or_take_back(self, offer_id: int) -> bool:
        """Put a new offer's shared code in the shop, else let the offer go as if it had not been added;
        whether the shop took the code. Raises what the shop raised, the offer gone."""

    def end_codes(self) -> None:
        """End in the shop the codes of all offers that are to end."""
