"""Tonight: the live that is on at a glance, and all that a moderator can do.

`look` is what is read, `board` draws it, `orders` are the buttons, `chat` the merged chats.
"""

from nicegui import ui

from web.console.desk import Desk
from web.console.pages.tonight.board import Board
from web.console.pages.tonight.chat import Chat
from web.console.pages.tonight.look import look
from web.console.pages.tonight.orders import Orders
from web.console.parts import empty

REFRESH_S = 0.5


async def build(desk: Desk) -> None:
    """The page of the live that is on, or is planned next; it follows what happens twice a second."""
    asked = desk.request.query_params.get("live", "")
    wanted = int(asked) if asked.isdecimal() else None
    tonight = await desk.read(lambda unit: look(unit, wanted))
    if tonight is None:
        empty(desk, "campaign", "tonight.no_live", "tonight.no_live_hint")
        desk.every(2.0, lambda: _begin(desk))
        return
    orders = Orders(desk, tonight)
    with ui.element("div").classes("tonight"):
        board = Board(desk, orders)
        chat = Chat(desk)
    orders.listen_to_keys()

    async def refresh() -> None:
        now = await desk.read(lambda unit: look(unit, wanted))
        if now is None or now.live.id != orders.tonight.live.id:
            ui.navigate.to("/")
            return
        orders.tonight = now
        board.show(now)
        chat.show()

    desk.every(REFRESH_S, refresh)


async def _begin(desk: Desk) -> None:
    """A live was opened or planned elsewhere: show it."""
    if await desk.read(look) is not None:
        ui.navigate.reload()
