"""`!prix`, `!lien`, `!stock`, `!aide`, asked on a real store. `stage` and `open_stage` are in conftest.py."""

from typing import Any

import pytest

from domain.answers import Priority
from domain.money import Money
from domain.show import Mechanic, OfferKind


def said(stage: Any, text: str, author: str = "ann") -> str:
    (answer,) = stage.ask(text, author)
    return str(answer.text).replace("\u00a0", " ").replace("\u202f", " ")


def test_without_a_name_it_is_the_product_on_screen(open_stage: Any) -> None:
    open_stage.put_on_screen("XSS")
    assert said(open_stage, "!prix") == "Xbox Series S : 299,99 €"
    assert said(open_stage, "!price svp", "bob") == "Xbox Series S : 299,99 €"


def test_with_nothing_on_screen_it_asks_which(open_stage: Any) -> None:
    (answer,) = open_stage.ask("!prix")
    assert answer.key == "search.nothing_on_screen"


def test_a_product_is_found_by_a_misspelt_name(open_stage: Any) -> None:
    assert said(open_stage, "!prix nintedno swich") == "Nintendo Switch : 269,99 €"


def test_an_ambiguous_product_is_asked_back_and_an_unknown_one_is_said_to_be(open_stage: Any) -> None:
    (answer,) = open_stage.ask("!prix xbox")
    assert answer.key == "search.unsure"
    assert "Xbox Series X, Xbox Series S" in answer.text
    (answer,) = open_stage.ask("!prix tondeuse", "bob")
    assert answer.key == "search.unknown"
    assert "tondeuse" not in answer.text
    assert announced(open_stage) == []


def test_a_price_below_the_lowest_of_30_days_is_a_reduction_computed_on_it(open_stage: Any) -> None:
    assert said(open_stage, "!prix xbox series x") == (
        "Xbox Series X : 499,99 €, soit -9 % sur le prix le plus bas des 30 derniers jours : 549,99 €"
    )


def test_with_an_open_offer_the_reduction_is_on_the_lowest_price_and_beside_it(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED, percent=20)
    assert said(open_stage, "!prix xbox series x") == (
        "Xbox Series X : 399,99 € avec le code du live (!code), "
        "soit -27 % sur le prix le plus bas des 30 derniers jours : 549,99 €"
    )


def test_no_reduction_is_announced_when_the_lowest_price_is_not_known(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED, percent=20)
    assert said(open_stage, "!prix xbox series s") == "Xbox Series S : 299,99 €"


def test_out_of_stock_is_said_and_nothing_is_reduced(open_stage: Any) -> None:
    open_stage.add_offer(OfferKind.SHARED, percent=20)
    assert said(open_stage, "!prix ps5") == "PlayStation 5 : 449,99 €, mais le produit est épuisé."


@pytest.mark.parametrize(
    "offer",
    [
        {"mechanic": Mechanic.HAND, "codes": 5},
        {"mechanic": Mechanic.DROP, "codes": 5},
        {"codes": 0},
        {"kind": OfferKind.SHARED, "skus": ("PS5",)},
    ],
)
def test_an_offer_not_open_to_all_on_this_product_promises_nothing(
    open_stage: Any, offer: dict[str, Any]
) -> None:
    open_stage.add_offer(**offer)
    assert said(open_stage, "!prix switch") == "Nintendo Switch : 269,99 €"


def test_each_announced_price_is_kept_once_per_batch_with_its_time(open_stage: Any) -> None:
    open_stage.put_on_screen("XSX")
    answers = open_stage.hear(*(open_stage.message(f"v{n}", "!prix") for n in range(50)))
    assert len({answer.text for answer in answers}) == 1
    (kept,) = announced(open_stage)
    assert (kept.sku, kept.price, kept.reference_price) == ("XSX", Money(49999, "EUR"), Money(54999, "EUR"))
    assert (kept.text, kept.at, kept.channel) == (answers[0].text, open_stage.now, "twitch:100")


def test_many_questions_in_a_batch_each_get_their_own_answer(open_stage: Any) -> None:
    open_stage.put_on_screen("XSX")
    answers = open_stage.hear(
        open_stage.message("ann", "!prix"),
        open_stage.message("bob", "!prix switch"),
        open_stage.message("chloé", "!prix xbox series x"),
    )
    by_author = {answer.message.author.name: answer for answer in answers}
    assert by_author["ann"].text == by_author["chloé"].text != by_author["bob"].text
    assert {answer.priority for answer in answers} == {Priority.PRICE}


def test_a_sentence_around_the_command_speaks_of_the_screen(open_stage: Any) -> None:
    open_stage.put_on_screen("XSS")
    assert said(open_stage, "bonjour, !prix de la cafetière bleue") == "Xbox Series S : 299,99 €"


def test_links_and_stock_are_told_or_said_to_be_missing(open_stage: Any) -> None:
    assert said(open_stage, "!lien xbox series x") == "Xbox Series X : https://s.example/x"
    assert said(open_stage, "!lien xbox series s", "bob") == "Xbox Series S : pas encore de lien."
    assert said(open_stage, "!stock xbox series x") == "Xbox Series X : il en reste 12."
    assert said(open_stage, "!stock ps5", "bob") == "PlayStation 5 : épuisé."
    assert (
        said(open_stage, "!stock xbox series s", "eve")
        == "Xbox Series S : la boutique n'indique pas le stock."
    )


def test_help_names_the_commands(open_stage: Any) -> None:
    (answer,) = open_stage.ask("!aide")
    assert answer.priority is Priority.CHATTER
    assert "!code" in answer.text


def announced(stage: Any) -> list[Any]:
    with stage.database.unit() as unit:
        return list(unit.announced.list(stage.live_id))
