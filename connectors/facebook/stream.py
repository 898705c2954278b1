"""The comments of a live video as Facebook pushes them: server-sent events, read on a thread of their own.

No event has an id and nothing is repeated after a break; above the asked rate the best are chosen. Meta's
pages disagree whether the stream still exists, so that its absence is nothing unusual.
Source: Meta «Live Comments», server-sent events; «Graph API v18.0 changelog» (read 2026-10).
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncGenerator, Mapping
from typing import Any

import requests
import urllib3

from connectors.facebook.events import Events
from connectors.facebook.graph import Graph
from connectors.facebook.outcome import Refused
from domain.errors import BateleurError, Fault
from domain.sentences import sentence

FIELDS = "id,from{id,name},message,created_time"
RATE = "one_hundred_per_second"
PIECE = 65_536


class StreamLost(Exception):
    """The stream is not there. `is_refused`: Facebook does not offer it, and asking again soon is idle."""

    def __init__(self, why: str, *, is_refused: bool = False) -> None:
        self.is_refused = is_refused
        super().__init__(why)


Pushed = Mapping[str, Any] | None
"""A comment; None says that the stream is open."""


async def pushed_comments(graph: Graph, live_id: str) -> AsyncGenerator[Pushed, None]:
    """None once the stream is open, then each comment as it comes. Ends with `StreamLost`."""
    reader = _Reader(graph, live_id)
    threading.Thread(target=reader.run, name="facebook-stream", daemon=True).start()
    try:
        while True:
            item = await reader.arrived.get()
            if isinstance(item, StreamLost):
                raise item
            yield item
    finally:
        reader.stop()


class _Reader:
    """What the thread does; `stop` may be called from another one, and wakes it."""

    def __init__(self, graph: Graph, live_id: str) -> None:
        self.arrived: asyncio.Queue[Pushed | StreamLost] = asyncio.Queue()
        self._graph = graph
        self._live_id = live_id
        self._loop = asyncio.get_running_loop()
        self._lock = threading.Lock()
        self._is_stopped = False
        self._answer: requests.Response | None = None

    def run(self) -> None:
        """Read until the stream is lost or stopped."""
        try:
            self._read()
        except StreamLost as lost:
            self._tell(lost)
        except Refused as error:
            self._tell(
                StreamLost(sentence("it is refused, {error}", error=error), is_refused=not error.is_transient)
            )
        except Fault:
            self._tell(StreamLost(sentence("it cannot be reached")))
        except BateleurError as error:
            self._tell(StreamLost(error.sentence))
        except (urllib3.exceptions.TimeoutError, TimeoutError):
            self._tell(StreamLost(sentence("it is silent")))
        except (urllib3.exceptions.HTTPError, requests.RequestException, OSError, ValueError):
            self._tell(StreamLost(sentence("it broke off")))

    def stop(self) -> None:
        """Let go of the stream, whatever the thread waits for."""
        with self._lock:
            self._is_stopped = True
            if self._answer is not None:
                with contextlib.suppress(OSError, ValueError):
                    self._answer.raw.shutdown()

    def _read(self) -> None:
        query = {"fields": FIELDS, "comment_rate": RATE, "live_filter": "no_filter"}
        with self._graph.stream(f"{self._live_id}/live_comments", **query) as answer:
            with self._lock:
                if self._is_stopped:
                    return
                self._answer = answer
            try:
                self._tell(None)
                self._read_events(answer)
            finally:
                with self._lock:
                    self._answer = None

    def _read_events(self, answer: requests.Response) -> None:
        events = Events()
        while content := answer.raw.read1(PIECE):
            for data in events.feed(content):
                comment = _comment(data)
                if comment is not None:
                    self._tell(comment)
        raise StreamLost(sentence("it has ended"))

    def _tell(self, item: Pushed | StreamLost) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and with it whoever would read this
            self._loop.call_soon_threadsafe(self.arrived.put_nowait, item)


def _comment(data: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
