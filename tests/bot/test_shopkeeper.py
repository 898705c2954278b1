"""What happens to codes and orders between our database and the shop."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.shop_orders import NOTICES
from bot.shopkeeper import Shopkeeper
from commands.planning import change_live, planned_live
from domain.errors import ActionRequired, Fault
from domain.money import Money
from domain.redemption import Verdict
from domain.shop import Notice, Order, OrderState, version_at
from domain.show import Claim, CodeState, Discount, Live, Mechanic, Offer, OfferKind, Product
from standins.shop.model import NotAccepted, PlacedOrder
from store.database import Database
from store.redemptions import RedemptionLine
from tests.bot.shelf import ShelfShop, told

GRACE, LEASE = timedelta(minutes=5), timedelta(minutes=15)


@dataclass
class Counter:
    """A shop, its keeper, an open live with an offer; and a clock that both have."""

    shop: ShelfShop
    keeper: Shopkeeper
    database: Database
    live: Live
    offer: Offer
    notices: list[Notice] = field(default_factory=list)

    def pass_time(self, by: timedelta) -> None:
        self.shop.model.shift += by

    def draw(self, *codes: str) -> None:
        with self.database.unit() as unit:
            unit.codes.add(self.offer.id, codes, CodeState.DRAWN)

    def grant(self, name: str) -> str | None:
        """Ask for a code; the one granted, None when there is none."""
        claim = Claim("twitch", f"id-{name}", name, "twitch:100", f"m-{name}")
        with self.database.unit() as unit:
            (outcome,) = unit.grants.grant(self.offer, [claim], self.shop.model.now())
        return outcome.grant.code if outcome.grant else None

    def buy(self, *codes: str, email: str = "ann@example.com") -> PlacedOrder:
        return self.shop.model.check_out(list(codes), email)

    def webhook(self, order: Order) -> None:
        """The shop tells of an order as it was."""
        self.notices.append(Notice(f"{order.id}-{order.version}-{len(self.notices)}", (order,)))
        self.keeper.orders.keep_notices(self.notices[-1:])

    def lines(self) -> list[RedemptionLine]:
        with self.database.unit(read_only=True) as unit:
            return unit.redemptions.list(self.live.id)

    def states(self) -> dict[str, CodeState]:
        with self.database.unit(read_only=True) as unit:
            return dict(unit.codes.list(self.offer.id))

    def close(self) -> None:
        with self.database.unit() as unit:
            self.live = unit.lives.close(self.live.id, self.shop.model.now())


@pytest.fixture
def counter(database: Database) -> Iterator[Counter]:
    shop = ShelfShop()
    now = datetime.now(UTC)
    with database.unit() as unit:
        unit.products.save(
            [Product("XSX", "La Xbox", Money(49999, "EUR"), ("xbox",), Money(45000, "EUR"))], now
        )
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:100",), starts_at=now)
        live = unit.lives.open(live.id, now)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
    yield Counter(shop, Shopkeeper(database, shop, GRACE, LEASE, shop.model.now), database, live, offer)


def refused(counter: Counter, code: str) -> str:
    with pytest.raises(NotAccepted) as why:
        counter.buy(code)
    return str(why.value)


def test_a_code_is_granted_only_once_the_shop_has_it(counter: Counter) -> None:
    counter.draw("AAA")
    assert counter.grant("ann") is None

    counter.keeper.make_due_codes()

    assert "AAA" == counter.grant("ann")
    assert counter.buy("AAA").discounts == {"AAA": 10000}


def test_making_codes_broken_off_goes_on_where_it_was_and_makes_none_twice(counter: Counter) -> None:
    counter.draw(*(f"C{number:03}" for number in range(35)))
    counter.shop.fails_after = 2
    with pytest.raises(Fault):
        counter.keeper.make_due_codes()
    assert 20 == list(counter.states().values()).count(CodeState.CREATED)

    counter.shop.fails_after = None
    counter.keeper.make_due_codes()

    assert {CodeState.CREATED} == set(counter.states().values())
    assert 35 == len(counter.shop.model.coupons)


def test_a_code_that_is_somebody_elses_in_the_shop_is_never_granted(counter: Counter) -> None:
    counter.shop.model.add_coupon("SUMMER", percent=5)
    counter.draw("SUMMER")
    counter.keeper.make_due_codes()

    assert {"SUMMER": CodeState.DEAD} == counter.states()
    assert counter.grant("ann") is None


def test_while_the_live_is_open_codes_outlive_their_first_lease(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    for _ in range(6):
        counter.pass_time(timedelta(minutes=6))
        counter.keeper.push_leases()

    assert counter.buy("AAA")


def test_with_nobody_to_push_it_a_lease_runs_out(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.pass_time(LEASE)

    assert "expired" == refused(counter, "AAA")


def test_codes_in_viewers_hands_are_kept_alive_first(counter: Counter) -> None:
    counter.shop.part = 1
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    with counter.database.unit() as unit:
        unit.codes.move(counter.offer.id, counter.offer.id, 0)
    counter.grant("ann")
    counter.pass_time(timedelta(minutes=10))
    counter.shop.fails_after = 1
    with pytest.raises(Fault):
        counter.keeper.push_leases()
    counter.pass_time(timedelta(minutes=8))

    assert counter.buy("AAA")
    assert "expired" == refused(counter, "BBB")


def test_a_lease_never_goes_past_the_planned_end_and_its_grace(counter: Counter) -> None:
    with counter.database.unit() as unit:
        counter.live = unit.lives.add("Courte", "fr", "Europe/Paris", ("twitch:200",),
                                      ends_at=counter.shop.model.now() + timedelta(minutes=4))  # fmt: skip
        unit.lives.open(counter.live.id, counter.shop.model.now())
        counter.offer = unit.offers.add(
            counter.live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20)
        )
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.keeper.push_leases()
    counter.pass_time(timedelta(minutes=8, seconds=59))
    assert counter.buy("AAA")
    counter.pass_time(timedelta(minutes=1))
    assert "expired" == refused(counter, "AAA")


def test_at_the_close_codes_live_through_the_grace_and_are_dead_after_it(counter: Counter) -> None:
    counter.draw("AAA", "BBB", "CCC")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    counter.close()
    counter.keeper.end_codes()
    assert counter.buy("AAA")

    counter.pass_time(GRACE)
    counter.keeper.end_codes()

    assert "off" == refused(counter, "BBB")
    assert {CodeState.DEAD} == {counter.states()["BBB"], counter.states()["CCC"]}


def test_a_shop_that_fails_at_the_end_is_asked_until_every_code_is_dead(counter: Counter) -> None:
    counter.draw(*(f"C{number:03}" for number in range(25)))
    counter.keeper.make_due_codes()
    counter.close()
    counter.pass_time(GRACE)
    counter.shop.fails_after = 1
    with pytest.raises(Fault):
        counter.keeper.end_codes()
    assert CodeState.CREATED in counter.states().values()

    counter.shop.fails_after = None
    counter.keeper.end_codes()
    assert {CodeState.DEAD} == set(counter.states().values())
    calls = len(counter.shop.calls)
    counter.keeper.end_codes()
    assert calls == len(counter.shop.calls), "what is dead is left in peace"


def test_a_bot_begun_again_at_the_end_ends_what_is_left_and_nothing_twice(counter: Counter) -> None:
    counter.draw(*(f"C{number:03}" for number in range(25)))
    counter.keeper.make_due_codes()
    counter.close()
    counter.pass_time(GRACE)
    counter.shop.fails_after = 1
    with pytest.raises(Fault):
        counter.keeper.end_codes()
    counter.shop.fails_after = None
    left = list(counter.states().values()).count(CodeState.CREATED)

    for _ in range(2):
        calls = counter.shop.calls.count("end")
        Shopkeeper(counter.database, counter.shop, GRACE, LEASE, counter.shop.model.now).end_codes()
        assert (1 if left else 0) == counter.shop.calls.count("end") - calls
        left = 0
    assert {CodeState.DEAD} == set(counter.states().values())


def test_codes_that_the_shop_has_not_ended_after_a_minute_are_an_alarm(
    counter: Counter, capsys: pytest.CaptureFixture[str]
) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.close()
    counter.shop.fails_after = 0
    for seconds, is_alarm in ((0, False), (59, False), (2, True)):
        counter.pass_time((GRACE if not seconds else timedelta(0)) + timedelta(seconds=seconds))
        with pytest.raises(Fault):
            counter.keeper.end_codes()
        assert is_alarm == ("codes_still_alive" in capsys.readouterr().out)


def test_a_killed_offer_is_dead_in_the_shop_while_the_live_goes_on(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    with counter.database.unit() as unit:
        unit.offers.kill(counter.offer.id, counter.shop.model.now())
    counter.keeper.end_codes()

    assert "off" == refused(counter, "AAA")


def test_an_ended_offer_leaves_the_codes_of_its_viewers_alive(counter: Counter) -> None:
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    with counter.database.unit() as unit:
        unit.offers.end(counter.offer.id, counter.shop.model.now())
    counter.pass_time(timedelta(minutes=10))
    counter.keeper.push_leases()
    counter.pass_time(timedelta(minutes=10))

    assert counter.buy("AAA")
    assert "expired" == refused(counter, "BBB")


def test_the_verdicts_tell_which_uses_keep_the_rules(counter: Counter) -> None:
    counter.draw("AAA", "BBB", "CCC")
    counter.keeper.make_due_codes()
    for name in ("ann", "bob"):
        counter.grant(name)
    valid, never = counter.buy("AAA"), counter.buy("CCC")
    counter.pass_time(timedelta(seconds=1))
    counter.shop.model.coupons[min(counter.shop.model.coupons)].usage_limit = 9
    over = counter.buy("AAA")
    counter.keeper.orders.poll_orders()

    found = {line.redemption.order_id: line.verdict for line in counter.lines()}
    assert {
        str(valid.id): Verdict.VALID, str(never.id): Verdict.NEVER_GRANTED, str(over.id): Verdict.OVER_USED,
    } == found  # fmt: skip
    assert CodeState.REDEEMED == counter.states()["CCC"], "a code that leaked is granted to nobody any more"


def test_a_cancelled_order_gives_its_viewer_the_code_back(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    order = counter.buy("AAA")
    counter.keeper.orders.poll_orders()
    assert CodeState.REDEEMED == counter.states()["AAA"]

    counter.shop.model.cancel(order.id)
    counter.keeper.orders.poll_orders()
    assert CodeState.GRANTED == counter.states()["AAA"]
    again = counter.buy("AAA", email="bob@example.com")
    counter.keeper.orders.poll_orders()

    verdicts = {line.redemption.order_id: line.verdict for line in counter.lines()}
    assert Verdict.OTHER_CUSTOMER == verdicts[str(again.id)], "the code went from one customer to another"


def test_money_is_counted_net_of_refunds_and_an_order_with_two_codes_once(counter: Counter) -> None:
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    counter.grant("bob")
    order = counter.buy("AAA", "BBB")
    counter.shop.model.refund(order.id, 5_000)
    counter.keeper.orders.poll_orders()

    assert 2 == len(counter.lines())
    with counter.database.unit(read_only=True) as unit:
        assert {"EUR": order.total - 5_000} == unit.redemptions.revenue(counter.live.id)
        assert {Verdict.VALID: 2} == unit.redemptions.verdicts(counter.live.id)


def test_whatever_is_given_back_an_order_never_brings_less_than_nothing(counter: Counter) -> None:
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    counter.grant("bob")
    whole, cancelled = counter.buy("AAA"), counter.buy("BBB", email="bob@example.com")
    brought = []
    for order, amount in ((whole, 1_000), (whole, 2_000), (whole, whole.total), (cancelled, 500)):
        counter.pass_time(timedelta(seconds=2))
        if order is cancelled:
            counter.shop.model.cancel(order.id)
        counter.shop.model.refund(order.id, amount)
        counter.keeper.orders.poll_orders()
        counter.webhook(told(order))
        counter.keeper.orders.work_notices()
        with counter.database.unit(read_only=True) as unit:
            brought.append(unit.redemptions.revenue(counter.live.id)["EUR"])
    both = whole.total + cancelled.total
    assert [both - 1_000, both - 3_000, cancelled.total, 0] == brought


def test_a_late_webhook_of_an_old_state_is_looked_up_and_not_believed(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    order = counter.buy("AAA")
    as_it_was = told(order)
    counter.pass_time(timedelta(seconds=2))
    counter.shop.model.take_code_off(order.id, "AAA")
    counter.keeper.orders.poll_orders()
    assert [] == counter.lines()

    counter.webhook(as_it_was)
    counter.keeper.orders.work_notices()

    assert [] == counter.lines()


def test_a_webhook_waits_for_a_shop_that_fails(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    order = counter.buy("AAA")
    counter.keeper.orders.keep_notices([Notice("only its id", (), (str(order.id),))])
    looked_up, counter.shop.order = counter.shop.order, _fails  # type: ignore[method-assign]
    with pytest.raises(Fault):
        counter.keeper.orders.work_notices()
    assert [] == counter.lines()

    counter.shop.order = looked_up  # type: ignore[method-assign]
    counter.keeper.orders.work_notices()
    assert 1 == len(counter.lines())


def test_a_webhook_that_needs_a_failing_shop_holds_up_no_other(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    needing = [Notice(f"only an id {number}", (), (f"{number}",)) for number in range(NOTICES + 1)]
    counter.keeper.orders.keep_notices(needing)
    counter.webhook(told(counter.buy("AAA")))
    counter.shop.order = _fails  # type: ignore[method-assign]
    with pytest.raises(Fault):
        counter.keeper.orders.work_notices()

    assert [Verdict.VALID] == [line.verdict for line in counter.lines()]


def test_a_webhook_after_the_cancellation_does_not_bring_the_order_back(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    order = counter.buy("AAA")
    as_it_was = told(order)
    counter.pass_time(timedelta(seconds=2))
    counter.shop.model.cancel(order.id)
    for webhook in (told(order), as_it_was):
        counter.webhook(webhook)
        counter.keeper.orders.work_notices()

    assert [OrderState.CANCELLED] == [line.redemption.state for line in counter.lines()]
    assert CodeState.GRANTED == counter.states()["AAA"]


def test_an_order_that_changes_its_code_is_a_use_of_the_new_one_alone(counter: Counter) -> None:
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    for name in ("ann", "bob"):
        counter.grant(name)
    order = counter.buy("AAA")
    counter.webhook(told(order))
    counter.keeper.orders.work_notices()
    counter.pass_time(timedelta(seconds=2))
    order.codes, order.discounts = ["BBB"], {"BBB": 10_000}
    counter.shop.model.change(order)
    counter.webhook(told(order))
    counter.keeper.orders.work_notices()

    assert ["BBB"] == [line.redemption.code for line in counter.lines()]
    assert {"AAA": CodeState.GRANTED, "BBB": CodeState.REDEEMED} == counter.states()


def test_of_a_limited_shared_code_the_first_orders_count_however_late_they_are_told(counter: Counter) -> None:
    with counter.database.unit() as unit:
        unit.offers.add(counter.live.id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=10), quantity=2,
                        shared_code="LIVE20")  # fmt: skip
    counter.shop.model.add_coupon("LIVE20", percent=10.0)
    orders = []
    for _ in range(4):
        counter.pass_time(timedelta(seconds=1))
        orders.append(counter.buy("live20"))
    for late_first in reversed(orders):
        counter.webhook(told(late_first))
        counter.keeper.orders.work_notices()
    verdicts = {line.redemption.order_id: line.verdict for line in counter.lines()}
    expected = [Verdict.VALID, Verdict.VALID, Verdict.OVER_USED, Verdict.OVER_USED]
    assert expected == [verdicts[str(order.id)] for order in orders]

    counter.pass_time(timedelta(seconds=1))
    counter.shop.model.cancel(orders[0].id)
    counter.keeper.orders.poll_orders()

    verdicts = {line.redemption.order_id: line.verdict for line in counter.lines()}
    expected = [Verdict.VALID, Verdict.VALID, Verdict.VALID, Verdict.OVER_USED]
    assert expected == [verdicts[str(order.id)] for order in orders]


def test_orders_in_another_currency_are_kept_in_their_own(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    counter.shop.model.currency = "CHF"
    order = counter.buy("AAA")
    counter.keeper.orders.poll_orders()
    with counter.database.unit(read_only=True) as unit:
        assert {"CHF": order.total} == unit.redemptions.revenue(counter.live.id)


def test_an_order_that_the_shop_has_no_more_counts_as_cancelled(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    order = counter.buy("AAA")
    counter.keeper.orders.poll_orders()
    counter.shop.model.delete(order.id)
    counter.keeper.orders.keep_notices([Notice("deleted", (), (str(order.id),))])
    counter.keeper.orders.work_notices()

    (line,) = counter.lines()
    assert OrderState.CANCELLED is line.redemption.state


def test_clocks_that_disagree_by_minutes_change_no_verdict(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    counter.shop.model.shift -= timedelta(minutes=4)
    counter.buy("AAA")
    counter.keeper.orders.poll_orders()

    assert [Verdict.VALID] == [line.verdict for line in counter.lines()]


def test_prices_and_stock_follow_the_shop_and_the_rest_stays_ours(counter: Counter) -> None:
    counter.shop.model.items["XSX"].price, counter.shop.model.items["XSX"].stock = 44000, 7
    counter.keeper.prices.refresh()
    with counter.database.unit(read_only=True) as unit:
        product = unit.products.get("XSX")

    assert product is not None
    assert ("La Xbox", ("xbox",), Money(44000, "EUR"), 7) == (
        product.name, product.aliases, product.price, product.stock,
    )  # fmt: skip
    assert Money(44000, "EUR") == product.reference_price, "the lowest price of 30 days is now this one"


def test_a_price_in_another_currency_is_left_alone_and_told_until_it_is_settled(counter: Counter) -> None:
    counter.shop.model.currency = "USD"
    counter.keeper.prices.refresh()
    with counter.database.unit(read_only=True) as unit:
        product = unit.products.get("XSX")
    assert product is not None
    assert Money(49999, "EUR") == product.price
    with pytest.raises(ActionRequired, match=r"sells XSX in USD.*import the products again"):
        counter.keeper.prices.check()

    counter.shop.model.currency = "EUR"
    counter.keeper.prices.refresh()
    counter.keeper.prices.check()


def test_repeats_of_a_webhook_are_known_for_a_week(counter: Counter) -> None:
    counter.draw("AAA")
    counter.keeper.make_due_codes()
    counter.grant("ann")
    notice = Notice("one delivery", (told(counter.buy("AAA")),))
    counter.keeper.orders.keep_notices([notice, notice])
    assert 1 == counter.keeper.orders.work_notices()
    counter.pass_time(timedelta(days=6))
    counter.keeper.orders.clean_up()
    counter.keeper.orders.keep_notices([notice])
    assert 0 == counter.keeper.orders.work_notices()
    counter.pass_time(timedelta(days=2))
    counter.keeper.orders.clean_up()
    counter.keeper.orders.keep_notices([notice])
    assert 1 == counter.keeper.orders.work_notices()


def _fails(id: str) -> Order | None:
    raise Fault("The shelf has fallen.", is_retryable=True)


def test_the_version_of_an_order_is_when_it_changed() -> None:
    assert 1_000 == version_at(datetime.fromtimestamp(1, UTC))


def replanned(counter: Counter, live: Live, **changes: Any) -> None:
    """Give a live another plan, as the console does."""
    with counter.database.unit() as unit:
        now = unit.lives.get(live.id)
        assert now is not None
        seen = planned_live(unit, now)
        plan = replace(seen.plan, **changes)
        moment = counter.shop.model.now()
        change_live(unit, live.id, seen, plan, moment, platforms=("twitch",), languages=("fr",))


def planned_next(counter: Counter, starts: timedelta, ends: timedelta | None = None) -> Live:
    """A live planned beside the open one, with the code NEXT in the shop."""
    now = counter.shop.model.now()
    with counter.database.unit() as unit:
        live = unit.lives.add(
            *("La suite", "fr", "Europe/Paris", ("twitch:200",)), now + starts, now + ends if ends else None
        )
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["NEXT"], CodeState.DRAWN)
    counter.keeper.make_due_codes()
    return live


def test_codes_of_a_live_that_is_opened_before_its_planned_start_work_at_once(counter: Counter) -> None:
    live = planned_next(counter, starts=timedelta(minutes=4))
    assert "early" == refused(counter, "NEXT")
    with counter.database.unit() as unit:
        unit.lives.open(live.id, counter.shop.model.now())
    counter.keeper.push_leases()
    assert counter.buy("NEXT")


@pytest.mark.parametrize("starts", [timedelta(hours=1), timedelta(hours=5)])
def test_codes_of_a_live_that_is_moved_work_when_it_is_on_and_not_before(
    counter: Counter, starts: timedelta
) -> None:
    live = planned_next(counter, starts=timedelta(hours=3))
    replanned(counter, live, starts_at=counter.shop.model.now() + starts)
    counter.pass_time(starts - timedelta(minutes=2))
    counter.keeper.push_leases()
    assert "early" == refused(counter, "NEXT")
    counter.pass_time(timedelta(minutes=2))
    with counter.database.unit() as unit:
        unit.lives.open(live.id, counter.shop.model.now())
    counter.keeper.push_leases()
    assert counter.buy("NEXT")


def test_the_end_of_codes_in_the_shop_follows_the_end_of_the_plan(counter: Counter) -> None:
    counter.draw("AAA", "BBB")
    counter.keeper.make_due_codes()
    replanned(counter, counter.live, ends_at=counter.shop.model.now() + timedelta(minutes=2))
    counter.keeper.push_leases()
    counter.shop.calls.clear()
    counter.keeper.push_leases()
    assert [] == counter.shop.calls  # told once
    counter.pass_time(timedelta(minutes=2) + GRACE)
    assert "expired" == refused(counter, "AAA")  # by the shop alone: nobody ended it there

    replanned(counter, counter.live, ends_at=counter.shop.model.now() + timedelta(hours=1))
    counter.keeper.push_leases()
    assert counter.buy("BBB")
