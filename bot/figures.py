"""The program's figures for Prometheus, read from what is counted anyway at the moment they are asked for.

Nothing here is registered for the whole process: several evenings in one process each have their own. What
labels a figure is a channel, a live's number, a shop's kind, or a word of our own; never a viewer or a code.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from bot.tally import WAITS_S, Tally
from domain.answers import Priority
from domain.ports import Counted, Metered, Watched
from store.gauges import LiveGauge

if TYPE_CHECKING:
    from bot.evening import Evening
    from bot.shop_jobs import ShopJobs

Rows = Iterable[tuple[Sequence[str], float]]


def exposed(evening: "Evening", stands: Sequence[LiveGauge] | None, webhooks: int) -> bytes:
    """Everything, in Prometheus's text format. `stands` is None when the database does not answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read([*_of_run(evening), *_of_channels(evening), *_of_lives(stands, webhooks)]))
    if evening.shop_jobs is not None:
        registry.register(_Read(_of_shop(evening.shop_jobs)))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Read:
    """What has been read already, in the form that the library asks for."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _of_run(evening: "Evening") -> Iterable[Metric]:
    tally, inbox = evening.tally, evening.inbox
    yield _count("repeats", "Messages that had come before, and were dropped.", [((), tally.repeats)])
    yield _count("unsure", "Messages of which nobody knows whether they were shown.", [((), tally.unsure)])
    yield _count("failures", "What failed and is tried again.", [((), tally.failures)])
    yield _count("lost", "Commands given up, because the database took them no more.", [((), tally.lost)])
    yield _count("private_deliveries", "Codes said to their viewer alone.", [((), tally.delivered)])
    dropped = ((("chatter",), inbox.dropped_chatter), (("commands",), inbox.dropped_commands))
    yield _count("inbox_dropped", "Messages dropped unread because the inbox was full.", dropped, "kind")
    yield _gauge("inbox_waiting", "Messages that wait to be read.", [((), inbox.waiting())])


def _of_channels(evening: "Evening") -> Iterable[Metric]:
    tallies = sorted(evening.tally.channels.items())

    def each(name: str) -> Rows:
        return [((channel,), getattr(tally, name)) for channel, tally in tallies]

    yield _count("messages", "Lines of chat read.", each("messages"), "channel")
    yield _count("commands", "Lines of chat that may be commands.", each("commands"), "channel")
    yield _count("answers", "Questions answered.", each("asked"), "channel")
    yield _count("said", "Messages said in public.", each("said"), "channel")
    yield _count("said_failures", "Messages that a platform did not take.", each("failures"), "channel")
    yield _count("limit_holds", "Pauses that a platform asked for.", each("holds"), "channel")
    yield _waits(tallies)
    yield from _of_speakers(evening)


def _of_speakers(evening: "Evening") -> Iterable[Metric]:
    now, speakers = time.monotonic(), sorted(evening.speakers.items())
    attached = [((channel,), float(channel in evening.speakers)) for channel in sorted(evening.wanted or ())]
    yield _gauge("channel_attached", "1 when a channel that is wanted is attached.", attached, "channel")
    troubled = [
        ((channel,), float(bool(one.connector.problem)))
        for channel, one in speakers
        if isinstance(one.connector, Watched)
    ]
    yield _gauge(
        "channel_troubled", "1 while something keeps a channel from being read.", troubled, "channel"
    )
    waiting = [((channel,), one.planner.waiting()) for channel, one in speakers]
    yield _gauge("answers_waiting", "Answers that wait to be said.", waiting, "channel")
    stale = [((channel,), one.planner.dropped) for channel, one in speakers]
    yield _count("answers_stale", "Answers not said because they had become too old.", stale, "channel")
    ledgers = [(channel, one.planner.ledger) for channel, one in speakers]
    left = [((channel,), ledger.left(now, Priority.MODERATOR)) for channel, ledger in ledgers]
    yield _gauge("send_budget_left", "Messages that may still be said in the window.", left, "channel")
    holds = [((channel,), ledger.held_s(now)) for channel, ledger in ledgers]
    yield _gauge("limit_hold_seconds", "Seconds of a platform's pause that are left.", holds, "channel")
    units = [
        ((channel,), one.connector.units_left)
        for channel, one in speakers
        if isinstance(one.connector, Metered)
    ]
    yield _gauge("units_left", "Units of the day that are left (YouTube).", units, "channel")


def _of_lives(stands: Sequence[LiveGauge] | None, webhooks: int) -> Iterable[Metric]:
    yield _gauge("database_up", "1 when the database answered.", [((), float(stands is not None))])
    if stands is None:
        return
    lives = [(str(one.live_id), one) for one in stands]
    is_open = [((id,), float(one.is_open)) for id, one in lives]
    yield _gauge("live_open", "1 while a live is open.", is_open, "live")
    grants = [((id, state.value), count) for id, one in lives for state, count in one.grants.items()]
    yield _gauge("grants", "Codes given to viewers, by how far they are.", grants, "live", "delivery")
    orders = [((id, verdict.value), count) for id, one in lives for verdict, count in one.redemptions.items()]
    yield _gauge("redemptions", "Uses of codes by orders, by verdict.", orders, "live", "verdict")
    now = datetime.now(UTC)
    leases = [((id,), (one.leased_until - now).total_seconds()) for id, one in lives if one.leased_until]
    yield _gauge("lease_seconds", "Until the first of an open live's codes ends in the shop.", leases, "live")
    yield _gauge("webhooks_waiting", "Webhooks of the shop kept and not yet worked on.", [((), webhooks)])


def _of_shop(jobs: "ShopJobs") -> Iterable[Metric]:
    shop = jobs.shopkeeper.shop
    if isinstance(shop, Counted):
        made, failed = [((shop.kind,), shop.traffic.calls)], [((shop.kind,), shop.traffic.failed)]
        yield _count("shop_calls", "Calls to the shop.", made, "shop")
        yield _count("shop_failed_calls", "Calls that the shop did not answer well.", failed, "shop")
    failures = [((task,), count) for task, count in sorted(jobs.failures.items())]
    yield _count("shop_task_failures", "Times that a task of the shop failed.", failures, "task")
    pauses = [((task,), seconds) for task, seconds in sorted(jobs.pauses().items())]
    yield _gauge("shop_backoff_seconds", "Until a task that failed is begun again.", pauses, "task")
    yield _gauge(
        "shop_up", "1 when nothing keeps the shop's tasks from their work.", [((), not jobs.problems)]
    )


def _waits(tallies: Sequence[tuple[str, Tally]]) -> Metric:
    metric = HistogramMetricFamily(
        "bateleur_answer_seconds", "From the question read to its answer said.", labels=["channel"]
    )
    for channel, tally in tallies:
        reached, buckets = 0, []
        for bound, count in zip((*map(str, WAITS_S), "+Inf"), tally.waited, strict=True):
            reached += count
            buckets.append((bound, float(reached)))
        metric.add_metric([channel], buckets, sum_value=tally.waited_s)
    return metric


def _count(name: str, help_: str, rows: Rows, *labels: str) -> Metric:
    metric = CounterMetricFamily(f"bateleur_{name}", help_, labels=labels)
    for values, number in rows:
        metric.add_metric(values, number)
    return metric


def _gauge(name: str, help_: str, rows: Rows, *labels: str) -> Metric:
    metric = GaugeMetricFamily(f"bateleur_{name}", help_, labels=labels)
    for values, number in rows:
        metric.add_metric(values, float(number))
    return metric
