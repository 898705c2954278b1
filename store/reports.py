"""The figures of a live: who asked, who was given a code, who bought. Nobody is named."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Subquery, func, select, union_all
from sqlalchemy import literal_column as sql

from domain.errors import Refusal
from domain.redemption import Verdict
from domain.redemption_log import LogFilter, ShareBy, Sums
from domain.report import Brief, Judged, LiveReport, Moment, OfferPart, Part, Steps, Stretch, Takings
from domain.sentences import sentence
from domain.show import Offer
from store import report_counts as count
from store.lives import Lives
from store.offers import Offers
from store.redemption_log import RedemptionLog
from store.tables import ProductRow, SegmentRow, table_of

_products = table_of(ProductRow)
_segments = table_of(SegmentRow)
Came = dict[str, dict[str, Any]]


class Reports:
    """The reports of one unit of work."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, live_id: int) -> LiveReport:
        """The live's report; raises `Refusal` when there is no such live.

        The database counts: what is read does not grow with the crowd, but with the channels, the products,
        the offers and the minutes.
        """
        live = Lives(self._connection).get(live_id)
        if live is None:
            raise Refusal(sentence("There is no live {id}.", id=live_id))
        stretches = self._stretches(live_id)
        names = {one.sku: one.name for one in stretches}
        uses = count.uses(live_id).subquery()
        came = self._came(live_id, stretches)
        step = count.step_of(self._connection, live_id)

        def steps(kind: str, bucket: Any) -> dict[str, Steps]:
            return self._steps(came.get(kind, {}), bucket, uses)

        return LiveReport(
            live=live,
            whole=steps("", sql("''")).get("", Steps()),
            by_channel=_parts(steps("channel", uses.c.channel), live.channels, {}),
            by_product=_parts(steps("sku", count.on_screen(uses.c.at, stretches)), names, names),
            by_mechanic=_parts(_of_offers(steps("mechanic", uses.c.mechanic)), (), {}),
            by_offer=_offer_parts(
                Offers(self._connection).list(live_id), _of_offers(steps("offer", uses.c.offer))
            ),
            verdicts=self._verdicts(uses),
            moments=self._moments(live_id, step),
            stretches=stretches,
            step=step,
        )

    def briefs(self) -> dict[int, Brief]:
        """What each live came to; one that gave no code and brought no order is not in it."""
        grants = count.grants.join(count.offers, count.offers.c.id == count.grants.c.offer_id)
        given = select(count.offers.c.live_id, func.count()).select_from(grants)
        given = given.group_by(count.offers.c.live_id)
        granted = {row[0]: row[1] for row in self._connection.execute(given)}
        brought: defaultdict[int, dict[str, Sums]] = defaultdict(dict)
        valid = LogFilter(verdict=Verdict.VALID)
        for share in RedemptionLog(self._connection).shares(valid, ShareBy.LIVE):
            brought[int(share.key)][share.currency] = share.sums
        return {
            live: Brief(
                granted.get(live, 0),
                sum(sums.orders for sums in brought[live].values()),
                {currency: sums.net for currency, sums in brought[live].items() if sums.orders},
            )
            for live in {**granted, **brought}
        }

    def _came(self, live_id: int, stretches: Sequence[Stretch]) -> Came:
        """How many viewers came how far, by the kind and the value of a bucket."""
        held = count.held(live_id).subquery()
        every = union_all(count.asked(live_id), select(held)).subquery()
        of_offers = {"mechanic": held.c.mechanic, "offer": held.c.offer}
        of_all = {"channel": every.c.channel, "sku": count.on_screen(every.c.at, stretches)}
        came: Came = {}
        for buckets, events in ((of_offers, held), (of_all, every)):
            found = [*self._connection.execute(count.viewers_by(buckets, events))]
            came |= {kind: {row.bucket: row for row in found if row.kind == kind} for kind in ("", *buckets)}
        return came

    def _steps(self, came: Mapping[str, Any], bucket: Any, uses: Subquery) -> dict[str, Steps]:
        """The steps by the value of a bucket: of the viewers who `came`, and of the orders."""
        is_valid = uses.c.verdict == Verdict.VALID
        bought: defaultdict[str, list[Any]] = defaultdict(list)
        for row in self._connection.execute(count.takings_by(bucket, uses, is_valid)):
            bought[row.bucket].append(row)
        return {key: _steps(came.get(key), bought[key]) for key in {**came, **bought}}

    def _verdicts(self, uses: Subquery) -> tuple[Judged, ...]:
        found: defaultdict[Verdict, list[Any]] = defaultdict(list)
        for row in self._connection.execute(count.takings_by(uses.c.verdict, uses)):
            found[Verdict(row.bucket)].append(row)
        return tuple(
            Judged(verdict, sum(int(row.uses) for row in found[verdict]), _takings(found[verdict]))
            for verdict in Verdict
            if verdict in found
        )

    def _stretches(self, live_id: int) -> tuple[Stretch, ...]:
        columns = (_products.c.sku, _products.c.name, _segments.c.started_at, _segments.c.ended_at)
        of_live = select(*columns).join(_products, _products.c.id == _segments.c.product_id)
        of_live = of_live.where(_segments.c.live_id == live_id)
        rows = self._connection.execute(of_live.order_by(_segments.c.started_at, _segments.c.id))
        return tuple(Stretch(*row) for row in rows)

    def _moments(self, live_id: int, step: timedelta) -> tuple[Moment, ...]:
        asked, uses = count.asked(live_id).subquery(), count.uses(live_id).subquery()
        given = count.grants.join(count.offers, count.offers.c.id == count.grants.c.offer_id)
        granted = select().select_from(given).where(count.offers.c.live_id == live_id)
        ordered = select().select_from(uses).where(uses.c.verdict == Verdict.VALID)

        def told(at: Any, rows: Any) -> dict[datetime, int]:
            return count.by_time(self._connection, at, rows, step)

        questions = told(asked.c.at, select().select_from(asked))
        grants, orders = told(count.grants.c.granted_at, granted), told(uses.c.ordered_at, ordered)
        every = sorted({*questions, *grants, *orders})
        return tuple(Moment(at, questions.get(at, 0), grants.get(at, 0), orders.get(at, 0)) for at in every)


def _parts(steps: Mapping[str, Steps], order: Iterable[str], names: Mapping[str, str]) -> tuple[Part, ...]:
    """The parts in the order given, then others; what belongs to none of them last, if there is any."""
    keys = dict.fromkeys([*order, *sorted(steps)])
    named = [Part(key, names.get(key, key), steps.get(key, Steps())) for key in keys if key]
    return (*named, Part("", "", steps[""])) if "" in steps else tuple(named)


def _offer_parts(offers: Iterable[Offer], steps: Mapping[str, Steps]) -> tuple[OfferPart, ...]:
    return tuple(OfferPart(offer, steps.get(str(offer.id), _of_offer(Steps()))) for offer in offers)


def _of_offers(steps: Mapping[str, Steps]) -> dict[str, Steps]:
    return {key: _of_offer(one) for key, one in steps.items()}


def _of_offer(steps: Steps) -> Steps:
    """A command is not written under an offer: how many asked for this one is not known."""
    return replace(steps, viewers=None, questions=None, askers=None)


def _steps(came: Any, bought: Sequence[Any]) -> Steps:
    takings = _takings(bought)
    steps = Steps(
        orders=sum(one.orders for one in takings.values()),
        shared_orders=sum(int(row.is_shared) for row in bought),
        takings=takings,
    )
    if came is None or not came.viewers:
        return steps
    return replace(
        steps,
        viewers=came.viewers,
        questions=int(came.questions),
        askers=int(came.wants),
        holders=int(came.holds),
        own_holders=int(came.owns),
        buyers=int(came.buys),
    )


def _takings(rows: Sequence[Any]) -> dict[str, Takings]:
    return {
        row.currency: Takings(row.orders, int(row.paid), int(row.refunded))
        for row in sorted(rows, key=lambda row: str(row.currency))
    }
