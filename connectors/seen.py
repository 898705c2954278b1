"""What was already received."""


class Seen:
    """Remembers at least the last `capacity` ids, and at most twice as many."""

    def __init__(self, capacity: int = 30_000) -> None:
        self.capacity = capacity
        self._young: set[str] = set()
        self._old: set[str] = set()

    def is_new(self, id: str) -> bool:
        """True the first time `id` is asked about; it is remembered from then on."""
        if id in self._young or id in self._old:
            return False
        if len(self._young) >= self.capacity:
            self._old, self._young = self._young, set()
        self._young.add(id)
        return True
