"""The log on both engines: sums, stories, what is masked, what is found."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from domain.chat import Role
from domain.errors import Refusal
from domain.money import Money
from domain.redemption_log import (
    HIDDEN,
    LogFilter,
    MaySee,
    PageWish,
)
from domain.shop import CodeUse, Order, OrderState
from domain.show import Ask, DeliveryState, DeliveryWay
from store import Database, log_filters, schema
from store.hour_sums import sum_up_hours
from tests.store.log_scene import ALL, GRACE, OPENED, everything, filled, grouped


@pytest.fixture
def log(database: Database) -> Database:
    return filled(database)


def test_what_is_written_after_the_hours_were_summed_up_counts_at_once(log: Database) -> None:
    sum_up_hours(log)
    with log.unit() as unit:
        assert not unit.hour_sums.read().hours
        row = next(row for row in everything(log) if row.net > 0)
        before = unit.redemption_log.totals(LogFilter())
        unit.redemptions.gone("woocommerce", row.redemption.order_id, GRACE)
        after = unit.redemption_log.totals(LogFilter())
    currency = row.redemption.total.currency
    assert before.rows == after.rows
    assert before.by_currency[currency].net - row.net == after.by_currency[currency].net
    sum_up_hours(log)
    with log.unit(read_only=True) as unit:
        assert after == unit.redemption_log.totals(LogFilter())


def test_an_order_that_loses_a_code_is_alone_again(log: Database) -> None:
    rows = everything(log)
    two = next(
        row for row in rows if sum(one.redemption.order_id == row.redemption.order_id for one in rows) == 2
    )
    one = two.redemption
    order = Order(
        one.order_id, (CodeUse(one.code, one.discount),), one.total, Money(0, one.total.currency),
        OrderState.PLACED, one.ordered_at, 2,
    )  # fmt: skip
    with log.unit() as unit:
        unit.redemptions.record("woocommerce", [order], OPENED, GRACE)
        page = unit.redemption_log.page(LogFilter(search=one.order_id), PageWish(), ALL)
    assert [one.code] == [row.redemption.code for row in page.rows]
    assert one.total.amount == page.totals.by_currency[one.total.currency].net


def test_unique_codes_are_masked_for_those_who_may_not_see_them(log: Database) -> None:
    with log.unit(read_only=True) as unit:
        rows = list(unit.redemption_log.rows(LogFilter(), MaySee()))
        stories = [unit.redemption_log.story(row.id, MaySee()) for row in rows]
    assert not [row for row in rows if "SECRET" in row.redemption.code]
    assert {"LIVEEUR", "LIVECHF"} < {row.redemption.code for row in rows}
    assert "SECRET" not in str([(s.grant.code, s.others) for s in stories if s and s.grant])


def test_viewers_are_hidden_from_those_who_may_not_see_them(log: Database) -> None:
    with log.unit(read_only=True) as unit:
        rows = list(unit.redemption_log.rows(LogFilter(), MaySee(viewers=False)))
        stories = [unit.redemption_log.story(row.id, MaySee(viewers=False)) for row in rows]
    assert {None, HIDDEN} == {row.viewer for row in rows}
    assert {HIDDEN} == {story.grant.viewer_name for story in stories if story and story.grant}
    assert {HIDDEN} == {story.grant.viewer_id for story in stories if story and story.grant}


def test_a_row_tells_its_story(log: Database) -> None:
    row = next(row for row in everything(log) if row.viewer == "JeanDupont42")
    with log.unit() as unit:
        before = unit.redemption_log.story(row.id, ALL)
        assert before is not None and before.grant is not None
        ask = Ask(
            before.live.id, before.grant.channel, before.grant.message_id, before.grant.platform,
            before.grant.viewer_id, "JeanDupont42", Role.VIEWER, "code", "", before.grant.granted_at,
        )  # fmt: skip
        unit.asks.record([ask])
        unit.grants.mark([before.grant.id], DeliveryState.DELIVERED, OPENED, DeliveryWay.PAGE)
        story = unit.redemption_log.story(row.id, ALL)
        assert unit.redemption_log.story(9_999, ALL) is None
    assert story is not None
    assert (row, ask, row.offer_id) == (story.row, story.ask, story.offer.id)
    assert (DeliveryState.DELIVERED, DeliveryWay.PAGE, OPENED) == (
        story.delivery, story.delivery_way, story.delivery_at,
    )  # fmt: skip


def test_a_viewer_is_found_by_the_new_name_only(log: Database) -> None:
    wanted = LogFilter(search="dupont42")
    with log.unit() as unit:
        found = unit.redemption_log.page(wanted, PageWish(), ALL).rows
        ids = [
            story.grant.id
            for row in found
            if (story := unit.redemption_log.story(row.id, ALL)) and story.grant
        ]
        unit._connection.execute(
            text("UPDATE grants SET viewer_name = 'viewer-7f3a' WHERE viewer_name = 'JeanDupont42'")
        )
        unit.redemption_log.reindex(ids)
        assert () == unit.redemption_log.page(wanted, PageWish(), ALL).rows
        again = unit.redemption_log.page(LogFilter(search="viewer-7f3a"), PageWish(), ALL).rows
        by_order = unit.redemption_log.page(LogFilter(search=found[0].redemption.order_id), PageWish(), ALL)
    assert found and [row.id for row in found] == [row.id for row in again]
    assert found[0].id in [row.id for row in by_order.rows]


@pytest.mark.parametrize("typed", ["a", "#4", "é "])
def test_too_short_a_search_is_one_sentence(log: Database, typed: str) -> None:
    with log.unit(read_only=True) as unit, pytest.raises(Refusal, match="at least 3 characters"):
        unit.redemption_log.page(LogFilter(search=typed), PageWish(), ALL)


def test_a_search_that_finds_too_much_is_one_sentence(log: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_filters, "MOST_FOUND", 5)
    with log.unit(read_only=True) as unit, pytest.raises(Refusal, match="type more of it"):
        unit.redemption_log.page(LogFilter(search="eur-1"), PageWish(), ALL)


def test_what_can_be_filtered_by_is_what_there_is(log: Database) -> None:
    rows = everything(log)
    with log.unit(read_only=True) as unit:
        choices = unit.redemption_log.choices()
    assert sorted({row.channel for row in rows} - {""}) == list(choices.channels)
    assert sorted({row.sku for row in rows} - {""}) == list(choices.skus)


def test_rows_of_before_the_log_are_brought_into_it(log: Database) -> None:
    rows = everything(log)
    with log.unit(read_only=True) as unit:
        totals = unit.redemption_log.totals(LogFilter())
    with log._connect() as connection:
        schema.downgrade(connection, "0004")
    log.upgrade()
    assert rows == everything(log)
    with log.unit(read_only=True) as unit:
        assert totals == unit.redemption_log.totals(LogFilter())
        found = unit.redemption_log.page(LogFilter(search="dupont42"), PageWish(), ALL).rows
    assert found and {"JeanDupont42"} == {row.viewer for row in found}


def test_sums_read_before_somebody_else_wrote_newer_ones_are_not_kept(log: Database) -> None:
    row = next(row for row in everything(log) if row.net > 0)
    with log.unit(read_only=True) as unit:
        old = unit.hour_sums.read()
    with log.unit() as unit:
        unit.redemptions.gone("woocommerce", row.redemption.order_id, GRACE)
    sum_up_hours(log)
    with log.unit() as unit:
        unit.hour_sums.write(old)
    with log.unit(read_only=True) as unit:
        assert not unit.hour_sums.read().hours
        by_currency = unit.redemption_log.totals(LogFilter()).by_currency
    assert grouped(everything(log), lambda row: row.redemption.total.currency) == by_currency


def test_what_is_written_between_the_reading_and_the_keeping_of_sums_counts(log: Database) -> None:
    row = next(row for row in everything(log) if row.net > 0)
    with log.unit(read_only=True) as unit:
        read = unit.hour_sums.read()
    with log.unit() as unit:
        unit.redemptions.gone("woocommerce", row.redemption.order_id, GRACE)
    with log.unit() as unit:
        unit.hour_sums.write(read)
        by_currency = unit.redemption_log.totals(LogFilter()).by_currency
    assert grouped(everything(log), lambda row: row.redemption.total.currency) == by_currency


def test_two_who_sum_up_at_once_and_one_who_writes_leave_right_sums(log: Database) -> None:
    one = next(row.redemption for row in everything(log) if row.redemption.total.currency == "EUR")

    def write() -> None:
        for version in range(2, 12):
            order = Order(
                one.order_id, (CodeUse(one.code, Money(version, "EUR")),), Money(1_000 * version, "EUR"),
                Money(0, "EUR"), OrderState.PLACED, OPENED, version,
            )  # fmt: skip
            with log.unit() as unit:
                unit.redemptions.record("woocommerce", [order], OPENED, GRACE)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write), pool.submit(sum_up_hours, log), pool.submit(sum_up_hours, log)]:
            done.result()
    sum_up_hours(log)
    with log.unit(read_only=True) as unit:
        by_currency = unit.redemption_log.totals(LogFilter()).by_currency
    assert grouped(everything(log), lambda row: row.redemption.total.currency) == by_currency
