"""`!produit`, `!drop`, `!stop`, `!live` on a real store. `stage` and `open_stage` are in conftest.py."""

from datetime import timedelta
from typing import Any

import pytest

from domain.answers import Priority
from domain.chat import Role
from domain.show import LiveState, Mechanic, OfferKind


def on_screen(stage: Any) -> str | None:
    with stage.database.unit() as unit:
        sku: str | None = unit.segments.on_screen(stage.live_id)
    return sku


@pytest.mark.parametrize("text", ["!produit switch", "!drop 1 10m", "!stop", "!live off"])
def test_a_viewer_who_types_an_order_hears_nothing_and_changes_nothing(open_stage: Any, text: str) -> None:
    open_stage.add_offer(codes=5)
    offers = open_stage.offers()
    for role in (Role.VIEWER, Role.SUBSCRIBER):
        assert open_stage.ask(text, f"v{role}", role) == []
    assert (on_screen(open_stage), open_stage.offers(), open_stage.live.state) == (
        None,
        offers,
        LiveState.OPEN,
    )


def test_an_order_in_the_middle_of_a_sentence_is_none(open_stage: Any) -> None:
    open_stage.add_offer(codes=5)
    assert open_stage.ask("bientôt un !stop ou un !live off", "mod", Role.MODERATOR) == []
    assert open_stage.offers()[0].ended_at is None


def test_a_product_is_put_on_screen(open_stage: Any) -> None:
    answer = open_stage.order("!produit swich")
    assert (answer.key, answer.priority) == ("product.on_screen", Priority.MODERATOR)
    assert on_screen(open_stage) == "SW"


def test_what_a_moderator_does_in_the_chat_is_in_the_audit_log_and_what_is_refused_is_not(
    open_stage: Any,
) -> None:
    open_stage.add_offer(codes=5)
    open_stage.ask("bonsoir", "ann")
    for text in ("!produit switch", "!produit ps5", "!produit tondeuse", "!drop 99 10m", "!drop 2 10m",
                 "!code @ann", "!code @nobody", "!stop", "!live off", "!live off"):  # fmt: skip
        open_stage.order(text)
    with open_stage.database.unit(read_only=True) as unit:
        kept = unit.audit.list()[::-1]
    assert {("@mod (twitch)", f"live {open_stage.live_id}")} == {(one.who, one.subject) for one in kept}
    assert [
        ("product_on_screen", {"product": None}, {"order": "!produit switch", "product": "SW"}),
        ("product_on_screen", {"product": "SW"}, {"order": "!produit ps5", "product": "PS5"}),
        ("codes_dropped", {}, {"order": "!drop 2 10m"}),
        ("code_given", {}, {"order": "!code @ann"}),
        ("offers_stopped", {}, {"order": "!stop"}),
        ("live_closed", {}, {"order": "!live off"}),
    ] == [(one.action, one.before, one.after) for one in kept]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("!produit", "product.usage"),
        ("!produit xbox", "search.unsure"),
        ("!produit tondeuse", "search.unknown"),
    ],
)
def test_an_unclear_product_changes_nothing_on_screen(open_stage: Any, text: str, key: str) -> None:
    open_stage.put_on_screen("SW")
    assert open_stage.order(text).key == key
    assert on_screen(open_stage) == "SW"


def test_without_a_live_orders_say_so(stage: Any) -> None:
    stage.live_id = 0
    assert stage.order("!produit switch").key == "product.no_live"
    assert stage.order("!drop 1 10m").key == "drop.not_open"
    assert stage.order("!stop").key == "stop.nothing"
    assert stage.order("!live on").key == "live.none"


def test_a_live_is_opened_once_and_closed_once(stage: Any) -> None:
    assert stage.order("!live on").key == "live.opened"
    opened_at = stage.live.opened_at
    stage.later(minutes=1)
    assert stage.order("!live on").key == "live.already_open"
    assert stage.live.opened_at == opened_at
    assert stage.order("!live off").key == "live.closed"
    assert stage.order("!live off").key == "live.not_open"
    assert stage.order("!live on").key == "live.over"
    assert stage.order("!live peut-être").key == "live.usage"
    assert stage.live.state is LiveState.CLOSED


def test_a_live_whose_channel_is_taken_is_refused_with_the_reason(stage: Any) -> None:
    with stage.database.unit() as unit:
        other = unit.lives.add("Autre", "fr", "Europe/Paris", ("twitch:100",))
        unit.lives.open(other.id, stage.now)
    answer = stage.order("!live on")
    assert answer.key == "refused.moderator"
    assert "L’un de ces canaux a déjà un live ouvert" in answer.text, "in the language of the live"
    assert stage.live.state is LiveState.PLANNED


def test_a_drop_takes_free_codes_of_the_hand_offer_for_a_time(open_stage: Any) -> None:
    source = open_stage.add_offer(mechanic=Mechanic.HAND, codes=60)
    answer = open_stage.order("!drop 50 10m")
    assert answer.key == "drop.started"
    assert "50" in answer.text
    assert "21:10" in answer.text
    drop = open_stage.offers()[-1]
    assert (drop.mechanic, drop.kind, drop.quantity) == (Mechanic.DROP, OfferKind.UNIQUE, 50)
    assert (drop.discount, drop.ends_at) == (source.discount, open_stage.now + timedelta(minutes=10))
    assert (open_stage.left(source), open_stage.left(drop)) == (10, 50)


def test_a_drop_of_a_shared_offer_gives_the_same_code_to_the_first(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED, Mechanic.HAND)
    open_stage.order("!drop 2 60s")
    answers = open_stage.hear(*(open_stage.message(name, "!code") for name in ("ann", "bob", "chloé")))
    assert [answer.key for answer in answers] == ["code.shared", "code.shared", "code.exhausted"]


def test_with_too_few_free_codes_no_drop_starts_and_nothing_changes(open_stage: Any) -> None:
    source = open_stage.add_offer(mechanic=Mechanic.HAND, codes=3)
    before = open_stage.offers()
    answer = open_stage.order("!drop 50 10m")
    assert answer.key == "drop.too_few"
    assert " 3 " in answer.text
    assert (open_stage.offers(), open_stage.left(source)) == (before, 3)


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "50",
        "0 10m",
        "-5 10m",
        "50 0m",
        "50 99h",
        "50 9s",
        "cinquante",
        "9999999 1m",
        "100001 1m",
        "٥٠ 10m",
    ],
)
def test_a_drop_that_cannot_be_read_explains_itself_and_changes_nothing(
    open_stage: Any, argument: str
) -> None:
    open_stage.add_offer(mechanic=Mechanic.HAND, codes=60)
    assert open_stage.order(f"!drop {argument}").key == "drop.usage"
    assert len(open_stage.offers()) == 1


def test_a_drop_needs_an_open_live_an_offer_and_no_other_drop(stage: Any) -> None:
    assert stage.order("!drop 1 10m").key == "drop.not_open"
    stage.order("!live on")
    assert stage.order("!drop 1 10m").key == "drop.no_offer"
    stage.add_offer(codes=5)
    assert stage.order("!drop 1 10m").key == "drop.started"
    assert stage.order("!drop 1 10m").key == "drop.running"
    assert len(stage.offers()) == 2


def test_after_its_time_a_drop_grants_nothing_and_its_codes_serve_the_next(open_stage: Any) -> None:
    source = open_stage.add_offer(mechanic=Mechanic.HAND, codes=4)
    open_stage.order("!drop 4 10m")
    open_stage.ask("!code")
    open_stage.later(minutes=10)
    (answer,) = open_stage.ask("!code", "bob")
    assert answer.key == "code.hand"
    assert open_stage.left(source) == 0
    assert open_stage.order("!drop 3 10m").key == "drop.started"
    assert open_stage.left(open_stage.offers()[-1]) == 3


def test_stop_ends_the_drop_first_and_then_the_offer(open_stage: Any) -> None:
    source = open_stage.add_offer(mechanic=Mechanic.HAND, codes=10)
    open_stage.order("!drop 4 10m")
    open_stage.ask("!code")
    assert open_stage.order("!stop").key == "stop.drops"
    assert open_stage.left(source) == 9
    assert open_stage.order("!stop").key == "stop.offers"
    assert all(offer.ended_at is not None for offer in open_stage.offers())
    assert open_stage.order("!stop").key == "stop.nothing"
