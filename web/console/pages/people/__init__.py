"""People: who may sign in to the console, and one viewer's data on their request."""

from web.console.desk import Desk
from web.console.pages.people.users import Users
from web.console.pages.people.viewers import Viewers


async def build(desk: Desk) -> None:
    """The page of owners."""
    await Users(desk).show()
    Viewers(desk).show()
