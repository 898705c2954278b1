"""What has been answered, written down in batches, so that a restart knows what has not."""

from datetime import UTC, datetime

from domain.answers import Answer
from domain.errors import Fault
from domain.show import DeliveryState, DeliveryWay
from store.asks import Key
from store.database import Database
from store.unit import UnitOfWork


class Answered:
    """Noted by the speakers on the event loop, written by a thread of the store."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys: list[Key] = []
        self._delivered: list[int] = []

    def note(self, answer: Answer) -> None:
        """An answer was said, or its words already stood on the screen."""
        self._keys.append((answer.channel, answer.message.id))
        if answer.delivers:
            self._delivered.extend(grant.id for grant in answer.grants)

    def write(self) -> None:
        """Write down what was noted; what the database does not take now is kept for the next time."""
        keys, self._keys = self._keys, []
        delivered, self._delivered = self._delivered, []
        if not keys:
            return

        def mark(unit: UnitOfWork) -> None:
            now = datetime.now(UTC)
            unit.asks.mark_answered(keys, now)
            unit.grants.mark(delivered, DeliveryState.DELIVERED, now, DeliveryWay.CHAT)

        try:
            self._database.run(mark)
        except Fault:
            self._keys += keys
            self._delivered += delivered
