"""Orders that a reading meets twice, since it looks back a little with each page."""

from domain.shop import Order

MOST = 2_000


class Seen:
    """The versions of orders that were told of late. Only the last `MOST` are remembered, so that a reading
    of any length stays small: to tell one twice does no harm."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, int], None] = {}

    def is_new(self, order: Order) -> bool:
        """Whether this version has not been told of; it is from now on."""
        key = (order.id, order.version)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]
        return True
