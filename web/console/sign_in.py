"""Signing in to the console: with a password, or with the retailer's own OpenID Connect provider."""

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from authlib.integrations.starlette_client import OAuth
from babel import negotiate_locale
from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, PackageLoader

from domain.people import User, UserRole
from store.unit import UnitOfWork
from web.attempts import Attempts
from web.console.desk import Console
from web.console.guard import SIGN_IN
from web.console.sessions import COOKIE, PATH, keep_token
from web.console.texts import LANGUAGES, say
from web.passwords import is_password

PER_LOGIN, PER_ADDRESS = 8, 30
HOME = "/console/"
BACK = "/console/sign-in/back"
DEMO_USER = "demo"
LOOPBACK = ("127.0.0.1", "::1")
_CSRF, _NEXT = "console_csrf", "console_next"
log = structlog.get_logger()
TEMPLATES = Jinja2Templates(
    env=Environment(
        loader=ChoiceLoader([PackageLoader("web.console"), PackageLoader("web")]),
        autoescape=True,
        auto_reload=False,
    )
)


def add_sign_in(app: FastAPI, console: Console) -> None:
    """Serve the sign-in page and what belongs to it."""
    pages = _SignIn(console)
    app.add_api_route(SIGN_IN, pages.page, methods=["GET"])
    app.add_api_route(SIGN_IN, pages.enter, methods=["POST"])
    app.add_api_route("/console/sign-out", pages.leave, methods=["POST"])
    if console.config.provider is not None:
        app.add_api_route("/console/sign-in/provider", pages.to_provider, methods=["POST"])
        app.add_api_route(BACK, pages.from_provider, methods=["GET"])


class _SignIn:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.provider = console.config.provider
        self._by_address, self._by_login = Attempts(PER_ADDRESS), Attempts(PER_LOGIN)
        self._oauth = OAuth()
        if self.provider is not None:
            self._oauth.register(
                "provider",
                client_id=self.provider.client_id,
                client_secret=self.provider.client_secret,
                server_metadata_url=f"{self.provider.issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs={
                    "scope": "openid email profile",
                    "code_challenge_method": "S256",
                    "timeout": 10.0,
                },
            )

    async def page(self, request: Request) -> Response:
        """The sign-in page; in the demo, straight on for whoever sits at this machine."""
        wanted = _inside(request.query_params.get("next", ""))
        if self.console.config.opens_by_itself and _is_here(request):
            user = await asyncio.to_thread(self._demo_user)
            return await self._let_in(request, user, wanted)
        request.session[_NEXT] = wanted
        is_nobody = not await asyncio.to_thread(self._users)
        return self._render(request, "nobody" if is_nobody and self.provider is None else "")

    async def enter(self, request: Request) -> Response:
        """Login and password, from the page's own form."""
        form = await request.form()
        login, password = str(form.get("login", "")), str(form.get("password", ""))
        if not _is_from_page(request, form.get("csrf")):
            return self._render(request, "stale", 400)
        if not self._by_address.allows(_address(request)) or not self._by_login.allows(login.casefold()):
            log.warning("console_sign_in_limited", address=_address(request))
            return self._render(request, "too_many", 429)
        user = await asyncio.to_thread(self._known, login, password)
        if user is None:
            log.warning("console_sign_in_refused", address=_address(request))
            return self._render(request, "wrong", 401, login=login)
        return await self._let_in(request, user, _inside(str(request.session.get(_NEXT, ""))))

    async def leave(self, request: Request) -> Response:
        """The session ends, here and in the database."""
        await asyncio.to_thread(self.console.sessions.end, request.cookies.get(COOKIE, ""))
        answer = RedirectResponse(SIGN_IN, status_code=303)
        answer.delete_cookie(COOKIE, path=PATH)
        return answer

    async def to_provider(self, request: Request) -> Response:
        """Off to the provider's page."""
        form = await request.form()
        if not _is_from_page(request, form.get("csrf")):
            return self._render(request, "stale", 400)
        root = self.console.config.root or f"{request.url.scheme}://{request.url.netloc}"
        try:
            answer: Response = await self._client().authorize_redirect(request, f"{root}{BACK}")
        except Exception as error:  # the provider is away: nobody is signed in
            log.warning("provider_away", error=type(error).__name__)
            return self._render(request, "provider_refused", 502)
        return answer

    async def from_provider(self, request: Request) -> Response:
        """Back from the provider's page."""
        assert self.provider is not None, "the address is served with a provider only"
        try:
            token = await self._client().authorize_access_token(request)
            claims = dict(token.get("userinfo") or {})
        except Exception as error:  # whatever it answered instead of an identity: nobody is signed in
            log.warning("provider_refused", error=type(error).__name__)
            return self._render(request, "provider_refused", 400)
        login = str(claims.get(self.provider.claim) or "")
        is_claimed = bool(login) and (self.provider.claim != "email" or claims.get("email_verified", True))
        user = await asyncio.to_thread(self._provided, login, claims) if is_claimed else None
        if user is None:
            return self._render(request, "provider_unknown", 403)
        return await self._let_in(request, user, _inside(str(request.session.get(_NEXT, ""))))

    async def _let_in(self, request: Request, user: User, wanted: str) -> Response:
        token = await asyncio.to_thread(self.console.sessions.begin, user)
        request.session.pop(_CSRF, None)
        request.session.pop(_NEXT, None)
        answer = RedirectResponse(wanted or HOME, status_code=303)
        keep_token(answer, token, is_https=self._is_https(request))
        return answer

    def _is_https(self, request: Request) -> bool:
        return request.url.scheme == "https" or self.console.config.root.startswith("https")

    def _client(self) -> Any:
        return self._oauth.create_client("provider")  # type: ignore[no-untyped-call]

    def _users(self) -> int:
        with self.console.database.unit(read_only=True) as unit:
            return len(unit.users.list())

    def _known(self, login: str, password: str) -> User | None:
        with self.console.database.unit(read_only=True) as unit:
            user = unit.users.find(login)
            hashed = unit.users.password_hash(user.id) if user else ""
        return user if is_password(password, hashed) and user and not user.is_disabled else None

    def _provided(self, login: str, claims: dict[str, Any]) -> User | None:
        """The user of that login; a new one where the retailer lets the provider decide who comes in."""
        assert self.provider is not None
        role = self.provider.role

        def find(unit: UnitOfWork) -> User | None:
            user = unit.users.find(login)
            if user is None and role is not None:
                name = str(claims.get("name") or login)
                user = unit.users.add(login, name, role, self.console.config.language, datetime.now(UTC))
            return user if user and not user.is_disabled else None

        return self.console.database.run(find)

    def _demo_user(self) -> User:
        def find(unit: UnitOfWork) -> User:
            return unit.users.find(DEMO_USER) or unit.users.add(
                DEMO_USER, "Demo", UserRole.OWNER, self.console.config.language, datetime.now(UTC)
            )

        return self.console.database.run(find)

    def _render(self, request: Request, problem: str, status: int = 200, login: str = "") -> Response:
        request.session[_CSRF] = token = secrets.token_urlsafe(16)
        language = _language(request, self.console.config.language)
        about = {
            "say": lambda key, **words: say(language, f"sign_in.{key}", **words),
            "language": language,
            "problem": problem,
            "csrf": token,
            "login": login,
            "provider": self.provider.label if self.provider else "",
            "nonce": request.state.nonce,
        }
        page = TEMPLATES.TemplateResponse(request, "sign_in.html", about)
        page.status_code = status
        return page


def _is_from_page(request: Request, told: object) -> bool:
    kept = request.session.get(_CSRF)
    return isinstance(told, str) and bool(kept) and secrets.compare_digest(str(kept), told)


def _inside(path: str) -> str:
    """`path` when it is a page of the console, else nothing: a sign-in leads nowhere else."""
    parts = urlsplit(path)
    is_ours = path.startswith(HOME) and not parts.netloc and not parts.scheme and "\\" not in path
    return path if is_ours else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _is_here(request: Request) -> bool:
    return _address(request) in LOOPBACK and "x-forwarded-for" not in request.headers


def _language(request: Request, default: str) -> str:
    told = request.headers.get("accept-language", "").split(",")
    wanted = [part.partition(";")[0].partition("-")[0].strip().lower() for part in told]
    return negotiate_locale([tag for tag in wanted if tag], LANGUAGES) or default
