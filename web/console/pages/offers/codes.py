"""The codes of one offer, page by page; masked for whoever need not see them."""

from dataclasses import dataclass
from datetime import datetime

from nicegui import ui

from domain.people import Right
from domain.redemption_log import masked_code
from domain.show import CodeState, Live, Offer, OfferKind
from store.unit import UnitOfWork
from web.console.desk import Desk
from web.console.parts import empty
from web.console.sheet import Part, Sheet

COLUMNS = ("codes.code", "codes.state", "codes.until")
ALL = "all"
REFRESH_S = 1.0
_LOOK = {CodeState.GRANTED: "warn", CodeState.REDEEMED: "good", CodeState.DEAD: "bad"}


@dataclass(frozen=True, slots=True)
class Line:
    """One code as this user may see it."""

    code: str
    state: CodeState
    until: datetime | None


async def build(desk: Desk) -> None:
    """The page of the codes of the offer in the address."""
    number = str(desk.request.path_params.get("offer_id", ""))
    found = await desk.read(lambda unit: _find(unit, number))
    if found is None:
        empty(desk, "sell", "codes.no_offer", "codes.no_offer_hint")
        return
    await Codes(desk, *found).begin()


def _find(unit: UnitOfWork, number: str) -> tuple[Live, Offer] | None:
    offer = unit.offers.get(int(number)) if number.isdecimal() and len(number) < 10 else None
    live = unit.lives.get(offer.live_id) if offer else None
    return (live, offer) if live and offer and offer.kind is OfferKind.UNIQUE else None


class Codes:
    """The table, and the choice of which codes it shows."""

    def __init__(self, desk: Desk, live: Live, offer: Offer) -> None:
        self._desk, self._live, self._offer = desk, live, offer
        self._state: CodeState | None = None
        with ui.element("div").classes("line-up"):
            ui.link(desk.say("codes.back"), f"/offers?live={live.id}").classes("plain-link")
            ui.label(desk.say("codes.of", number=offer.id, live=live.title)).classes("say strong")
        with ui.element("div").classes("line-up"):
            named: dict[str, str] = {
                ALL: desk.say("codes.all"),
                **{one: desk.say(f"codes.is_{one}") for one in CodeState},
            }
            choice = ui.select(named, value=ALL, label=desk.say("codes.state"), on_change=self._chosen)
            choice.props("outlined dense options-dense").classes("search")
            self._choice = choice
        if not desk.user.may(Right.SEE_CODES):
            ui.label(desk.say("codes.masked")).classes("quiet small")
        with ui.element("section").classes("card") as self._card:
            self._sheet: Sheet[Line] = Sheet(desk, "codes.title", COLUMNS, self._fetch, self._row, size=50)
        self._nothing = ui.element("div").props("role=status")

    async def begin(self) -> None:
        """Show the first codes, and keep them as they are."""
        await self._show()
        self._desk.every(REFRESH_S, self._refresh)

    async def _chosen(self) -> None:
        self._state = None if self._choice.value == ALL else CodeState(self._choice.value)
        await self._show()

    async def _show(self) -> None:
        await self._sheet.begin()
        self._say_nothing()

    async def _refresh(self) -> None:
        await self._sheet.refresh()
        self._say_nothing()

    def _say_nothing(self) -> None:
        has_any = bool(self._sheet.total)
        self._card.set_visibility(has_any)
        self._nothing.clear()
        if not has_any:
            with self._nothing:
                empty(
                    self._desk, "confirmation_number", "codes.none", "" if self._state else "codes.none_hint"
                )

    async def _fetch(self, offset: int, limit: int) -> Part[Line]:
        return await self._desk.read(lambda unit: self._look(unit, offset, limit))

    def _look(self, unit: UnitOfWork, offset: int, limit: int) -> Part[Line]:
        total = unit.codes.count(self._offer.id, self._state)
        may_see = self._desk.user.may(Right.SEE_CODES)
        rows = unit.codes.page(self._offer.id, offset, limit, self._state)
        shown = [Line(code if may_see else masked_code(code), state, until) for code, state, until in rows]
        return Part(shown, total)

    def _row(self, line: Line) -> None:
        desk, sheet = self._desk, self._sheet
        with sheet.cell("codes.code", "main"):
            ui.label(line.code).classes("code say")
        with sheet.cell("codes.state"):
            ui.label(desk.say(f"codes.is_{line.state}")).classes(f"chip {_LOOK.get(line.state, '')}")
        with sheet.cell("codes.until"):
            ui.label(desk.date(line.until, self._live.timezone))
