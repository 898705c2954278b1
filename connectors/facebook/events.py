"""Server-sent events, put together from what the network brings. Pure.

Source: WHATWG HTML, «Server-sent events» (read 2026-11); Facebook sends one JSON comment as each `data`.
"""

from collections.abc import Iterator

LARGEST = 1_000_000
"""Bytes of one event; a longer one is passed over."""


class Events:
    """Takes bytes as they come, cut anywhere; gives the `data` of each whole event."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._length = 0

    def feed(self, content: bytes) -> Iterator[str]:
        """The events that `content` completes."""
        *lines, self._rest = (self._rest + content).split(b"\n")
        if len(self._rest) > LARGEST:
            self._rest, self._length = b"", LARGEST + 1
        for line in lines:
            yield from self._read(line.removesuffix(b"\r"))

    def _read(self, line: bytes) -> Iterator[str]:
        if not line:
            data, length = self._data, self._length
            self._data, self._length = [], 0
            if data and length <= LARGEST:
                yield "\n".join(data)
        elif line.startswith(b"data:"):
            self._length += len(line)
            if self._length <= LARGEST:
                self._data.append(line[5:].removeprefix(b" ").decode(errors="replace"))
