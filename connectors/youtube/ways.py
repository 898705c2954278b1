"""Which way the chat is read next. Pure."""

from enum import Enum, StrEnum

STRIKES = 3
"""Failures in a row after which a way rests."""
LONGEST_REST_S = 3600.0


class Way(Enum):
    """How YouTube pushes a chat."""

    GRPC = "gRPC"
    HTTP = "chunked JSON"


class Read(StrEnum):
    """What the retailer wants: streams, looks at the list, or what works and costs least."""

    AUTO = "auto"
    STREAM = "stream"
    POLL = "poll"


REST_S = {Read.AUTO: 600.0, Read.STREAM: 30.0}


class Ways:
    """The streams that are worth opening. Times are seconds of any clock that only goes forward."""

    def __init__(self, read: Read, *, has_grpc: bool = True) -> None:
        known = (Way.GRPC, Way.HTTP) if has_grpc else (Way.HTTP,)
        self._strikes = {way: 0 for way in known if read is not Read.POLL}
        self._rests_until = dict.fromkeys(self._strikes, 0.0)
        self._rest_s = REST_S.get(read, 0.0)

    def best(self, now: float) -> Way | None:
        """The stream that failed least, gRPC first; None while all rest: look at the list."""
        awake = [way for way in self._strikes if now >= self._rests_until[way]]
        return min(awake, key=lambda way: self._strikes[way]) if awake else None

    def worked(self, way: Way) -> None:
        """It was open for longer than a look at the list would have lasted."""
        self._strikes[way] = 0

    def failed(self, way: Way, now: float, *, is_missing: bool = False) -> None:
        """It was refused, broke off or ended at once; `is_missing`: nobody is there to speak it."""
        self._strikes[way] = max(self._strikes[way] + 1, STRIKES if is_missing else 0)
        beyond = self._strikes[way] - STRIKES
        if beyond >= 0:
            self._rests_until[way] = now + min(LONGEST_REST_S, self._rest_s * 2**beyond)
