"""The console's plain pages, without its library: for whoever is not signed in, and for what went wrong."""

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import Response
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, Environment, PackageLoader

from domain.errors import BateleurError
from web.console.asking import language_of
from web.console.texts import say
from web.look import mark, page_tokens

log = structlog.get_logger()
_TEMPLATES = Jinja2Templates(
    env=Environment(
        loader=ChoiceLoader([PackageLoader("web.console"), PackageLoader("web")]),
        autoescape=True,
        auto_reload=False,
    )
)
_TEMPLATES.env.globals.update(page_tokens=page_tokens, mark=mark)


def render(request: Request, name: str, language: str, status: int = 200, **values: str) -> Response:
    """A page of ours; `say` speaks the language in it."""
    about = {
        "say": lambda key, **words: say(language, key, **words),
        "language": language,
        "nonce": request.state.nonce,
    }
    return _TEMPLATES.TemplateResponse(request, name, {**about, **values}, status_code=status)


def add_troubles(app: FastAPI, default: str) -> None:
    """Answer in a sentence where there is no page, or where one fails; `default` is the language of whoever
    tells none."""

    async def nowhere(request: Request, _: Exception) -> Response:
        return trouble(request, "frame.no_page", 404)

    async def out_of_order(request: Request, error: Exception) -> Response:
        log.error("console_out_of_order", why=str(error), path=request.url.path)
        return trouble(request, "frame.out_of_order", 503)

    async def failed(request: Request, error: Exception) -> Response:
        log.error("console_failed", error=type(error).__name__, path=request.url.path)
        return trouble(request, "frame.unknown_failure", 500)

    def trouble(request: Request, key: str, status: int) -> Response:
        user = request.scope.get("state", {}).get("user")
        language = user.language if user else language_of(request, default)
        return render(request, "trouble.html", language, status, sentence=key)

    app.add_exception_handler(404, nowhere)
    app.add_exception_handler(BateleurError, out_of_order)
    app.add_exception_handler(Exception, failed)
