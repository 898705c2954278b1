"""The pages' addresses: the claim page of each live, signing in, and the overlay."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

import segno
import structlog
from babel import negotiate_locale
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, PackageLoader
from starlette.middleware.sessions import SessionMiddleware

from commands.texts.catalogue import Catalogue
from domain.errors import BateleurError, Refusal
from domain.show import Live, LiveState
from store.database import Database
from web.attempts import Attempts
from web.claims import Claims, find_live, shown_code
from web.config import WebConfig
from web.console.app import add_console
from web.console.desk import Console
from web.headers import Hardened
from web.hooks import Hook, add_hooks
from web.links import ClaimLinks
from web.look import dark_tokens, page_tokens
from web.overlay import Shown, shown_of
from web.shop_hook import ShopHook
from web.sign_in import BROWSER, VIEWER, SignIns
from web.watch import Watch

SESSION_S = 6 * 3600
log = structlog.get_logger()
STATES = {LiveState.PLANNED: "soon", LiveState.CLOSED: "over"}
STILL_HERE = ": still here\n\n"
Look = Literal["card", "bar"]
TEMPLATES = Jinja2Templates(env=Environment(loader=PackageLoader("web"), autoescape=True, auto_reload=False))
TEMPLATES.env.globals.update(page_tokens=page_tokens, dark_tokens=dark_tokens)


def make_app(
    config: WebConfig | None,
    database: Database,
    catalogue: Catalogue,
    hooks: Mapping[str, Hook],
    shop_hook: ShopHook | None = None,
    console: Console | None = None,
) -> FastAPI:
    """The web server's application; `hooks` take the platforms' notices, `shop_hook` the shop's.

    Without a `config` there are no pages for viewers, without a `console` none for users.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    root = config.public_url if config else console.config.root if console else ""
    app.add_middleware(
        SessionMiddleware,
        secret_key=_session_key(config, console),
        session_cookie="bateleur",
        max_age=SESSION_S,
        same_site="lax",
        https_only=root.startswith("https"),
    )
    app.add_middleware(Hardened, sign_ins=_sign_ins(config), shop=urlsplit(_shop_link(config)))
    if shop_hook is not None:  # before the others, for it is by far the most called; and as a plain route
        app.add_route("/hooks/shop", shop_hook.told, methods=["POST"])
    if config is not None:
        _add_pages(app, _Pages(config, database, catalogue))
    add_hooks(app, hooks)
    if console is not None:
        add_console(app, console)
    return app


def _add_pages(app: FastAPI, pages: "_Pages") -> None:
    app.add_exception_handler(BateleurError, pages.out_of_order)
    app.add_api_route("/c/{live_id}", pages.claim, methods=["GET"])
    app.add_api_route("/c/{live_id}/codes", pages.codes, methods=["GET"])
    app.add_api_route("/c/{live_id}/events", pages.events, methods=["GET"])
    app.add_api_route("/overlay/{live_id}", pages.overlay, methods=["GET"])
    app.add_api_route("/overlay/{live_id}/events", pages.overlay_events, methods=["GET"])
    app.add_api_route("/c/{live_id}/sign-out", pages.sign_out, methods=["POST"])
    app.add_api_route("/c/{live_id}/sign-in/{platform}", pages.sign_in, methods=["POST"])
    app.add_api_route("/sign-in/{platform}/back", pages.signed_in, methods=["GET"])
    app.add_api_route("/c/{live_id}/p/{sealed}", pages.personal, methods=["GET"])
    app.add_api_route("/c/{live_id}/p/{sealed}", pages.personal_opened, methods=["POST"])


def _session_key(config: WebConfig | None, console: Console | None) -> str:
    """What signs the browsers' sessions: one installation has one secret key."""
    if config is not None:
        return config.secret_key
    return console.config.secret_key if console else secrets.token_urlsafe()


def _sign_ins(config: WebConfig | None) -> list[SplitResult]:
    """Where a form may lead a browser: the platforms' sign-in pages."""
    return [urlsplit(one.authorize_url) for one in config.sign_ins] if config else []


def _shop_link(config: WebConfig | None) -> str:
    return config.shop_link if config else ""


class _Pages:
    def __init__(self, config: WebConfig, database: Database, catalogue: Catalogue) -> None:
        self.config = config
        self.database = database
        self.catalogue = catalogue
        self.sign_ins = SignIns(config)
        self.links = ClaimLinks(config)
        self.attempts = Attempts()
        self.claims = Claims(database)
        self._say = lru_cache(maxsize=1_024)(catalogue.say)
        self.changed = Watch(self.claims.look)
        self.shown = Watch(self._overlay)

    async def claim(self, request: Request, live_id: int) -> Response:
        """The claim page of a live."""
        return await self._claimed(request, live_id, "claim.html")

    async def codes(self, request: Request, live_id: int) -> Response:
        """The part of the page that changes when a code is granted."""
        return await self._claimed(request, live_id, "codes.html")

    async def events(self, request: Request, live_id: int) -> Response:
        """Server-sent events: `changed` when the viewer's page is another, and at once. Holds no code."""
        if await asyncio.to_thread(find_live, self.database, live_id) is None:
            return self._message(request, None, "page.no_live", 404)
        who = _who(request)

        async def lines() -> AsyncIterator[str]:
            shown: tuple[int, str, str] | None = None
            async for seen in self.changed.changes(live_id):
                # Somebody else's code is no reason for thousands of open pages to ask for theirs again.
                now = (self.claims.newest_of(live_id, who), seen.state, seen.why_none) if seen else shown
                yield STILL_HERE if now == shown else "event: changed\ndata: \n\n"
                shown = now

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def overlay(self, request: Request, live_id: int, look: Look = "card") -> Response:
        """A transparent page to lay over the video."""
        live = await asyncio.to_thread(find_live, self.database, live_id)
        if live is None:
            return self._message(request, None, "page.no_live", 404)
        shown = await asyncio.to_thread(self._overlay, live_id)
        about = {**self._about_overlay(live), "shown": shown}
        about |= {"look": look, "nonce": request.state.nonce}
        return TEMPLATES.TemplateResponse(request, "overlay.html", about)

    async def overlay_events(self, request: Request, live_id: int) -> Response:
        """Server-sent events: the inside of the overlay, whenever it changes."""
        live = await asyncio.to_thread(find_live, self.database, live_id)
        if live is None:
            return self._message(request, None, "page.no_live", 404)
        inside = TEMPLATES.get_template("overlay_inside.html")

        async def lines() -> AsyncIterator[str]:
            async for shown in self.shown.changes(live_id):
                text = inside.render({**self._about_overlay(live), "shown": shown}) if shown else ""
                yield f"event: shown\ndata: {json.dumps(text)}\n\n" if shown else STILL_HERE

        return StreamingResponse(lines(), media_type="text/event-stream")

    async def sign_in(self, request: Request, live_id: int, platform: str) -> Response:
        """Off to the platform's page."""
        if not self._may_try(request):
            return self._message(request, None, "page.too_many", 429)
        try:
            return await self.sign_ins.begin(request, platform, live_id)
        except Refusal as refusal:
            return self._message(request, None, str(refusal), 400)

    async def signed_in(self, request: Request, platform: str) -> Response:
        """Back from the platform's page."""
        if not self._may_try(request):
            return self._message(request, None, "page.too_many", 429)
        try:
            return await self.sign_ins.finish(request, platform)
        except Refusal as refusal:
            return self._message(request, None, str(refusal), 400)

    async def sign_out(self, request: Request, live_id: int) -> Response:
        """The session ends."""
        request.session.clear()
        return RedirectResponse(f"/c/{live_id}", status_code=303)

    async def personal(self, request: Request, live_id: int, sealed: str) -> Response:
        """A personal link: a button, for those who follow links on their own must not spend it."""
        live = await asyncio.to_thread(find_live, self.database, live_id)
        try:
            self.links.read(live_id, sealed)
        except Refusal as refusal:
            return self._message(request, live, str(refusal), 400)
        return self._render(request, "personal.html", live, sealed=sealed)

    async def personal_opened(self, request: Request, live_id: int, sealed: str) -> Response:
        """The button was pressed: the link belongs to this browser, and to no other."""
        live = await asyncio.to_thread(find_live, self.database, live_id)
        if not self._may_try(request):
            return self._message(request, live, "page.too_many", 429)
        try:
            platform, viewer_id = self.links.read(live_id, sealed)
            browser = str(request.session.get(BROWSER) or secrets.token_urlsafe(16))
            if not await asyncio.to_thread(self._bind, live_id, platform, viewer_id, browser):
                raise Refusal("page.link_used")
        except Refusal as refusal:
            return self._message(request, live, str(refusal), 400)
        request.session.clear()
        request.session[BROWSER] = browser
        request.session[VIEWER] = [platform, viewer_id, ""]
        return RedirectResponse(f"/c/{live_id}", status_code=303)

    async def out_of_order(self, request: Request, error: Exception) -> Response:
        """The database or a platform fails: a sentence for the viewer, and one for the log."""
        log.error("page_not_shown", why=str(error))
        return self._message(request, None, "page.out_of_order", 503)

    async def _claimed(self, request: Request, live_id: int, template: str) -> Response:
        viewer = request.session.get(VIEWER)
        found = await asyncio.to_thread(self.claims.find, live_id, _who(request))
        if found is None:
            return self._message(request, None, "page.no_live", 404)
        about = found.about
        language = self._language(request, about.live)
        codes = [shown_code(about, grant, language) for grant in found.grants]
        name = viewer[2] or viewer[0].title() if viewer else None
        why = self._say(language, about.why_none, viewer=name or "")
        return self._render(request, template, about.live, viewer=name, codes=codes, why=why)

    def _render(self, request: Request, name: str, live: Live | None, **values: Any) -> HTMLResponse:
        language = self._language(request, live)

        def say(key: str, **words: str | int) -> str:
            return self._say(language, f"page.{key}", **words)

        about = {
            "say": say,
            "language": language,
            "live": live,
            "is_over": live is not None and live.state is LiveState.CLOSED,
            "state": STATES.get(live.state, "on") if live else "",
            "sign_ins": self.config.sign_ins,
            "private": [label for name, label in self.config.private.items() if _is_on(live, name)],
            "nonce": request.state.nonce,
            "shop_link": self._shop_link,
            "qr": _qr,
        }
        return TEMPLATES.TemplateResponse(request, name, {**about, **values})

    def _message(self, request: Request, live: Live | None, key: str, status: int) -> HTMLResponse:
        page = self._render(request, "message.html", live, message=key.removeprefix("page."))
        page.status_code = status
        return page

    def _shop_link(self, code: str) -> str:
        return self.config.shop_link.replace("{code}", code)

    def _language(self, request: Request, live: Live | None) -> str:
        wanted = [
            part.partition(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")
        ]
        known = list(self.catalogue.texts)
        found = negotiate_locale([tag.partition("-")[0].lower() for tag in wanted if tag], known)
        return found or self.catalogue.language(live.language if live else self.catalogue.default)

    def _may_try(self, request: Request) -> bool:
        return self.attempts.allows(request.client.host if request.client else "")

    def _about_overlay(self, live: Live) -> dict[str, Any]:
        def say(key: str, **words: str | int) -> str:
            return self.catalogue.say(live.language, f"overlay.{key}", **words)

        language = self.catalogue.language(live.language)
        link = self.links.public(live.id) if self.links.platforms else ""
        return {"say": say, "language": language, "live": live, "link": link, "qr": _qr}

    def _overlay(self, live_id: int) -> Shown | None:
        return shown_of(self.database, live_id)

    def _bind(self, live_id: int, platform: str, viewer_id: str, browser: str) -> bool:
        return self.database.run(lambda unit: unit.links.bind(live_id, platform, viewer_id, browser))


def _who(request: Request) -> tuple[str, str] | None:
    """The platform and id of whoever is signed in."""
    viewer = request.session.get(VIEWER)
    return (viewer[0], viewer[1]) if viewer else None


def _is_on(live: Live | None, platform: str) -> bool:
    return live is not None and any(one.startswith(f"{platform}:") for one in live.channels)


@lru_cache(maxsize=4_096)
def _qr(text: str) -> str:
    """A QR code as SVG, to stand in the page itself; drawn in milliseconds, asked for often."""
    return str(segno.make(text, error="m").svg_inline(border=2, dark="#111", light="#fff", omitsize=True))
