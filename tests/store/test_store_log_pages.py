"""Pages and totals of the log on both engines, against a naive reading of the same rows in Python."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.redemption import Verdict
from domain.redemption_log import (
    LogFilter,
    LogRow,
    PageWish,
    ShareBy,
    SortBy,
)
from domain.shop import OrderState
from domain.show import Mechanic
from store import Database, redemption_log
from store.hour_sums import sum_up_hours
from tests.store.log_scene import ALL, CHANNELS, OPENED, everything, filled, grouped, naive


@pytest.fixture
def log(database: Database) -> Database:
    return filled(database)


moments = st.one_of(
    st.none(),
    st.integers(-60, 60 * 27).map(lambda minutes: OPENED + timedelta(minutes=minutes)),
    st.integers(-1, 27).map(lambda hours: OPENED + timedelta(hours=hours)),
)
filters = st.builds(
    LogFilter,
    live_id=st.sampled_from([None, None, 1, 2, 9]),
    channel=st.sampled_from([None, None, "", *CHANNELS]),
    sku=st.sampled_from([None, None, "", "A", "B", "C", "nothing"]),
    offer_id=st.sampled_from([None, None, 1, 3, 5]),
    mechanic=st.sampled_from([None, None, *Mechanic]),
    verdict=st.sampled_from([None, None, *Verdict]),
    state=st.sampled_from([None, None, *OrderState]),
    since=moments,
    until=moments,
    search=st.sampled_from(["", "", "", "#eur-1", "CHF-10", "@ann", "DUPONT", "chloe du", "nobody", "لللل"]),
    is_by_name=st.booleans(),
)


@pytest.mark.parametrize("is_summed", [False, True])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=filters,
    wish=st.builds(PageWish, st.sampled_from(SortBy), st.booleans(), st.sampled_from([7, 20])),
    walk_from=st.sampled_from([0, 20_000]),
)
def test_a_page_and_its_totals_are_what_a_reading_of_all_rows_finds(
    log: Database, wanted: LogFilter, wish: PageWish, walk_from: int, is_summed: bool
) -> None:
    if is_summed:
        sum_up_hours(log)
    expected = naive(everything(log), wanted)
    sort_key = {
        SortBy.ORDERED_AT: lambda row: (row.redemption.ordered_at, row.id),
        SortBy.DISCOUNT: lambda row: (row.redemption.discount.amount, row.id),
        SortBy.TOTAL: lambda row: (row.redemption.total.amount, row.id),
        SortBy.NET: lambda row: (row.net, row.id),
    }[wish.by]
    expected.sort(key=sort_key, reverse=wish.is_descending)

    redemption_log.WALK_FROM = walk_from
    with log.unit(read_only=True) as unit:
        read = all_pages(unit, wanted, wish)
        totals = unit.redemption_log.totals(wanted)
        shares = {by: unit.redemption_log.shares(wanted, by) for by in ShareBy}
    redemption_log.WALK_FROM = 20_000

    assert expected == read
    assert grouped(expected, lambda row: row.redemption.total.currency) == totals.by_currency
    assert grouped(expected, lambda row: (row.verdict, row.redemption.total.currency)) == totals.by_verdict
    keys = {
        ShareBy.CHANNEL: lambda row: row.channel,
        ShareBy.PRODUCT: lambda row: row.sku,
        ShareBy.OFFER: lambda row: str(row.offer_id),
        ShareBy.LIVE: lambda row: str(row.live_id),
        ShareBy.MECHANIC: lambda row: str(row.mechanic.value),
    }
    for way, found in shares.items():
        of_row = keys[way]
        assert grouped(expected, lambda row, of_row=of_row: (of_row(row), row.redemption.total.currency)) == {
            (share.key, share.currency): share.sums for share in found
        }
        assert all(one.sums.net >= two.sums.net for one, two in pairwise(found))


def all_pages(unit: Any, wanted: LogFilter, wish: PageWish) -> list[LogRow]:
    """Every row, page by page to the end; and back again, which must give the same."""
    page = unit.redemption_log.page(wanted, wish, ALL)
    pages = [page.rows]
    assert page.previous is None
    while page.next is not None:
        page = unit.redemption_log.page(wanted, replace(wish, after=page.next), ALL)
        pages.append(page.rows)
    for before in reversed(pages[:-1]):
        page = unit.redemption_log.page(wanted, replace(wish, before=page.previous), ALL)
        assert before == page.rows
    if pages[0]:
        last = unit.redemption_log.page(wanted, replace(wish, is_last=True), ALL)
        assert last.rows == tuple(row for rows in pages for row in rows)[-wish.size :]
    return [row for rows in pages for row in rows]
