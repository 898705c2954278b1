"""`bateleur report` and `bateleur live plan`, typed."""

from pathlib import Path

import pytest

from domain.show import Mechanic
from store.database import open_database
from tests.bot.shell import Shell
from tests.figures import Evening

PRODUCTS = """sku,name,aliases,price,currency,reference_price,stock,url
X1,Xbox,,499.99,EUR,,,
A2,Manette,,59.99,EUR,,,
"""
PLAN = ("live", "plan", "Soirée", "--channel", "twitch:100", "--starts", "2126-12-03T20:00")


@pytest.fixture
def told(bateleur: Shell) -> Shell:
    """Live 1, in which one of two viewers bought, and live 2, in which nothing happened."""
    database = open_database(bateleur.url)
    database.upgrade()
    evening = Evening(database)
    evening.shows("X1", 0)
    offer = evening.offers(Mechanic.DROP)
    for viewer in ("ann", "bob"):
        evening.asks(viewer, "code", 1)
        code = evening.gives(offer, viewer, 1)
    evening.order("1", code, minute=2, total=39_999, refunded=9_999)
    database.close()
    bateleur("live", "open", "Autre", "--channel", "twitch:7")
    return bateleur


def test_a_report_is_a_table_for_people(told: Shell) -> None:
    shown = told("report", "1")
    assert "€300.00" in shown
    assert "50%" in shown
    assert "9.5% to 91%" in shown
    assert "ann" not in shown.split()


def test_a_report_is_counts_and_intervals_for_programs(told: Shell) -> None:
    data = told.json("report", "1")
    assert (2, 2, 2, 1) == (data["viewers"], data["askers"], data["holders"], data["buyers"])
    assert {"orders": 1, "paid": 39_999, "refunded": 9_999, "net": 30_000} == data["takings"]["EUR"]
    assert 0.5 == data["rates"]["bought"]["rate"]
    assert ["drop"] == [part["mechanic"] for part in data["by_mechanic"]]
    assert None is data["by_mechanic"][0]["askers"]
    assert [1] == [one["orders"] for one in data["moments"] if one["orders"]]


def test_lives_are_compared_in_a_sentence(told: Shell) -> None:
    assert "nothing to compare" in told("report", "1", "--compare", "2")
    assert [2] == [one["live"] for one in told.json("report", "1", "--compare", "2")["compared"]]


def test_a_report_is_written_to_a_file_in_the_language_asked_for(told: Shell, tmp_path: Path) -> None:
    assert "thursday.html" in told("report", "1", "--html", "thursday.html")
    assert 'lang="fr"' in (tmp_path / "thursday.html").read_text(encoding="utf-8")
    told("report", "1", "--html", "thursday.html", "--language", "en")
    assert 'lang="en"' in (tmp_path / "thursday.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("report", "9"), "There is no live 9"),
        (("report", "1", "--compare", "9"), "There is no live 9"),
        (("report", "1", "--html", "no/such/folder.html"), "cannot be written"),
        (("report", "1", "--html", "x.html", "--language", "xx"), "no texts in «xx»"),
    ],
)
def test_a_report_that_cannot_be_made_says_why(told: Shell, words: tuple[str, ...], sentence: str) -> None:
    assert sentence in told.refused(*words)
    assert not list(told.folder.glob("*.html"))


def test_a_live_without_figures_says_so(told: Shell) -> None:
    assert "nothing to count" in told("report", "2")


def test_a_live_is_planned_given_offers_and_opened(bateleur: Shell) -> None:
    assert "planned for Tuesday 3 December 2126, 20:00" in bateleur(*PLAN, "--until", "21:30")
    assert (
        3 == bateleur.json("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", "3")["left"]
    )
    live = bateleur.json("live", "list")[0]
    assert ("planned", "2126-12-03T19:00:00+00:00", "2126-12-03T20:30:00+00:00") == (
        live["state"], live["starts_at"], live["ends_at"],
    )  # fmt: skip
    assert "open" == bateleur.json("live", "open", "1")["state"]
    assert "already open" in bateleur.refused("live", "open", "1")


def test_a_plan_is_on_the_clocks_of_its_time_zone(bateleur: Shell) -> None:
    live = bateleur.json(*PLAN, "--timezone", "America/Montreal")
    assert "2126-12-04T01:00:00+00:00" == live["starts_at"]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--until", "2126-12-03T19:00"), "before the live starts"),
        (("--starts", "2020-01-01T10:00"), "already past"),
        (("--starts", "soon"), "«soon» is no time"),
        (("--timezone", "Mars/Olympus"), "no time zone"),
        (("--channel", "minitel:3615"), "is no channel"),
        (("--language", "xx"), "no reply texts in «xx»"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_kept(
    bateleur: Shell, more: tuple[str, ...], sentence: str
) -> None:
    assert sentence in bateleur.refused(*PLAN, *more)
    assert [] == bateleur.json("live", "list")


def test_a_plan_is_edited_and_what_is_left_out_stays(bateleur: Shell) -> None:
    bateleur("products", "import", bateleur.file(PRODUCTS))
    bateleur(*PLAN, "--until", "21:30", "--product", "X1")
    said = bateleur(
        "live", "edit", "1", "--starts", "2126-12-04T21:00", "--until", "23:00", "--title", "Nuit"
    )
    assert "Live 1 «Nuit» has another title, start, end." in said
    row = bateleur.json("live", "edit", "1", "--product", "A2", "--product", "X1")
    assert [
        "Nuit",
        "2126-12-04T20:00:00+00:00",
        "2126-12-04T22:00:00+00:00",
        ["twitch:100"],
        ["A2", "X1"],
    ] == [row[name] for name in ("title", "starts_at", "ends_at", "channels", "products")]
    row = bateleur.json("live", "edit", "1", "--until", "none", "--product", "none")
    assert (None, []) == (row["ends_at"], row["products"])
    entry = bateleur.audited()[-1]
    assert ({"skus": ["A2", "X1"]}, {}) == ({"skus": entry.before["skus"]}, entry.after)


def test_of_an_open_live_the_end_and_the_products_are_edited(bateleur: Shell) -> None:
    bateleur(*PLAN)
    bateleur("live", "open", "1")
    assert bateleur.json("live", "edit", "1", "--until", "2126-12-03T22:00")["ends_at"]
    assert "only the end and the products" in bateleur.refused("live", "edit", "1", "--title", "Nuit")
    bateleur("live", "close", "1")
    assert "The live is over" in bateleur.refused("live", "edit", "1", "--until", "2126-12-03T23:00")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ((), "That changes nothing"),
        (("--title", "Soirée"), "That changes nothing"),
        (("--title", " "), "needs a title"),
        (("--starts", "2020-01-01T10:00"), "already past"),
        (("--until", "2126-12-03T19:00"), "before the live starts"),
        (("--product", "NO"), "There is no product NO"),
        (("--channel", "minitel:3615"), "is no channel"),
        (("--timezone", "Mars/Olympus"), "no time zone"),
    ],
)
def test_an_edit_that_cannot_be_is_refused_and_changes_nothing(
    bateleur: Shell, more: tuple[str, ...], sentence: str
) -> None:
    bateleur(*PLAN)
    before = bateleur.json("live", "show", "1")
    assert sentence in bateleur.refused("live", "edit", "1", *more)
    assert before == bateleur.json("live", "show", "1")
    assert "There is no live 7" in bateleur.refused("live", "edit", "7", "--title", "Nuit")


def test_a_new_live_needs_a_title_and_a_channel(bateleur: Shell) -> None:
    assert "needs a title" in bateleur.refused("live", "plan", " ", *PLAN[3:])
    assert "needs its channel" in bateleur.refused("live", "open", "Soirée")
    assert "There is no live 7" in bateleur.refused("live", "open", "7")
