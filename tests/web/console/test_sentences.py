"""The sentences of our errors: whatever the console may show has its French, and says the same."""

import re
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from playwright.async_api import Page, expect

from commands.texts.sentences import tell
from domain.errors import BateleurError, Fault
from domain.people import UserRole
from domain.sentences import sentence
from domain.show import Discount, Mechanic, OfferKind
from shops.flaws import BadLine, Flaw
from shops.http import Http
from store.database import Database
from tests.ports import free_port
from tests.web.console.conftest import Desk
from tests.web.console.sentences_in_sources import ROOT, Source, places, sources

SignedIn = Callable[..., Awaitable[Page]]
FRENCH_FILES = sorted((ROOT / "commands/texts/sentences/fr").glob("*.toml"))
FRENCH = {
    template: told
    for file in FRENCH_FILES
    for template, told in tomllib.loads(file.read_text(encoding="utf-8")).items()
}
SOURCES = list(sources())
MADE = [found for source in SOURCES for found in source.sentences]


def test_every_sentence_that_the_console_may_show_has_its_french() -> None:
    assert [] == sorted(f"{where}: {template}" for template, where in MADE if template not in FRENCH)


def test_every_french_sentence_is_of_one_that_is_still_there() -> None:
    assert set() == FRENCH.keys() - {template for template, _ in MADE}


def test_no_sentence_has_its_french_twice() -> None:
    assert len(FRENCH) == sum(len(tomllib.loads(file.read_text(encoding="utf-8"))) for file in FRENCH_FILES)


def test_both_languages_are_filled_with_the_same() -> None:
    assert [] == [template for template, told in FRENCH.items() if places(template) != places(told)]


def test_no_sentence_is_put_together_by_hand_or_filled_with_other_names() -> None:
    assert [] == [slip for source in SOURCES for slip in source.slips]


def test_french_is_written_as_everywhere_in_the_console() -> None:
    odd = re.compile(r"'|«\S|\S»|\w[;!?](?:\s|$)|\w:\s")
    assert [] == [told for told in FRENCH.values() if odd.search(told)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('raise Refusal("It is " "so.")', ["It is so."]),
        ('raise Fault(sentence("No {x}." if y else "No more."), is_retryable=True)', ["No {x}.", "No more."]),
        ('def f():\n    why = "It is so."\n    raise ActionRequired(why)', ["It is so."]),
        ('WHY = {1: "It is so.", 2: "It is not."}\nraise Refusal(WHY[n])', ["It is so.", "It is not."]),
        ('raise Refusal(WHY.get(n) or sentence("No {x}.", x=n))\nWHY = {1: "It is."}', ["It is.", "No {x}."]),
        ('raise Refusal("page.key")', []),
    ],
)
def test_sentences_are_found_wherever_they_are_written(text: str, found: list[str]) -> None:
    assert set(found) == {template for template, _ in Source("some.py", text).sentences}


@pytest.mark.parametrize(
    "text",
    [
        'raise Refusal(f"There is no live {id}.")',
        'raise Refusal("There is no live " + id)',
        'raise Refusal("It is so." if x else f"It is {x}.")',
        'def f():\n    why = f"It is {x}."\n    raise Fault(why, is_retryable=True)',
        'sentence("There is no live {id}.", live=1)',
        'sentence("There is no live {id}.")',
    ],
)
def test_a_slip_is_told_with_its_file_and_line(text: str) -> None:
    (slip,) = Source("store/some.py", f"\n{text}\n").slips
    assert re.match(r"store/some\.py:[23]: ", slip)


def test_a_refusal_of_the_store_is_told_in_french(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("La grande soirée", "fr", "Europe/Paris", ("twitch:100",))
        offer = unit.offers.add(live.id, OfferKind.UNIQUE, Mechanic.OPEN, Discount(percent=20))
        unit.offers.end(offer.id, datetime.now(UTC))
    assert f"L’offre {offer.id} est déjà terminée." == told_by(lambda: end(database, offer.id))
    assert "Il n’y a pas d’offre 99." == told_by(lambda: end(database, 99))


def test_a_fault_of_a_shop_is_told_in_french_with_its_address_as_it_is() -> None:
    shop = Http(f"http://127.0.0.1:{free_port()}", 1.0)
    told = told_by(lambda: shop.call("GET", "/products"))
    assert f"La boutique sur {shop.where} est injoignable." == told


def test_a_sentence_in_a_sentence_is_told_in_french_around_a_shops_own_words() -> None:
    line = BadLine(3, "Line", Flaw("no_price", text="{cheap} & «cheerful»"))
    why = sentence("No line of the catalogue can be read. {why}", why=line.sentence)
    fault = Fault(why, is_retryable=True)
    assert (
        "Aucune ligne du catalogue n’est lisible. Ligne 3 : « {cheap} & «cheerful» » n’est pas un prix."
        == tell("fr", fault.sentence)
    )
    assert str(fault) == tell("en", fault.sentence)


def test_a_language_without_sentences_is_answered_in_english() -> None:
    assert "There is no live 7." == tell("de", sentence("There is no live {id}.", id=7))


def end(database: Database, offer_id: int) -> None:
    with database.unit() as unit:
        unit.offers.end(offer_id, datetime.now(UTC))


def told_by(deed: Callable[[], object]) -> str:
    """What a French user reads of why the deed was not done."""
    with pytest.raises(BateleurError) as caught:
        deed()
    return tell("fr", caught.value.sentence)


async def test_a_french_owner_reads_in_french_why_a_login_is_refused(signed_in: SignedIn, desk: Desk) -> None:
    desk.user(UserRole.READER)
    page = await signed_in(UserRole.OWNER, path="/people")
    await page.get_by_role("button", name="Ajouter une personne").click()
    await page.locator(".q-dialog").get_by_label("Identifiant").fill("READER")
    await page.locator(".q-dialog .costs").click()
    await expect(page.locator(".q-notification")).to_contain_text(
        "Cela n’a pas fonctionné et rien n’a été modifié : Cet identifiant est déjà pris."
    )
