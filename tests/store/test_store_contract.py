"""Lives, products, segments, offers, codes, asks and tokens on both engines."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.errors import ActionRequired, Fault, Refusal
from domain.money import Money
from domain.show import (
    AnnouncedPrice,
    CodeState,
    Discount,
    Live,
    LiveState,
    Mechanic,
    Offer,
    OfferCounts,
    OfferKind,
    Product,
)
from store import Database, open_database

NOW = datetime(2026, 11, 23, 20, 0, 0, 123456, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def add_live(database: Database, *channels: str, starts_at: datetime | None = None) -> Live:
    with database.unit() as unit:
        return unit.lives.add(
            "Evening", "fr", "Europe/Paris", channels or ["twitch:100"], starts_at=starts_at
        )


def add_offer(database: Database, kind: OfferKind = OfferKind.UNIQUE, **more: object) -> Offer:
    live = add_live(database)
    discount = more.pop("discount", Discount(percent=20))
    with database.unit() as unit:
        return unit.offers.add(live.id, kind, Mechanic.DROP, discount, **more)  # type: ignore[arg-type]


def test_a_live_is_planned_with_its_channels_in_order(database: Database) -> None:
    paris = timezone(timedelta(hours=1))
    with database.unit() as unit:
        live = unit.lives.add(
            "Soirée", "fr", "Europe/Paris", ["youtube:UC1", "twitch:100"], NOW.astimezone(paris), LATER
        )
    assert (LiveState.PLANNED, ("youtube:UC1", "twitch:100")) == (live.state, live.channels)
    with database.unit() as unit:
        assert live == unit.lives.get(live.id)
        assert unit.lives.get(99) is None
    assert NOW == live.starts_at
    assert timedelta(0) == live.starts_at.utcoffset()


def test_lives_are_listed_newest_first(database: Database) -> None:
    first, second = add_live(database), add_live(database, "youtube:UC1")
    with database.unit() as unit:
        assert [second, first] == unit.lives.list()


@pytest.mark.parametrize("channels", [[], ["twitch"], ["twitch:"], [":100"]])
def test_a_live_needs_channels_that_are_channels(database: Database, channels: list[str]) -> None:
    with pytest.raises(Refusal), database.unit() as unit:
        unit.lives.add("Evening", "fr", "Europe/Paris", channels)
    with database.unit() as unit:
        assert [] == unit.lives.list()


def test_a_time_without_a_zone_is_not_stored(database: Database) -> None:
    with pytest.raises(Exception, match="time zone"):
        add_live(database, starts_at=datetime(2026, 11, 23, 20))  # noqa: DTZ001
    with database.unit() as unit:
        assert [] == unit.lives.list()


def test_a_live_opened_twice_is_refused(database: Database) -> None:
    live = add_live(database)
    with database.unit() as unit:
        opened = unit.lives.open(live.id, NOW)
        assert (LiveState.OPEN, NOW) == (opened.state, opened.opened_at)
    with pytest.raises(Refusal, match="already open"), database.unit() as unit:
        unit.lives.open(live.id, LATER)
    with database.unit() as unit:
        assert opened == unit.lives.get(live.id)


def test_a_channel_has_one_open_live_at_a_time(database: Database) -> None:
    first, second = add_live(database, "twitch:100", "youtube:UC1"), add_live(database, "twitch:100")
    with database.unit() as unit:
        unit.lives.open(first.id, NOW)
        with pytest.raises(Refusal, match="already has an open live"):
            unit.lives.open(second.id, NOW)
        assert second == unit.lives.get(second.id)
        unit.lives.close(first.id, NOW)
        assert LiveState.OPEN is unit.lives.open(second.id, LATER).state


def test_a_live_is_closed_once_and_never_reopened(database: Database) -> None:
    live = add_live(database)
    with database.unit() as unit:
        unit.lives.open(live.id, NOW)
        closed = unit.lives.close(live.id, LATER)
        assert (LiveState.CLOSED, LATER) == (closed.state, closed.closed_at)
        with pytest.raises(Refusal, match="already closed"):
            unit.lives.close(live.id, LATER)
        with pytest.raises(Refusal, match="already closed"):
            unit.lives.open(live.id, LATER)
        for verb in (unit.lives.open, unit.lives.close):
            with pytest.raises(Refusal, match="no live 99"):
                verb(99, NOW)


def test_the_current_live_is_the_open_one_else_the_next_planned(database: Database) -> None:
    someday, late, soon = (
        add_live(database),
        add_live(database, starts_at=LATER),
        add_live(database, starts_at=NOW),
    )
    with database.unit() as unit:
        assert soon == unit.lives.current("twitch:100")
        opened = unit.lives.open(someday.id, NOW)
        assert opened == unit.lives.current("twitch:100")
        unit.lives.set_state(someday.id, LiveState.CLOSING)
        unit.lives.close(soon.id, NOW)
        assert late == unit.lives.current("twitch:100")
        assert unit.lives.current("twitch:200") is None


CONSOLE = Product(
    "X1", "Console", Money(49_999, "EUR"), ("xbox", "boîte"), Money(47_999, "EUR"), 3, "https://s/x1"
)
PLUSH = Product("P1", "Peluche", Money(1_500, "EUR"))


def test_products_read_back_as_they_were_saved(database: Database) -> None:
    with database.unit() as unit:
        unit.products.save([CONSOLE, PLUSH], NOW)
    with database.unit() as unit:
        assert [CONSOLE, PLUSH] == unit.products.list()
        assert CONSOLE == unit.products.get("X1")
        assert unit.products.get("none") is None


def test_price_history_grows_only_when_a_price_changed(database: Database) -> None:
    steps = [
        CONSOLE,
        replace(CONSOLE, stock=0, name="Console noire"),
        replace(CONSOLE, price=Money(45_000, "EUR")),
        replace(CONSOLE, price=Money(45_000, "EUR"), reference_price=None),
    ]
    with database.unit() as unit:
        for hours, product in enumerate(steps):
            unit.products.save([product, PLUSH], NOW + timedelta(hours=hours))
            assert product == unit.products.get("X1")
        points = unit.products.prices("X1")
        assert [(p.price, p.reference_price) for p in (steps[0], *steps[2:])] == [
            (point.price, point.reference_price) for point in points
        ]
        assert [NOW, NOW + timedelta(hours=2), NOW + timedelta(hours=3)] == [point.at for point in points]
        assert 1 == len(unit.products.prices("P1"))


def test_a_sku_given_twice_saves_nothing(database: Database) -> None:
    with database.unit() as unit:
        with pytest.raises(Refusal, match="X1 is given twice"):
            unit.products.save([PLUSH, CONSOLE, CONSOLE], NOW)
        assert [] == unit.products.list()


def test_a_catalogue_of_thousands_is_saved(database: Database) -> None:
    many = [Product(f"S{n}", f"Product {n}", Money(n + 1, "EUR")) for n in range(2_500)]
    with database.unit() as unit:
        unit.products.save(many, NOW)
        unit.products.save(many, LATER)
        assert many == unit.products.list()


def test_putting_a_product_on_screen_takes_the_one_before_off(database: Database) -> None:
    live, other = add_live(database), add_live(database)
    with database.unit() as unit:
        unit.products.save([CONSOLE, PLUSH], NOW)
        assert unit.segments.on_screen(live.id) is None
        for sku in ("X1", "X1", "P1"):
            unit.segments.put_on_screen(live.id, sku, NOW)
            assert sku == unit.segments.on_screen(live.id)
        assert unit.segments.on_screen(other.id) is None
        with pytest.raises(Refusal, match="no product Z9"):
            unit.segments.put_on_screen(live.id, "Z9", NOW)
        with pytest.raises(Refusal, match="no live 99"):
            unit.segments.put_on_screen(99, "X1", NOW)
        assert "P1" == unit.segments.on_screen(live.id)


def test_announced_prices_are_kept_word_for_word(database: Database) -> None:
    live = add_live(database)
    said = [
        AnnouncedPrice(
            live.id, "twitch:100", "X1", Money(39_999, "EUR"), Money(47_999, "EUR"), "399,99 €", NOW
        ),
        AnnouncedPrice(live.id, "twitch:100", "P1", Money(1_500, "EUR"), None, "15 €", LATER),
    ]
    with database.unit() as unit:
        unit.announced.record(said)
        unit.announced.record([])
    with database.unit() as unit:
        assert said == unit.announced.list(live.id)


def test_an_offer_reads_back_as_it_was_added(database: Database) -> None:
    offer = add_offer(
        database,
        OfferKind.SHARED,
        discount=Discount(amount=Money(1_000, "EUR")),
        quantity=5,
        skus=["X1", "P1"],
        starts_at=NOW,
        ends_at=LATER,
        shared_code="TONIGHT",
    )
    assert Discount(amount=Money(1_000, "EUR")) == offer.discount
    assert (5, ("X1", "P1"), NOW, LATER, "TONIGHT") == (
        offer.quantity, offer.skus, offer.starts_at, offer.ends_at, offer.shared_code
    )  # fmt: skip
    with database.unit() as unit:
        assert offer == unit.offers.get(offer.id)
        assert [offer] == unit.offers.list() == unit.offers.list(offer.live_id)
        assert [] == unit.offers.list(99)
        assert OfferCounts(codes=0, granted=0, owed=0, left=5) == unit.offers.counts(offer.id)


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        (OfferKind.UNIQUE, {"discount": Discount()}, "either a percentage or an amount"),
        (OfferKind.UNIQUE, {"discount": Discount(10, Money(1, "EUR"))}, "either a percentage or an amount"),
        (OfferKind.UNIQUE, {"discount": Discount(percent=101)}, "between 1 and 100"),
        (OfferKind.UNIQUE, {"discount": Discount(amount=Money(0, "EUR"))}, "more than zero"),
        (OfferKind.UNIQUE, {"quantity": 0}, "at least 1"),
        (OfferKind.UNIQUE, {"shared_code": "TONIGHT"}, "shared offer"),
        (OfferKind.SHARED, {}, "shared offer"),
        (OfferKind.UNIQUE, {"starts_at": LATER, "ends_at": NOW}, "ends after it starts"),
    ],
)
def test_an_offer_that_contradicts_itself_is_refused(
    database: Database, kind: OfferKind, more: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence):
        add_offer(database, kind, **more)
    with database.unit() as unit:
        assert [] == unit.offers.list()


def test_an_offer_ends_once(database: Database) -> None:
    offer = add_offer(database)
    with database.unit() as unit:
        ended = unit.offers.end(offer.id, NOW)
        with pytest.raises(Refusal, match="already ended"):
            unit.offers.end(offer.id, LATER)
        assert ended == unit.offers.get(offer.id)
        for verb in (lambda: unit.offers.end(99, NOW), lambda: unit.offers.left(99)):
            with pytest.raises(Refusal, match="no offer 99"):
                verb()
        with pytest.raises(Refusal, match="no live 99"):
            unit.offers.add(99, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=5))


def test_codes_are_added_once_however_often_they_are_given(database: Database) -> None:
    offer = add_offer(database)
    codes = [f"CODE{n:06}" for n in range(12_345)]
    with database.unit() as unit:
        assert 3 == unit.codes.add(offer.id, codes[:3])
        assert 12_342 == unit.codes.add(offer.id, (code for code in codes))
        assert 0 == unit.codes.add(offer.id, codes)
        assert 0 == unit.codes.add(offer.id, [])
        assert [(code, CodeState.CREATED) for code in codes] == unit.codes.list(offer.id)
        assert 12_345 == unit.offers.left(offer.id)


def test_codes_of_another_offer_are_refused_without_being_shown(database: Database) -> None:
    one, other = add_offer(database), add_offer(database)
    with database.unit() as unit:
        unit.codes.add(one.id, [f"SECRET{n:06}" for n in range(10)])
    with database.unit() as unit:
        with pytest.raises(Refusal) as refusal:
            unit.codes.add(other.id, ["FRESH00001", *[f"SECRET{n:06}" for n in range(3, 10)]])
        assert [] == unit.codes.list(other.id)
    assert "7 of these codes" in str(refusal.value)
    assert "SE…" in str(refusal.value)
    assert "SECRET" not in repr(refusal.value)


def test_codes_are_for_unique_offers_that_exist_and_never_empty(database: Database) -> None:
    shared = add_offer(database, OfferKind.SHARED, shared_code="TONIGHT")
    unique = add_offer(database)
    for offer_id, code in ((shared.id, "A2B3C4D5"), (99, "A2B3C4D5"), (unique.id, "")):
        with pytest.raises(Refusal), database.unit() as unit:
            unit.codes.add(offer_id, ["GOODCODE", code])
    with database.unit() as unit:
        assert [] == unit.codes.list(unique.id)


def test_a_memory_is_replaced_and_a_count_adds_up(database: Database) -> None:
    with database.unit() as unit:
        assert unit.memories.recall("youtube", "bot", "pairs") is None
        unit.memories.remember("youtube", "bot", "pairs", "ann")
        unit.memories.remember("youtube", "bot", "pairs", "bob")
        assert [20, 25, 25] == [unit.memories.count("youtube", "bot", "units", n) for n in (20, 5, 0)]
        assert 7 == unit.memories.count("facebook", "bot", "units", 7)
        assert "bob" == unit.memories.recall("youtube", "bot", "pairs")


def test_tokens_read_back_and_are_replaced(database: Database) -> None:
    with database.unit() as unit:
        assert unit.tokens.load("twitch", "bot") is None
        unit.tokens.save("twitch", "bot", "access-1", "refresh-1", NOW, ["user:bot"])
        unit.tokens.save("twitch", "bot", "access-2", None, None, ["user:bot", "user:read:chat"])
    with database.unit() as unit:
        token = unit.tokens.load("twitch", "bot")
        assert unit.tokens.load("twitch", "other") is None
    assert token is not None
    assert ("access-2", None, None) == (token.access, token.refresh, token.expires_at)
    assert ("user:bot", "user:read:chat") == token.scopes
    assert "access" not in repr(token).replace("access_", "")


def test_tokens_are_unreadable_in_the_database(database: Database, database_url: str) -> None:
    with database.unit() as unit:
        unit.tokens.save("twitch", "bot", "VERYSECRETACCESS", "VERYSECRETREFRESH", NOW, [])
        (row,) = unit._connection.exec_driver_sql("SELECT * FROM tokens").all()
    assert "VERYSECRET" not in str(tuple(row))
    for key, sentence in (("another key", "another secret key"), ("", "set BATELEUR_SECRET_KEY")):
        changed = open_database(database_url, secret_key=key)
        with pytest.raises(ActionRequired, match=sentence), changed.unit() as unit:
            unit.tokens.load("twitch", "bot")
        changed.close()


def test_a_read_only_unit_cannot_write(database: Database) -> None:
    with pytest.raises((Fault, Refusal)), database.unit(read_only=True) as unit:
        unit.lives.add("Evening", "fr", "Europe/Paris", ["twitch:100"])
    with database.unit() as unit:
        assert [] == unit.lives.list()


def test_work_is_tried_again_after_a_passing_fault_only(database: Database) -> None:
    tried: list[bool] = []

    def fail(is_retryable: bool, times: int) -> str:
        tried.append(is_retryable)
        if len(tried) <= times:
            raise Fault("try later", is_retryable=is_retryable)
        return "done"

    assert "done" == database.run(lambda _unit: fail(True, 2))
    assert 3 == len(tried)
    tried.clear()
    with pytest.raises(Fault):
        database.run(lambda _unit: fail(False, 2))
    assert 1 == len(tried)
