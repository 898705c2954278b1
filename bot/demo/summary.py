"""What an evening did, in figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from bot.demo.chats import Chats
from bot.demo.shop import Buyers
from bot.tally import Tally
from domain.redemption import Verdict
from domain.show import DeliveryState, Grant
from store.database import Database

NOT_OUT = (DeliveryState.OWED, DeliveryState.REFUSED)


@dataclass(frozen=True, slots=True)
class Summary:
    """What an evening did, in all and by channel. Violations, doubles, leaks, orders that are not accounted
    for and codes that outlived the live must be 0. `redemptions` are by verdict, `revenue` in minor units
    by currency, net of refunds."""

    messages: int
    commands: int
    grants: int
    grants_undelivered: int
    said: int
    asked: int
    seconds_to_answer_p50: float
    seconds_to_answer_p99: float
    limit_violations: int
    double_grants: int
    leaks: int
    youtube_units: int
    deliveries: dict[str, int]
    redemptions: dict[str, int]
    revenue: dict[str, int]
    orders_not_accounted_for: int
    codes_alive_afterwards: int
    channels: dict[str, dict[str, Any]]

    @property
    def is_clean(self) -> bool:
        """True when all that must be 0 is."""
        lost = self.orders_not_accounted_for + self.codes_alive_afterwards
        return self.limit_violations == self.double_grants == self.leaks == lost == 0

    @property
    def against_the_rules(self) -> int:
        """How many uses of a code by orders that stand broke a rule."""
        return sum(self.redemptions.values()) - self.redemptions[Verdict.VALID]

    def as_dict(self) -> dict[str, object]:
        """The summary by name."""
        return asdict(self)


def sum_up(
    database: Database,
    chats: Chats,
    tally: Tally,
    live: int,
    offer: int,
    codes: list[str],
    buyers: Buyers,
) -> Summary:
    """What the database, the stand-ins and the tally tell of an evening that is over."""
    with database.unit() as unit:
        holders = unit.grants.list(offer)
        granted, owed = unit.grants.count(live)
        everyone = [grant for one in unit.offers.list(live) for grant in unit.grants.list(one.id)]
        deliveries = {one: unit.grants.deliveries(live, one) for one in (None, *chats.by_channel)}
        verdicts, revenue = unit.redemptions.verdicts(live), unit.redemptions.revenue(live)
    per_code = Counter(grant.code for grant in everyone)
    return Summary(
        **_counts(tally),
        grants=granted,
        grants_undelivered=owed,
        limit_violations=sum(
            sum(standin.violations.values()) for standin in (*chats.by_channel.values(), chats.shop)
        ),
        double_grants=_doubles(holders) + sum(n - 1 for n in per_code.values()),
        leaks=sum(standin.leaks(codes) for standin in chats.by_channel.values()),
        youtube_units=chats.youtube.quota.spent,
        deliveries=_by_name(deliveries[None]),
        redemptions={str(verdict): verdicts.get(verdict, 0) for verdict in Verdict},
        revenue=revenue,
        orders_not_accounted_for=missing(database, live, buyers),
        codes_alive_afterwards=buyers.living_codes(),
        channels={
            channel: {
                **_counts(tally.of(channel)),
                "grants": sum(grant.channel == channel for grant in everyone),
                "grants_undelivered": sum(
                    grant.channel == channel and grant.delivery in NOT_OUT for grant in everyone
                ),
                "limit_violations": sum(standin.violations.values()),
                "double_grants": _doubles(grant for grant in holders if grant.channel == channel),
                "leaks": standin.leaks(codes),
                "deliveries": _by_name(deliveries[channel]),
            }
            for channel, standin in chats.by_channel.items()
        },
    )


def missing(database: Database, live: int, buyers: Buyers) -> int:
    """How many orders of the shop with a code have no row of ours."""
    with database.unit(read_only=True) as unit:
        known = {line.redemption.order_id for line in unit.redemptions.list(live)}
    return buyers.orders_with_codes() - len(known)


def _doubles(grants: Iterable[Grant]) -> int:
    per_viewer = Counter((grant.platform, grant.viewer_id) for grant in grants)
    return sum(count - 1 for count in per_viewer.values())


def _by_name(counts: Mapping[Any, int]) -> dict[str, int]:
    return {str(name): count for name, count in counts.items()}


def _counts(tally: Tally) -> dict[str, Any]:
    return {
        "messages": tally.messages,
        "commands": tally.commands,
        "said": tally.said,
        "asked": tally.asked,
        "seconds_to_answer_p50": round(tally.wait_percentile(50), 3),
        "seconds_to_answer_p99": round(tally.wait_percentile(99), 3),
    }
