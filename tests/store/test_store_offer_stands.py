"""How the offers of a live stand, on both databases."""

from datetime import UTC, datetime, timedelta

from domain.money import Money
from domain.shop import CodeMade, CodeUse, Order, OrderState
from domain.show import Claim, CodeState, Discount, Mechanic, OfferKind
from store.database import Database

NOW = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)


def test_an_offer_stands_as_its_codes_grants_and_orders_do(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.open(unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:1",)).id, NOW)
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["AAAA", "BBBB", "CCCC"])
        unit.codes.add(offer.id, ["DDDD"], CodeState.DRAWN)
        shared = unit.offers.add(
            live.id, OfferKind.SHARED, Mechanic.OPEN, Discount(percent=5), quantity=9, shared_code="NOEL"
        )
        unit.grants.grant(offer, [Claim("twitch", "501", "Ann", "twitch:1", "m1")], NOW)
        money = Money(100, "EUR")
        for id, state in (("1", OrderState.PLACED), ("2", OrderState.CANCELLED)):
            order = Order(id, (CodeUse("noel", money),), money, Money(0, "EUR"), state, NOW, 1)
            unit.redemptions.record("shelf", [order], NOW, timedelta(minutes=5))
    with database.unit(read_only=True) as unit:
        of_shared, of_unique = unit.offer_stands.of_live(live.id, NOW)
    assert (4, 2, 1, 1, 0, 2, 0) == (
        of_unique.codes, of_unique.free, of_unique.waiting, of_unique.granted, of_unique.redeemed,
        of_unique.left, of_unique.refused,
    )  # fmt: skip
    assert (shared.id, 0, 1, 9) == (
        of_shared.offer.id, of_shared.codes, of_shared.redeemed, of_shared.left,
    )  # fmt: skip


def test_codes_that_the_shop_did_not_take_are_told(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:1",))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["AAAA", "BBBB"], CodeState.DRAWN)
        unit.shop_codes.made(offer.id, [CodeMade("AAAA", "1"), CodeMade("BBBB", None, "Taken.")], NOW)
        stand = unit.offer_stands.of(offer.id, NOW)
    assert stand is not None and (1, 1, 0) == (stand.refused, stand.free, stand.waiting)


def test_a_killed_offer_tells_how_many_codes_still_work_in_the_shop(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:1",))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.codes.add(offer.id, ["AAAA", "BBBB"], CodeState.DRAWN)
        made = [CodeMade(code, code.lower()) for code in ("AAAA", "BBBB")]
        unit.shop_codes.made(offer.id, made, NOW + timedelta(minutes=15))
        unit.offers.kill(offer.id, NOW)
    with database.unit() as unit:
        stand = unit.offer_stands.of(offer.id, NOW)
        assert stand is not None and (2, 0) == (stand.alive, stand.left)
        unit.shop_codes.leased(offer.id, unit.shop_codes.to_end(offer.id, NOW), NOW)
        after = unit.offer_stands.of(offer.id, NOW)
    assert after is not None and 0 == after.alive


def test_codes_are_paged_in_the_order_they_came(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("La soirée", "fr", "Europe/Paris", ("twitch:1",))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        other = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=30))
        unit.codes.add(offer.id, ["AAAA", "BBBB", "CCCC"])
        unit.codes.add(other.id, ["ZZZZ"], CodeState.DRAWN)
    with database.unit(read_only=True) as unit:
        assert [("BBBB", CodeState.CREATED, None), ("CCCC", CodeState.CREATED, None)] == list(
            unit.codes.page(offer.id, 1, 5)
        )
        assert [] == list(unit.codes.page(offer.id, 0, 5, CodeState.DRAWN))
        assert (3, 3, 0) == tuple(
            unit.codes.count(offer.id, state) for state in (None, CodeState.CREATED, CodeState.DRAWN)
        )
        assert {"AAAA": offer.id, "ZZZZ": other.id} == unit.codes.offers_of(["AAAA", "ZZZZ", "NEW"])
