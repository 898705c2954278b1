"""`!code` on a real store. `stage` and `open_stage` are in conftest.py."""

from datetime import timedelta
from typing import Any

import pytest

from domain.answers import Priority
from domain.chat import LastSeen, Role, Viewer
from domain.show import DeliveryState, DeliveryWay, Mechanic, OfferKind


def key_of(stage: Any, text: str, author: str = "ann", role: Role = Role.VIEWER) -> str:
    (answer,) = stage.ask(text, author, role)
    return str(answer.key)


def grants(stage: Any, offer: Any) -> list[Any]:
    with stage.database.unit() as unit:
        return list(unit.grants.list(offer.id))


def test_before_the_live_no_code_is_granted(stage: Any) -> None:
    offer = stage.add_offer(codes=3)
    assert key_of(stage, "!code") == "code.before"
    assert grants(stage, offer) == []


def test_after_the_live_no_code_is_granted(open_stage: Any) -> None:
    offer = open_stage.add_offer(codes=3)
    open_stage.order("!live off")
    assert key_of(open_stage, "!code") == "code.after"
    assert grants(open_stage, offer) == []


def test_without_a_live_or_an_offer_it_says_so(stage: Any) -> None:
    with stage.database.unit() as unit:
        unit.lives.open(stage.live_id, stage.now)
    assert key_of(stage, "!code") == "code.none"
    stage.live_id = 0
    assert key_of(stage, "!code", "bob") == "code.before"


def test_an_offer_that_starts_later_or_is_over_or_by_hand_says_so(open_stage: Any) -> None:
    open_stage.add_offer(mechanic=Mechanic.HAND, codes=1)
    assert key_of(open_stage, "!code", "a") == "code.hand"
    open_stage.order("!stop")
    assert key_of(open_stage, "!code", "b") == "code.over"
    open_stage.add_offer(codes=1, starts_at=open_stage.now + timedelta(minutes=5))
    assert key_of(open_stage, "!code", "c") == "code.soon"


def test_a_shared_code_is_the_message(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED)
    (answer,) = open_stage.ask("!code")
    assert (answer.key, answer.priority) == ("code.shared", Priority.CODE)
    assert "LIVE20" in answer.text
    assert [grant.viewer_id for grant in answer.grants] == ["id-ann"]


def test_a_unique_code_is_kept_and_never_in_the_text(open_stage: Any) -> None:
    offer = open_stage.add_offer(codes=200)
    answers = open_stage.hear(*(open_stage.message(f"v{n}", "!code") for n in range(200)))
    assert len({answer.text for answer in answers}) == 1
    granted = [answer.grants[0] for answer in answers]
    assert len({grant.code for grant in granted}) == 200
    assert not any(grant.code in f"{answer.text}{answer!r}" for grant in granted for answer in answers[:20])
    assert len(grants(open_stage, offer)) == 200


def test_whoever_asks_again_is_told_the_same_and_gets_no_second_code(open_stage: Any) -> None:
    offer = open_stage.add_offer(codes=5)
    (first,) = open_stage.ask("!code")
    open_stage.later(seconds=10)
    (again,) = open_stage.ask("!code")
    assert (again.text, again.grants) == (first.text, first.grants)
    with open_stage.database.unit() as unit:
        unit.grants.mark([first.grants[0].id], DeliveryState.DELIVERED, open_stage.now)
    open_stage.later(seconds=10)
    (after_delivery,) = open_stage.ask("!code")
    assert (after_delivery.text, after_delivery.grants) == (first.text, ())
    assert len(grants(open_stage, offer)) == 1


def test_when_the_codes_run_out_the_first_to_ask_have_them(open_stage: Any) -> None:
    offer = open_stage.add_offer(codes=2)
    answers = open_stage.hear(*(open_stage.message(name, "!code") for name in ("ann", "bob", "chloé", "dan")))
    assert [answer.key for answer in answers] == [
        "code.kept",
        "code.kept",
        "code.exhausted",
        "code.exhausted",
    ]
    assert [grant.viewer_name for grant in grants(open_stage, offer)] == ["ann", "bob"]


@pytest.mark.parametrize("way", [DeliveryWay.WHISPER, DeliveryWay.REPLY])
def test_the_way_a_channel_delivers_is_what_is_promised(open_stage: Any, way: DeliveryWay) -> None:
    open_stage.add_offer(codes=1)
    open_stage.ways["twitch:100"] = way
    assert key_of(open_stage, "!code") == f"code.kept_{way}"


def test_a_moderator_gives_a_code_by_hand(open_stage: Any) -> None:
    offer = open_stage.add_offer(mechanic=Mechanic.HAND, codes=2)
    open_stage.message("Chloé", "coucou")
    said_before = open_stage.viewers["chloé"].message_id
    answer = open_stage.order("!code @CHLOÉ !!")
    assert answer.key == "code.given"
    assert answer.text.startswith("@Chloé ")
    assert [(g.viewer_id, g.message_id) for g in answer.grants] == [("id-Chloé", said_before)]
    assert answer.grants[0].code not in answer.text
    assert len(grants(open_stage, offer)) == 1


def test_a_shared_code_given_by_hand_is_said(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED, Mechanic.HAND)
    open_stage.message("ann", "coucou")
    assert "LIVE20" in open_stage.order("!code @ann").text


def test_a_viewer_never_seen_or_of_another_platform_is_not_given_a_code(open_stage: Any) -> None:
    offer = open_stage.add_offer(mechanic=Mechanic.HAND, codes=2)
    open_stage.viewers["tube"] = LastSeen(Viewer("youtube", "UC1", "tube", "tube"), "youtube:UC9", "m9")
    assert open_stage.order("!code @nobody").key == "code.viewer_unknown"
    assert open_stage.order("!code @tube").key == "code.viewer_unknown"
    assert grants(open_stage, offer) == []


def test_by_hand_needs_an_open_live_an_offer_and_a_code(stage: Any) -> None:
    stage.message("ann", "coucou")
    assert stage.order("!code @ann").key == "code.before"
    stage.order("!live on")
    assert stage.order("!code @ann").key == "code.none"
    stage.add_offer(codes=0)
    assert stage.order("!code @ann").key == "code.exhausted"


def test_a_viewer_who_names_another_asks_for_themself(open_stage: Any) -> None:
    offer = open_stage.add_offer(codes=2)
    open_stage.message("bob", "coucou")
    open_stage.ask("!code @bob", "ann")
    assert [grant.viewer_name for grant in grants(open_stage, offer)] == ["ann"]


def test_a_moderator_who_only_speaks_of_it_gives_nothing_by_hand(open_stage: Any) -> None:
    offer = open_stage.add_offer(mechanic=Mechanic.HAND, codes=2)
    open_stage.message("ann", "coucou")
    (answer,) = open_stage.ask("je fais !code @ann bientôt", "mod", Role.MODERATOR)
    assert answer.key == "code.hand"
    assert grants(open_stage, offer) == []


@pytest.mark.parametrize(
    "name", ["/ban", '=HYPERLINK("http://x")', ".timeout bob", "a\nb", "\u202egnp", "{{7*7}}"]
)
def test_a_viewer_with_a_hostile_name_is_served_as_any_other(open_stage: Any, name: str) -> None:
    offer = open_stage.add_offer(codes=2)
    (answer,) = open_stage.ask("!code", name)
    assert answer.key == "code.kept"
    given = open_stage.order(f"!code @{name}")
    assert not given.text.startswith(("/", "."))
    assert not set("\n\u202e") & set(given.text)
    (grant,) = [grant for grant in grants(open_stage, offer) if grant.viewer_id == f"id-{name}"]
    assert not set("\n\u202e") & set(grant.viewer_name)


def test_a_running_drop_serves_first_and_the_open_offer_after_it(open_stage: Any) -> None:
    opened = open_stage.add_offer(codes=5)
    assert open_stage.order("!drop 2 10m").key == "drop.started"
    drop = open_stage.offers()[-1]
    open_stage.hear(*(open_stage.message(name, "!code") for name in ("ann", "bob", "chloé")))
    assert [grant.viewer_name for grant in grants(open_stage, drop)] == ["ann", "bob"]
    assert [grant.viewer_name for grant in grants(open_stage, opened)] == ["chloé"]
