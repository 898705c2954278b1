"""The pages of the console, in the order of its menu: where each is, who may open it, what builds it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

from domain.people import Right, User
from web.console.desk import Desk

Build = Callable[[Desk], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One page. Its title is the text `<name>.title`; `right` None: every user may look.

    `path` may hold parts such as `{live_id}`, found in `desk.request.path_params`; such a page is not in the
    menu, and lights up the menu entry `under`.
    """

    name: str
    path: str
    icon: str
    module: str
    right: Right | None = None
    under: str = ""

    def build(self) -> Build:
        """What builds the page; its module is imported on first use."""
        built: Build = import_module(self.module).build
        return built

    def is_for(self, user: User) -> bool:
        """Whether `user` may open the page."""
        return self.right is None or user.may(self.right)


ENTRIES: tuple[Entry, ...] = (
    Entry("tonight", "/", "campaign", "web.console.pages.tonight"),
    Entry("redemptions", "/redemptions", "receipt_long", "web.console.pages.redemptions"),
    Entry("lives", "/lives", "event", "web.console.pages.lives"),
    Entry("report", "/lives/{live_id}", "insights", "web.console.pages.report", under="lives"),
    Entry("offers", "/offers", "sell", "web.console.pages.offers"),
    Entry("products", "/products", "inventory_2", "web.console.pages.products"),
    Entry(
        "codes",
        "/offers/{offer_id}/codes",
        "confirmation_number",
        "web.console.pages.offers.codes",
        under="offers",
    ),
    Entry("people", "/people", "group", "web.console.pages.people", Right.MANAGE_USERS),
    Entry("audit", "/audit", "history", "web.console.pages.audit", Right.MANAGE_USERS),
    Entry("health", "/health", "monitor_heart", "web.console.pages.health"),
)
