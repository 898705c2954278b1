"""More codes for a unique offer: drawn, or from a file that is looked at first."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from nicegui import ui

from domain.people import Right
from domain.show import CodeState, Live, Offer
from shops.codes import draw_codes, sort_codes
from shops.flaws import BadFile, BadLine, Flaw
from web.console.bad_lines import say_flaw, show_bad_lines
from web.console.desk import Desk
from web.console.pages.offers.adding import adding_codes, state_of_new
from web.console.pages.offers.fields import say_slips, text_field
from web.console.pages.offers.plan import Slip, count_of, prefix_of
from web.console.progress import progress
from web.console.uploads import file_button


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A file of codes that was read: those new to the offer, how many it has already, and the bad lines."""

    name: str
    new: Sequence[str]
    known: int
    wrong: Sequence[BadLine]


class MoreCodes:
    """The panel below an offer's card. `leave` closes it, `changed` is called when codes were added."""

    def __init__(
        self,
        desk: Desk,
        live: Live,
        offer: Offer,
        leave: Callable[[], object],
        changed: Callable[[], Awaitable[None]],
    ) -> None:
        self._desk, self._live, self._offer = desk, live, offer
        self._leave, self._changed = leave, changed
        with ui.element("div").classes("more-codes"):
            ui.label(desk.say("offers.more")).classes("strong").props("role=heading aria-level=3")
            with ui.element("div").classes("fields"):
                self._count = text_field(desk, "offers.count", props="inputmode=numeric")
                self._prefix = text_field(desk, "offers.prefix", hint="offers.prefix_hint")
            with ui.element("div").classes("line-up"):
                self._draw_button = ui.button(desk.say("offers.draw_now"), on_click=self._draw)
                file_button(desk, "offers.import", ".csv,.txt", self._taken).props("outline")
                ui.button(desk.say("frame.close"), on_click=leave).props("flat")
            self._place = ui.element("div").classes("redrawn")

    async def _draw(self) -> None:
        count, prefix = count_of(str(self._count.value or "")), prefix_of(str(self._prefix.value or ""))
        slips = [one for one in (count, prefix) if isinstance(one, Slip)]
        say_slips(self._desk, {"count": self._count, "prefix": self._prefix}, slips)
        if isinstance(count, Slip) or isinstance(prefix, Slip):
            return
        self._draw_button.disable()  # a second press would draw as many again
        codes = await asyncio.to_thread(lambda: draw_codes(count, prefix=prefix))
        await self._add(codes, state_of_new(self._desk), "codes_drawn")

    async def _taken(self, name: str, raw: bytes) -> None:
        desk = self._desk
        if not await desk.may(Right.PLAN):
            return
        self._place.clear()
        try:
            with self._place, progress(desk.say("products.reading", file=name)):
                found = await self._look(name, raw)
        except BadFile as bad:
            with self._place:
                ui.label(say_flaw(desk, bad)).classes("bad say").props("role=alert")
            return
        with self._place:
            self._preview(found)

    async def _look(self, name: str, raw: bytes) -> CodeFile:
        codes, wrong = await asyncio.to_thread(sort_codes, raw, name)
        owners = await self._desk.read(lambda unit: unit.codes.offers_of(list(codes)))
        elsewhere = [
            BadLine(codes[code], "Line", Flaw("code_elsewhere", offer=offer))
            for code, offer in owners.items()
            if offer != self._offer.id
        ]
        all_wrong = sorted([*wrong, *elsewhere], key=lambda line: line.number)
        new = [code for code in codes if code not in owners]
        return CodeFile(name, new, len(owners) - len(elsewhere), all_wrong)

    def _preview(self, found: CodeFile) -> None:
        desk = self._desk
        with ui.element("section").classes("card preview").props("role=region aria-live=polite"):
            ui.label(desk.say("products.preview", file=found.name)).classes("head say")
            sentence = desk.say(
                "offers.file_holds", new=desk.number(len(found.new)), known=desk.number(found.known)
            )
            ui.label(sentence)
            if found.wrong:
                show_bad_lines(desk, found.wrong)
            in_shop: ui.checkbox | None = None
            if desk.console.shop is not None and found.new:
                in_shop = ui.checkbox(desk.say("offers.already_in_shop"))
            with ui.element("div").classes("line-up"):
                if found.new:
                    take = ui.button(
                        desk.say("offers.take", count=desk.number(len(found.new)), n=len(found.new))
                    )
                    take.on_click(lambda: self._take(take, found, in_shop))
                ui.button(desk.say("products.leave"), on_click=self._place.clear).props("flat")

    async def _take(self, button: ui.button, found: CodeFile, in_shop: ui.checkbox | None) -> None:
        button.disable()
        is_there = in_shop is not None and in_shop.value
        state = CodeState.CREATED if is_there else state_of_new(self._desk)
        if not await self._add(found.new, state, "codes_imported"):
            button.enable()

    async def _add(self, codes: Sequence[str], state: CodeState, action: str) -> bool:
        desk = self._desk
        self._draw_button.disable()
        with self._place, progress(desk.say("offers.adding")) as told:
            work = adding_codes(desk, self._live, self._offer, codes, state, told)
            added = await desk.act(Right.PLAN, action, work)
        self._draw_button.enable()
        if added is None:
            return False
        desk.tell(desk.say("offers.codes_added", count=desk.number(added), n=added))
        await self._changed()
        self._leave()
        return True
