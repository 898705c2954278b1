"""A live's report as a file of its own: to keep, or to print from a tab of the browser."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from domain.errors import Refusal
from domain.people import User
from domain.plaintext import fold
from web.console.desk import Console
from web.console.pages.report import asked_for, read_reports
from web.console.texts import say
from web.report.page import report_page


def add_report_files(pages: FastAPI, shown: Callable[[], Console]) -> None:
    """Serve the files; `shown` is the console that is shown."""

    def report(request: Request, live_id: str) -> Response:
        return _answer(shown(), request, live_id)

    pages.add_api_route("/lives/{live_id}/report.html", report, methods=["GET"])


def _answer(console: Console, request: Request, live_id: str) -> Response:
    """Figures alone, which every user may see; in the user's language."""
    user: User = request.state.user
    wanted = asked_for(live_id, request.query_params.getlist("compare"))
    try:
        if not wanted:
            raise Refusal("report.no_live")
        with console.database.unit(read_only=True) as unit:
            reports = read_reports(unit, wanted)
    except Refusal:
        return PlainTextResponse(say(user.language, "report.no_live"), 404)
    text = report_page(reports, console.texts, datetime.now(UTC), user.language)
    kept = "save" in request.query_params
    return HTMLResponse(text, headers=_named(reports[0].live.title) if kept else None)


def _named(title: str) -> dict[str, str]:
    plain = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")[:60] or "live"
    return {"content-disposition": f'attachment; filename="bateleur-{plain}.html"'}
