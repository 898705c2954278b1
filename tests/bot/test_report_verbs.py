"""`bateleur report` and `bateleur live plan`, typed."""

from pathlib import Path

import pytest

from domain.show import Mechanic
from store.database import open_database
from tests.bot.shell import Shell
from tests.figures import Evening

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


def test_a_new_live_needs_a_title_and_a_channel(bateleur: Shell) -> None:
    assert "needs a title" in bateleur.refused("live", "plan", " ", *PLAN[3:])
    assert "needs its channel" in bateleur.refused("live", "open", "Soirée")
    assert "There is no live 7" in bateleur.refused("live", "open", "7")
