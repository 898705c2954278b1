"""How far small figures may be trusted."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.rates import chance_of, differ, differences, rate, wilson
from domain.report import LiveReport, RateName, Steps
from domain.show import Live, LiveState


def report(id: int, steps: Steps) -> LiveReport:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    live = Live(id, f"Live {id}", "fr", "Europe/Paris", LiveState.CLOSED, ("twitch:100",), at, at, at, at)
    return LiveReport(live, steps, (), (), (), (), (), (), ())


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Source: Newcombe, «Two-sided confidence intervals for the single proportion», 1998, table I.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_that_of_the_literature(part: int, whole: int, low: float, high: float) -> None:
    assert (low, high) == pytest.approx(wilson(part, whole), abs=0.00006)


def test_nothing_seen_says_nothing() -> None:
    assert (0.0, 1.0) == wilson(0, 0)
    assert rate((0, 0)) is None
    assert rate(None) is None
    assert not differ((0, 0), (5, 5))


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_interval_holds_the_rate_seen_and_stays_between_0_and_1(counts: tuple[int, int]) -> None:
    found = rate(counts)
    assert found is not None
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.integers(1, 500), st.integers(0, 100), st.integers(2, 50))
def test_more_of_the_same_is_surer(whole: int, percent: int, times: int) -> None:
    part = whole * percent // 100
    low, high = wilson(part, whole)
    surer_low, surer_high = wilson(part * times, whole * times)
    assert surer_high - surer_low < high - low


def test_the_difference_of_two_rates_is_that_of_the_literature() -> None:
    # Source: Newcombe, «Interval estimation for the difference between independent proportions», 1998,
    # table II, method 10: 56/70 less 48/80 is from 0.0524 to 0.3339, 9/10 less 3/10 from 0.1705 to 0.8090.
    assert differ((56, 70), (48, 80))
    assert differ((9, 10), (3, 10))
    # 5/56 less 0/29: from -0.0381 to 0.1926.
    assert not differ((5, 56), (0, 29))


def test_a_single_viewer_proves_nothing() -> None:
    assert not differ((9, 10), (0, 1))
    assert not differ((190, 200), (0, 1))


def test_fishers_test_is_that_of_the_literature() -> None:
    # Source: Fisher, «The Design of Experiments», 1935: the lady tasting tea, 3 of 4 cups right: 34/70.
    assert 34 / 70 == pytest.approx(chance_of((3, 4), (1, 4)))
    assert 2 / 70 == pytest.approx(chance_of((4, 4), (0, 4)))


@given(st.tuples(st.integers(0, 60), st.integers(0, 60)), st.tuples(st.integers(0, 60), st.integers(0, 60)))
def test_which_live_is_named_first_does_not_matter(one: tuple[int, int], other: tuple[int, int]) -> None:
    first, second = sorted(one), sorted(other)
    assert differ((first[0], first[1]), (second[0], second[1])) == differ(
        (second[0], second[1]), (first[0], first[1])
    )


def test_a_small_live_is_not_over_read_and_a_large_one_is_believed() -> None:
    large = report(1, Steps(2_000, 9_000, 1_200, 1_000, 1_000, 200, 200))
    as_large = report(2, Steps(2_000, 9_000, 1_200, 1_000, 1_000, 120, 120))
    small = report(3, Steps(20, 90, 12, 10, 10, 1, 1))
    found = {(one.other.live.id, one.name): one.is_sure for one in differences([large, as_large, small])}
    assert found[2, RateName.BOUGHT]
    assert not found[2, RateName.ASKED]
    assert not found[3, RateName.BOUGHT]


def test_what_cannot_be_known_is_not_compared() -> None:
    shared = report(2, Steps(100, 100, 50, 50, 0, 0, 20, 20))
    own = report(1, Steps(100, 100, 50, 50, 50, 20, 20))
    assert {RateName.ASKED, RateName.HELD} == {one.name for one in differences([own, shared])}


def test_the_more_is_compared_the_more_a_difference_must_be() -> None:
    one, other = (60, 500), (38, 500)
    assert differ(one, other)
    assert not differ(one, other, 1 - 0.05 / 9)
