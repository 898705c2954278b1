"""Signing in to the console: with a password, or with the retailer's own OpenID Connect provider."""

import asyncio
import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from domain.errors import Fault, Refusal
from domain.people import LONGEST_LOGIN, User, UserRole
from store.unit import UnitOfWork
from web.console.asking import address_of, inside, is_at_this_machine, language_of
from web.console.desk import Console
from web.console.guard import SIGN_IN, is_ours
from web.console.plain import render
from web.console.provider import Known, OpenId
from web.console.sessions import COOKIE, PATH, keep_token
from web.console.throttle import CARD, CARD_S, Throttle
from web.passwords import is_password

HOME = "/console/"
BACK = "/console/sign-in/back"
DEMO_USER = "demo"
CHECKED_AT_ONCE = 2
"""A check takes a tenth of a second of a core and 64 MB, which the running show needs too."""
LARGEST_FORM = 16_384
_CSRF, _NEXT = "console_csrf", "console_next"
log = structlog.get_logger()


def add_sign_in(app: FastAPI, console: Console) -> None:
    """Serve the sign-in page and what belongs to it."""
    pages = _SignIn(console)
    app.add_api_route(SIGN_IN, pages.page, methods=["GET"])
    app.add_api_route(SIGN_IN, pages.enter, methods=["POST"])
    app.add_api_route("/console/sign-out", pages.leave, methods=["POST"])
    if pages.openid is not None:
        app.add_api_route("/console/sign-in/provider", pages.to_provider, methods=["POST"])
        app.add_api_route(BACK, pages.from_provider, methods=["GET"])


class _SignIn:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.provider = console.config.provider
        self.openid = OpenId(self.provider) if self.provider else None
        self._throttle = Throttle(console.config.secret_key)
        self._at_once = asyncio.Semaphore(CHECKED_AT_ONCE)

    async def page(self, request: Request) -> Response:
        """The sign-in page; in the demo, straight on for whoever sits at this machine."""
        wanted = inside(request.query_params.get("next", ""))
        if self.console.config.opens_by_itself and is_at_this_machine(request):
            user = await asyncio.to_thread(self._demo_user)
            return await self._let_in(request, user, wanted)
        request.session[_NEXT] = wanted
        is_nobody = not await asyncio.to_thread(self._users)
        return self._render(request, "nobody" if is_nobody and self.provider is None else "")

    async def enter(self, request: Request) -> Response:
        """Login and password, from the page's own form."""
        form = await self._form(request)
        if form is None:
            return self._render(request, "stale", 400)
        login, password = form.get("login", ""), form.get("password", "")
        card = request.cookies.get(CARD, "")
        if not self._throttle.allows(login[: LONGEST_LOGIN + 1], address_of(request), card):
            log.warning("console_sign_in_limited", address=address_of(request))
            return self._render(request, "too_many", 429)
        async with self._at_once:
            user = await asyncio.to_thread(self._known, login, password)
        if user is None:
            log.warning("console_sign_in_refused", address=address_of(request))
            return self._render(request, "wrong", 401, login=login)
        return await self._let_in(request, user, inside(str(request.session.get(_NEXT, ""))))

    async def leave(self, request: Request) -> Response:
        """The session ends, here and in the database; its other open pages notice."""
        if not is_ours(request.headers, self.console.config.root):
            return self._render(request, "stale", 403)
        await asyncio.to_thread(self.console.sessions.end, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(SIGN_IN, status_code=303)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    async def to_provider(self, request: Request) -> Response:
        """Off to the provider's page, by a page of ours: browsers hold a form to where its page may lead, and
        a provider's pages may be elsewhere than its name."""
        assert self.openid is not None, "the address is served with a provider only"
        if await self._form(request) is None:
            return self._render(request, "stale", 400)
        root = self.console.config.root or f"{request.url.scheme}://{request.url.netloc}"
        try:
            there = await self.openid.begin(request, f"{root}{BACK}")
        except Fault:
            return self._render(request, "provider_away", 502)
        answer = self._show(request, "leading_on.html", there=there)
        answer.headers["Refresh"] = f"0; url={there}"
        return answer

    async def from_provider(self, request: Request) -> Response:
        """Back from the provider's page."""
        assert self.openid is not None, "the address is served with a provider only"
        try:
            known = await self.openid.finish(request)
            user = await asyncio.to_thread(self._provided, known)
        except Refusal as refusal:
            why = str(refusal)
            return self._render(request, why if why.startswith("provider_") else "provider_unknown", 403)
        return await self._let_in(request, user, inside(str(request.session.get(_NEXT, ""))))

    async def _let_in(self, request: Request, user: User, wanted: str) -> Response:
        """A new session each time, so that none can be planted; the browser's one before is over."""
        before = request.cookies.get(COOKIE, "")
        if before:
            await asyncio.to_thread(self.console.sessions.end, before)
        token = await asyncio.to_thread(self.console.sessions.begin, user)
        request.session.pop(_CSRF, None)
        request.session.pop(_NEXT, None)
        answer = RedirectResponse(wanted or HOME, status_code=303)
        is_https = request.url.scheme == "https" or self.console.config.root.startswith("https")
        keep_token(answer, token, is_https=is_https)
        answer.set_cookie(
            CARD,
            self._throttle.card(user.login),
            max_age=CARD_S,
            path=SIGN_IN,
            httponly=True,
            samesite="lax",
            secure=is_https,
        )
        return answer

    async def _form(self, request: Request) -> dict[str, str] | None:
        """What was typed; None when it does not come from our own page, or is more than anyone types."""
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > LARGEST_FORM:
                return None
        form = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
        kept = str(request.session.get(_CSRF) or "")
        is_kept = bool(kept) and secrets.compare_digest(kept.encode(), form.get("csrf", "").encode())
        return form if is_kept and is_ours(request.headers, self.console.config.root) else None

    def _users(self) -> int:
        with self.console.database.unit(read_only=True) as unit:
            return len(unit.users.list())

    def _known(self, login: str, password: str) -> User | None:
        with self.console.database.unit(read_only=True) as unit:
            user = unit.users.find(login) if len(login) <= LONGEST_LOGIN else None
            hashed = unit.users.password_hash(user.id) if user else ""
        return user if is_password(password, hashed) and user and not user.is_disabled else None

    def _provided(self, known: Known) -> User:
        """The user of that login; a new one where the retailer lets the provider decide who comes in. Raises
        `Refusal` for others."""
        assert self.provider is not None
        role = self.provider.role

        def find(unit: UnitOfWork) -> User:
            user = unit.users.find(known.login)
            if user is None and role is not None:
                user = self._add(unit, known.login, known.name, role)
            if user is None or user.is_disabled:
                raise Refusal("provider_unknown")
            return user

        return self.console.database.run(find)

    def _demo_user(self) -> User:
        def find(unit: UnitOfWork) -> User:
            return unit.users.find(DEMO_USER) or self._add(unit, DEMO_USER, "Demo", UserRole.OWNER)

        return self.console.database.run(find)

    def _add(self, unit: UnitOfWork, login: str, name: str, role: UserRole) -> User:
        now = datetime.now(UTC)
        user = unit.users.add(login, name, role, self.console.config.language, now)
        after = {"role": role, "name": user.name}
        unit.audit.record(now, user.login, "user_added", f"user {user.login}", {}, after)
        return user

    def _render(self, request: Request, problem: str, status: int = 200, login: str = "") -> Response:
        # One for all sign-in pages of this browser: the second one opened does not spoil the first.
        token = request.session.setdefault(_CSRF, secrets.token_urlsafe(16))
        values = {"problem": problem and f"sign_in.{problem}", "csrf": token, "login": login}
        return self._show(request, "sign_in.html", status, **values)

    def _show(self, request: Request, name: str, status: int = 200, **values: str) -> Response:
        language = language_of(request, self.console.config.language)
        label = self.provider.label if self.provider else ""
        return render(request, name, language, status, provider=label, **values)
