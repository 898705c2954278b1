"""The users of the console: added, given another role or password, shut out, signed out everywhere."""

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from nicegui import events, ui

from domain.errors import BateleurError
from domain.people import Right, User, UserRole
from store.unit import UnitOfWork
from web.console.desk import Change, Desk
from web.console.parts import Looks, card
from web.console.texts import LANGUAGES
from web.passwords import LONGEST, SHORTEST, hash_password


class Users:
    """The list, and what an owner may do with each."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._looks = Looks()

    async def show(self) -> None:
        """The card of the users."""
        with card(self.desk.say("people.users")):
            self._list = ui.element("div").classes("people")
            with ui.element("div").classes("line-up"):
                ui.button(self.desk.say("people.add"), icon="person_add", on_click=self.add)
        await self._refresh()

    async def add(self) -> None:
        """Ask for a new user, and add them."""
        say = self.desk.say
        with ui.dialog() as dialog, ui.card().classes("ask"):
            dialog.props["aria-label"] = say("people.add")
            ui.label(say("people.add")).props("role=heading aria-level=2").classes("head")
            login = ui.input(say("people.login")).props("autofocus outlined autocomplete=off")
            name = ui.input(say("people.name")).props("outlined autocomplete=off")
            role = ui.select(self._roles(), label=say("people.role"), value=UserRole.MODERATOR.value)
            language = ui.select(
                {one: say(f"people.language_{one}") for one in LANGUAGES},
                label=say("people.language"),
                value=self.desk.language,
            )
            role.props("outlined")
            language.props("outlined")
            password = self._password_field(say("people.password_or_none"))
            self._buttons(dialog, say("people.add"))
        if await dialog:
            await self._add(
                login.value, name.value, UserRole(role.value), str(language.value), password.value
            )
        dialog.delete()

    async def _add(self, login: str, name: str, role: UserRole, language: str, password: str) -> None:
        hashed = await self._hashed(password) if password else ""
        if hashed is None:
            return

        def add(unit: UnitOfWork, now: datetime) -> Change:
            user = unit.users.add(login, name, role, language, now, hashed)
            return Change(f"user {user.login}", {}, {"role": user.role, "name": user.name}, user)

        user = await self.desk.act(Right.MANAGE_USERS, "user_added", add)
        if user is not None:
            self.desk.tell(self.desk.say("people.added", login=user.login))
            await self._refresh()

    async def _change_role(self, user: User, event: events.ValueChangeEventArguments[Any]) -> None:
        await self._change(user, role=UserRole(event.value))

    async def _shut_out(self, user: User) -> None:
        say = self.desk.say
        question = say("people.disable_ask", name=user.name)
        if user.is_disabled or await self.desk.confirms(question, say("people.disable")):
            await self._change(user, is_disabled=not user.is_disabled)

    async def _change(
        self, user: User, *, role: UserRole | None = None, is_disabled: bool | None = None
    ) -> None:
        def change(unit: UnitOfWork, _: datetime) -> Change:
            after = unit.users.change(user.id, role=role, is_disabled=is_disabled)
            return Change(f"user {user.login}", _standing(user), _standing(after))

        if await self.desk.act(Right.MANAGE_USERS, "user_changed", change):
            self.desk.tell(self.desk.say("people.changed", login=user.login))
        await self._refresh()

    async def _new_password(self, user: User) -> None:
        say = self.desk.say
        with ui.dialog() as dialog, ui.card().classes("ask"):
            title = dialog.props["aria-label"] = say("people.password_of", name=user.name)
            ui.label(title).props("role=heading aria-level=2").classes("head say")
            ui.label(say("people.password_signs_out")).classes("quiet small")
            password = self._password_field(say("people.password")).props("autofocus")
            self._buttons(dialog, say("frame.save"))
        if await dialog and (hashed := await self._hashed(password.value)) is not None:

            def give(unit: UnitOfWork, _: datetime) -> Change:
                unit.users.set_password(user.id, hashed)
                return Change(f"user {user.login}")

            if await self.desk.act(Right.MANAGE_USERS, "password_changed", give):
                self.desk.tell(say("people.password_given", login=user.login))
        dialog.delete()

    async def _sign_out(self, user: User) -> None:
        def end(unit: UnitOfWork, _: datetime) -> Change:
            unit.users.sign_out_everywhere(user.id)
            return Change(f"user {user.login}")

        if await self.desk.act(Right.MANAGE_USERS, "signed_out_everywhere", end):
            self.desk.tell(self.desk.say("people.signed_out", login=user.login))

    async def _hashed(self, password: str) -> str | None:
        """The password as it is kept; None when it will not do, and the user is told."""
        try:
            return await asyncio.to_thread(hash_password, password)
        except BateleurError:
            self.desk.complain(self.desk.say("people.password_length", least=SHORTEST, most=LONGEST))
            return None

    async def _refresh(self) -> None:
        is_newest = self._looks.begin()
        users = await self.desk.read(lambda unit: unit.users.list())
        if not is_newest():
            return
        self._list.clear()
        with self._list:
            for user in users:
                self._draw(user)

    def _draw(self, user: User) -> None:
        say, is_me = self.desk.say, user.id == self.desk.user.id
        with ui.element("div").classes("person") as line:
            line.props["data-login"] = user.login
            with ui.element("div").classes("grow"):
                ui.label(user.name).classes("name say")
                ui.label(user.login).classes("quiet small say")
                if user.is_disabled:
                    ui.label(say("people.is_disabled")).classes("chip bad")
                if is_me:
                    ui.label(say("people.is_you")).classes("chip")
            role = ui.select(self._roles(), label=say("people.role"), value=user.role.value)
            role.props("outlined dense").classes("role")
            role.on_value_change(partial(self._change_role, user))
            self._action("key", "people.new_password", user, self._new_password)
            self._action("logout", "people.sign_out", user, self._sign_out)
            if not is_me:
                name, icon = ("enable", "lock_open") if user.is_disabled else ("disable", "block")
                self._action(icon, f"people.{name}", user, self._shut_out)
            else:
                ui.element("div").classes("nothing")

    def _action(self, icon: str, key: str, user: User, deed: Any) -> None:
        text = self.desk.say(key)
        button = ui.button(icon=icon, on_click=partial(deed, user)).props("flat round").tooltip(text)
        button.props["aria-label"] = f"{text} · {user.login}"

    def _password_field(self, label: str) -> ui.input:
        field = ui.input(label, password=True, password_toggle_button=True)
        return field.props("outlined autocomplete=new-password")

    def _buttons(self, dialog: ui.dialog, deed: str) -> None:
        with ui.row().classes("buttons"):
            ui.button(self.desk.say("frame.cancel"), on_click=lambda: dialog.submit(False)).props("flat")
            ui.button(deed, on_click=lambda: dialog.submit(True)).classes("costs")

    def _roles(self) -> dict[str, str]:
        return {role.value: self.desk.say(f"frame.role_{role}") for role in UserRole}


def _standing(user: User) -> dict[str, Any]:
    return {"role": user.role, "is_disabled": user.is_disabled}
