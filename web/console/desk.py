"""What a page of the console gets: who looks, what to say, how to read the store and how to change it."""

import asyncio
import json
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import structlog
from babel.dates import format_datetime
from babel.numbers import format_decimal
from fastapi import Request
from nicegui import ui

from commands.money import locale_of, say_money, say_time
from commands.texts.catalogue import Catalogue, load_texts
from commands.texts.sentences import tell
from domain.errors import BateleurError
from domain.money import Money
from domain.people import Right, User
from store.database import Database
from store.unit import UnitOfWork
from web.config import ConsoleConfig
from web.console.lines import close_line
from web.console.sessions import Sessions
from web.console.shop import Keeper
from web.console.show import Show
from web.console.texts import say

T = TypeVar("T")
CHECK_S = 3.0
"""How long a page may go on after its session ended elsewhere: what it changes is checked each time."""
UNDO_S = 10.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Console:
    """What all pages share. `show` is the running evening, None when this process runs none; `shop` who keeps
    the retailer's shop, None without one; `texts` are the retailer's."""

    config: ConsoleConfig
    database: Database
    sessions: Sessions
    show: Show | None = None
    shop: Keeper | None = None
    texts: Catalogue = field(default_factory=load_texts)


@dataclass(frozen=True, slots=True)
class Change:
    """What an action did, for the audit log: `result` is handed on to the page."""

    subject: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    result: Any = None


class Desk:
    """One open page of one user."""

    def __init__(self, console: Console, user: User, request: Request, token: str) -> None:
        self.console = console
        self.user = user
        self.request = request
        self._token = token
        self._is_over = False
        self.client = ui.context.client

    @property
    def language(self) -> str:
        """The user's language, `fr` or `en`."""
        return self.user.language

    @property
    def timezone(self) -> str:
        """The time zone in which times are shown where no live has its own."""
        return self.console.config.timezone

    def say(self, key: str, **words: str | int | float) -> str:
        """The text of `key` in the user's language."""
        return say(self.language, key, **words)

    def told(self, sentence: str) -> str:
        """Why something failed, in the user's language; the words of a shop or platform as they are."""
        return tell(self.language, sentence)

    def money(self, money: Money) -> str:
        """An amount as the user reads it."""
        return say_money(money, self.language)

    def number(self, number: float) -> str:
        """A number as the user reads it."""
        return format_decimal(number, "#,##0.#", locale_of(self.language))

    def count(self, number: int) -> str:
        """A number as the user reads it."""
        return format_decimal(number, locale=locale_of(self.language))

    def clock(self, at: datetime | None, timezone: str = "") -> str:
        """The time of day of `at`; a dash for None."""
        return "–" if at is None else say_time(at, timezone or self.timezone, self.language)

    def date(self, at: datetime | None, timezone: str = "") -> str:
        """The date and time of `at`; a dash for None."""
        zone = ZoneInfo(timezone or self.timezone)
        return "–" if at is None else format_datetime(at, "short", zone, locale_of(self.language))

    async def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """What `work` finds, in a read-only unit of work on a thread of its own."""

        def look() -> T:
            with self.console.database.unit(read_only=True) as unit:
                return work(unit)

        return await asyncio.to_thread(look)

    async def is_signed_in(self) -> bool:
        """Whether the session still lives; when not, the page says so, and is heard no more."""
        if not self._is_over and await self._user_now() is None and not self._is_over:
            self._is_over = True
            close_line(self.client)
            with self.client.content, ui.dialog(value=True).props("persistent") as dialog:
                dialog.props["aria-label"] = self.say("sign_in.title")
                with ui.card().classes("ask"):
                    ui.label(self.say("frame.session_over")).props("role=alert")
                    ui.link(self.say("sign_in.enter"), "/sign-in").classes("go")
        return not self._is_over

    def watch(self) -> None:
        """Look every few seconds whether the user is still signed in, and in the role that the page was made
        for: else the page ends, or is made anew."""

        async def look() -> None:
            try:
                if await self.is_signed_in():
                    user = await self._user_now()
                    if user is not None and user.role is not self.user.role:
                        ui.navigate.reload()
            except BateleurError as error:
                log.warning("console_not_watched", page=self.request.url.path, why=str(error))

        self.client.on_exception(self.failed)
        ui.timer(CHECK_S, look, immediate=False)

    async def _user_now(self) -> User | None:
        return await asyncio.to_thread(self.console.sessions.user_of, self._token)

    async def may(self, right: Right | None) -> bool:
        """Whether the user may act now: still signed in, and in a role with that right (None: any role will
        do); else they are told."""
        if not await self.is_signed_in():
            return False
        user = await self._user_now()
        if user is not None and (right is None or user.may(right)):
            return True
        self.complain(self.say("frame.not_allowed"))
        return False

    async def act(
        self, right: Right | None, action: str, work: Callable[[UnitOfWork, datetime], Change]
    ) -> Any:
        """Do `work` and write it to the audit log in one transaction; its result.

        None when the user may not, or a rule said no: they are told in a sentence, and nothing has changed.
        """
        if not await self.may(right):
            return None

        def done(unit: UnitOfWork) -> Change:
            now = datetime.now(UTC)
            change = work(unit, now)
            unit.audit.record(now, self.user.login, action, change.subject, change.before, change.after)
            return change

        try:
            change = await asyncio.to_thread(self.console.database.run, done)
        except Exception as error:
            self.failed(error)
            return None
        log.info("console_changed", who=self.user.login, action=action, subject=change.subject)
        return change.result if change.result is not None else True

    async def note(self, action: str, subject: str, after: Mapping[str, Any] | None = None) -> None:
        """Write to the audit log what was done elsewhere, such as an order to the running show."""
        now = datetime.now(UTC)

        def write(unit: UnitOfWork) -> None:
            unit.audit.record(now, self.user.login, action, subject, {}, after)

        await asyncio.to_thread(self.console.database.run, write)

    def failed(self, error: Exception) -> None:
        """Tell the user why something did not work."""
        self.complain(self.why_failed(error))

    def why_failed(self, error: Exception) -> str:
        """The sentence for it, and a line of the log; only our own sentences are known to hold no secret."""
        if isinstance(error, BateleurError):
            return self.say("frame.failed", why=self.told(error.sentence))
        frame = traceback.extract_tb(error.__traceback__)[-1:]
        where = " ".join(f"{one.name}, line {one.lineno}" for one in frame)
        log.error("console_failed", error=type(error).__name__, where=where, page=self.request.url.path)
        return self.say("frame.unknown_failure")

    def complain(self, sentence: str) -> None:
        """Show what is wrong, long enough to be read."""
        ui.notify(
            sentence, type="negative", timeout=8_000, close_button=self.say("frame.close"), multi_line=True
        )

    def tell(self, sentence: str) -> None:
        """Show what was done."""
        ui.notify(sentence, type="positive", timeout=3_000)

    def offer_undo(self, sentence: str, undo: Callable[[], Awaitable[None]]) -> None:
        """Show what was done, with a button that takes it back, for as long as one may notice a slip."""
        snack, timer = self._snack(sentence)
        with snack:
            button = ui.button(self.say("frame.undo")).props("flat dense")

        async def taken_back() -> None:
            timer.cancel()
            snack.delete()
            await undo()

        button.on_click(taken_back)

    def lead_on(self, sentence: str, label: str, path: str) -> None:
        """Show what was done, with a link to what one most likely does next."""
        snack, _ = self._snack(sentence)
        with snack:
            ui.link(label, path)

    def _snack(self, sentence: str) -> tuple[ui.element, ui.timer]:
        with ui.context.client.content, ui.element("div").classes("snack").props("role=status") as snack:
            ui.label(sentence).classes("say")
            return snack, ui.timer(UNDO_S, lambda: snack.delete(), once=True)

    async def confirms(self, question: str, deed: str) -> bool:
        """Ask before something that costs; True when the user presses the button that names the deed."""
        with ui.dialog() as dialog, ui.card().classes("ask"):
            dialog.props["aria-label"] = question
            ui.label(question).props("role=heading aria-level=2")
            with ui.row().classes("buttons"):
                ui.button(self.say("frame.cancel"), on_click=lambda: dialog.submit(False)).props(
                    "flat autofocus"
                )
                ui.button(deed, on_click=lambda: dialog.submit(True)).classes("costs")
        answer = bool(await dialog)
        dialog.delete()
        return answer

    def every(self, seconds: float, refresh: Callable[[], Awaitable[None]]) -> None:
        """Call `refresh` now and every so many seconds, as long as the page is open to its user."""

        async def tick() -> None:
            if self._is_over:
                timer.deactivate()
                return
            try:
                await refresh()
            except BateleurError as error:
                # The next look may succeed; what is shown meanwhile is what was last seen.
                log.warning("console_not_refreshed", page=self.request.url.path, why=str(error))

        timer = ui.timer(seconds, tick)

    def copy(self, text: str) -> None:
        """Put `text` on the user's clipboard."""
        ui.run_javascript(f"navigator.clipboard.writeText({json.dumps(text)})")
