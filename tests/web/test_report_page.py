"""The report as a file: it needs nothing, names nobody, and is looked at in a real browser."""

import re
from collections.abc import Callable
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from commands.texts.catalogue import load_texts
from domain.show import Mechanic
from store.database import Database
from tests.figures import START, TWITCH, YOUTUBE, Evening
from web.report.page import report_page

Page = Callable[..., str]
LONG = "Aspirateur <b>sans fil</b> & " + "très long " * 12


@pytest.fixture
def evening(database: Database) -> Evening:
    """Nine viewers on two channels; a shared code beside drops; two products, one with an awkward name."""
    told = Evening(database)
    told.shows("X1", 1)
    drop, shared = told.offers(Mechanic.DROP), told.offers(shared_code="LIVE20")
    for number in range(8):
        channel, viewer = (TWITCH, YOUTUBE)[number % 2], f"viewer-{number}"
        told.asks(viewer, "code", 2 + number * 3, channel)
        code = told.gives(drop, viewer, 2 + number * 3, channel)
        if number < 3:
            told.order(str(number), code, minute=5 + number * 3, total=30_000, refunded=5_000 * number)
    told.asks("viewer-9", "price", 0.5)
    told.gives(shared, "viewer-8", 9)
    told.order("shared", "LIVE20", minute=12)
    told.renames("P5", LONG)
    told.shows("P5", 10)
    return told


@pytest.fixture
def page(evening: Evening) -> Page:
    def made(language: str | None = None, *others: Evening) -> str:
        reports = [one.report() for one in (evening, *others)]
        return report_page(reports, load_texts(), START + timedelta(hours=2), language)

    return made


class Tags(HTMLParser):
    """The tags of a page, with their attributes, and those that are not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.seen if name == tag]


def test_the_file_needs_no_script_and_nothing_from_elsewhere(page: Page) -> None:
    text = page()
    assert not Tags(text).all("script") + Tags(text).all("link") + Tags(text).all("img")
    assert not re.search(r"https?://|url\(|@import", text)


def test_nobody_is_named_and_no_code_is_in_it(page: Page) -> None:
    text = page()
    assert not re.search(r"viewer-\d|O\d+-\d|LIVE20", text)


def test_a_name_is_shown_as_it_is_and_never_as_markup(page: Page) -> None:
    text = page()
    assert "<b>" not in text
    assert "Aspirateur &lt;b&gt;sans" in text


@pytest.mark.parametrize(("language", "net"), [("fr", "850,00\u00a0€"), ("en", "€850.00")])
def test_the_figures_are_in_the_language_asked_for(page: Page, language: str, net: str) -> None:
    assert net in page(language)


def test_each_chart_says_what_it_is_and_shows_in_words(page: Page) -> None:
    text = page("en")
    tags = Tags(text)
    ids = [attrs["id"] for _, attrs in tags.seen if attrs.get("id")]
    assert len(ids) == len(set(ids))
    charts = [svg for svg in tags.all("svg") if svg.get("role") == "img"]
    assert 10 == len(charts)  # five, each of them for a page and for a phone
    for chart in charts:
        assert set(str(chart["aria-labelledby"]).split()) <= set(ids)
    assert "Xbox: €" in text


def test_what_a_shared_code_hides_is_said(page: Page) -> None:
    text = page("en")
    assert "1 order by a shared code" in text
    assert "Channel not known (shared code)" in text


def test_a_live_without_figures_says_what_to_do_next(database: Database) -> None:
    with database.unit() as unit:
        live = unit.lives.add("Later", "en", "Europe/Paris", [TWITCH])
        report = unit.reports.of(live.id)
    text = report_page([report], load_texts(), START)
    assert "is planned and has not begun" in text
    assert not [svg for svg in Tags(text).all("svg") if svg.get("role") == "img"]


def test_lives_are_compared_side_by_side(page: Page, database: Database) -> None:
    with database.unit() as unit:
        unit.lives.close(1, START + timedelta(hours=1))
    other = Evening(database)
    text = page("en", other)
    assert "Lives compared" in text
    assert "nothing to compare" in text
    other.asks("ann", "price", 1)
    assert "No difference between the rates" in page("en", other)


async def test_it_fits_every_screen_and_a_sheet_of_paper(
    page: Page, browser: Browser, shots: Any, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(page(), encoding="utf-8")
    for name, width, scheme in (("light", 1100, "light"), ("dark", 1100, "dark"), ("phone", 390, "light")):
        size: Any = {"width": width, "height": 900}
        context: Any = {"viewport": size, "color_scheme": scheme}
        shown = await browser.new_page(**context)
        await shown.goto(file.as_uri())
        assert await shown.evaluate("document.documentElement.scrollWidth") <= width
        side = "narrow" if name == "phone" else "wide"
        assert 5 == await shown.locator(f"svg.plot-{side}:visible").count()
        await shots(shown, f"report-{name}")
        if name == "light":
            sheet = await shown.pdf(prefer_css_page_size=True, print_background=True)
            assert 2 <= len(re.findall(rb"/Type\s*/Page\b", sheet)) <= 5
        await shown.close()
