"""The shop's webhooks: 500 a second for 30 s, each on a connection of its own, as WooCommerce sends them.

    python -m bench.webhooks [--seconds 30] [--baseline-seconds 30]

The real server in a process of its own, signed orders with granted codes, SQLite; what was kept is worked on
meanwhile. One webhook in five is an order's second. The wait is from when a webhook was due to be sent until
its whole answer is there. Then the server is killed (-9): what it had accepted must all become rows. The
baseline is a naive handler on the same server, which writes its row and then answers. A ping, which is
answered without being kept, tells what the machine itself takes.
"""

import argparse
import asyncio
import base64
import hmac
import json
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.hook_servers import SECRET, SERVERS, codes_of
from bench.process import serving_process
from bench.table import print_table
from standins.shop.model import Item, Line, PlacedOrder
from standins.woocommerce import frames

PER_SECOND = 500.0
NEEDED_MS = 50.0
PATIENCE_S = 60.0  # WooCommerce's own
ITEM = Item(7, "QC-ULTRA", "Casque QC Ultra", 39_990)
HEAD = (
    "POST /hooks/shop HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "X-WC-Webhook-Topic: {topic}\r\nX-WC-Webhook-Delivery-ID: bench\r\n"
    "X-WC-Webhook-Signature: {signature}\r\nContent-Length: {length}\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a run: `waits_ms` of those answered with 200, the shortest first; how many were not
    answered so; how many orders were told of and accepted, and how many of these there are rows for."""

    waits_ms: Sequence[float]
    refused: int
    accepted: int
    rows: int
    took_s: float

    @property
    def lost(self) -> int:
        """Accepted orders without a row."""
        return self.accepted - self.rows

    def within_ms(self, percent: float) -> float:
        """Milliseconds within which `percent` of the webhooks were answered."""
        found = self.waits_ms
        return found[min(len(found) - 1, int(len(found) * percent / 100))] if found else float("inf")


def webhooks(count: int) -> list[tuple[int, bytes]]:
    """Requests as they go over the wire, each with the number of its order; every fifth tells of the order
    before it again, a second later."""
    now = datetime.now(UTC).replace(microsecond=0)
    made = []
    for place, code in enumerate(codes_of(count)):
        is_again = place % 5 == 4
        number = place - is_again
        used = code.lower() if not is_again else made[-1][2]
        order = PlacedOrder(10_000 + number, [Line(ITEM, 1)], [used], {used: 7_998}, f"{number}@example.com",
                            "EUR", now, now + timedelta(seconds=is_again))  # fmt: skip
        made.append((number, request(order, "order.updated" if is_again else "order.created"), used))
    return [(number, sent) for number, sent, _ in made]


def request(order: PlacedOrder, topic: str) -> bytes:
    """A signed webhook as WooCommerce posts it."""
    body = json.dumps(frames.order(order, "https://shop.example", ZoneInfo("Europe/Paris"))).encode()
    signature = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
    return HEAD.format(topic=topic, signature=signature, length=len(body)).encode() + body


async def send(port: int, sent: bytes) -> int:
    """The status of the answer; 0 when there was none."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            answer = await reader.read()
            writer.close()
            return int(answer.split(b" ", 2)[1]) if answer else 0
    except (OSError, TimeoutError):
        return 0


async def tell(port: int, requests: Sequence[tuple[int, bytes]]) -> tuple[list[float], set[int]]:
    """Send each when it is due; milliseconds of those accepted, and the orders they told of."""
    waits, accepted, began = list[float](), set[int](), time.perf_counter() + 0.1

    async def one(due: float, number: int, sent: bytes) -> None:
        if await send(port, sent) == 200:
            waits.append((time.perf_counter() - due) * 1000)
            accepted.add(number)

    async with asyncio.TaskGroup() as group:
        for place, (number, sent) in enumerate(requests):
            due = began + place / PER_SECOND
            await asyncio.sleep(due - time.perf_counter())
            group.create_task(one(due, number, sent))
    return sorted(waits), accepted


def pings(count: int) -> list[tuple[int, bytes]]:
    """What WooCommerce sends when a webhook is made: of no order."""
    body = b"webhook_id=7"
    head = HEAD.format(topic="", signature="", length=len(body))
    return [(0, head.encode() + body)] * count


def measure(kind: str, folder: Path, requests: Sequence[tuple[int, bytes]]) -> Told:
    """One run against a server of that kind, which is killed at its end."""
    count = len(requests)
    SERVERS[kind](folder).prepare(count)
    with serving_process("bench.hook_servers", kind, str(folder)) as (port, process):
        began = time.perf_counter()
        waits, accepted = asyncio.run(tell(port, requests))
        took = time.perf_counter() - began
        process.kill()
        process.wait()
    rows = SERVERS[kind](folder).rows()
    return Told(waits, count - len(waits), len(accepted), rows, took)


def main() -> int:
    """Run both and print the table; 1 when a needed figure is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--baseline-seconds", type=float, default=30.0)
    given = parser.parse_args()
    base = measured("naive", webhooks(int(given.baseline_seconds * PER_SECOND)))
    least = measured("ours", pings(int(given.baseline_seconds * PER_SECOND)))
    mine = measured("ours", webhooks(int(given.seconds * PER_SECOND)))
    print_table(
        f"webhooks: {PER_SECOND:.0f} a second, Bateleur for {given.seconds:g} s, then kill -9",
        ("", "accepted", "not", "took", "half within", "99 % within", "longest", "lost"),
        [
            _row("naive handler", base),
            _row("pings, nothing kept", least),
            _row("Bateleur", mine),
            ("needed", "", "0", "", "", f"{NEEDED_MS:.0f} ms", "", "0"),
        ],
    )
    return int(mine.within_ms(99) >= NEEDED_MS or mine.lost != 0 or mine.refused > 0)


def measured(kind: str, requests: Sequence[tuple[int, bytes]]) -> Told:
    """One run in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bateleur-bench-") as name:
        return measure(kind, Path(name), requests)


def _row(name: str, told: Told) -> tuple[str, ...]:
    half, most, longest = (f"{told.within_ms(percent):,.1f} ms" for percent in (50, 99, 100))
    accepted, took = f"{len(told.waits_ms):,}", f"{told.took_s:.1f} s"
    lost = f"{told.lost}" if told.rows else ""
    return name, accepted, str(told.refused), took, half, most, longest, lost


if __name__ == "__main__":
    raise SystemExit(main())
