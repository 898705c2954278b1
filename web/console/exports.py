"""What is filtered in the log, as a file: sent while it is read, so that no log is too long."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.background import BackgroundTask

from domain.people import Right, User
from domain.redemption_log import LogFilter, LogRow, MaySee, SearchTooWide
from store.database import Database
from store.unit import UnitOfWork
from web.console.desk import Console
from web.console.pages.redemptions.asked import Asked, asked_in, may_see, why_too_wide, zone_of
from web.console.texts import say
from web.redemption_files import MOST_IN_A_SHEET, csv_parts, write_xlsx

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def add_exports(pages: FastAPI, shown: Callable[[], Console]) -> None:
    """Serve the files; `shown` is the console that is shown."""

    def export(request: Request, kind: str) -> Response:
        return _Export(shown(), request).answer(kind)

    pages.add_api_route("/redemptions/export.{kind}", export, methods=["GET"])


class _Export:
    def __init__(self, console: Console, request: Request) -> None:
        self._console = console
        self._user: User = request.state.user
        self._asked = asked_in(request.query_params)
        self._may = may_see(self._user)

    def answer(self, kind: str) -> Response:
        """The file; or a sentence why there is none."""
        if kind not in ("csv", "xlsx"):
            return self._sorry("frame.no_page", 404)
        if not self._user.may(Right.EXPORT):
            return self._sorry("frame.not_allowed", 403)
        try:
            wanted, count = self._console.database.run(self._noted)
        except SearchTooWide:
            why = why_too_wide(self._user.language, self._asked.search)
            return PlainTextResponse(why, 422)
        if kind == "csv":
            return self._csv(wanted)
        if count > MOST_IN_A_SHEET:
            return self._sorry("redemptions.export_too_long", 422, most=MOST_IN_A_SHEET)
        return self._xlsx(wanted)

    def _noted(self, unit: UnitOfWork) -> tuple[LogFilter, int]:
        """What is wanted, and how many rows; that it was taken is in the audit log."""
        wanted = self._wanted(unit, self._asked)
        count = unit.redemption_log.totals(wanted).rows
        # Not the words that were searched for: they may be a viewer's name, and outlive the viewer's erasure.
        filtered = replace(self._asked, search="").query()
        after = {"rows": count, "codes": self._may.codes, "searched": bool(self._asked.search)}
        unit.audit.record(datetime.now(UTC), self._user.login, "log_exported", f"log {filtered}", {}, after)
        return wanted, count

    def _wanted(self, unit: UnitOfWork, asked: Asked) -> LogFilter:
        live = unit.lives.get(asked.live) if asked.live is not None else None
        zone = zone_of(asked, live, self._console.config.timezone)
        return asked.wanted(zone, by_name=self._may.viewers)

    def _csv(self, wanted: LogFilter) -> Response:
        rows = rows_of(self._console.database, wanted, self._may)
        parts = (part.encode() for part in csv_parts(rows))
        # A spreadsheet takes a file for UTF-8 only when it begins with a byte order mark.
        return StreamingResponse(_marked(parts), media_type="text/csv", headers=_named("csv"))

    def _xlsx(self, wanted: LogFilter) -> Response:
        with tempfile.NamedTemporaryFile(prefix="bateleur-", suffix=".xlsx", delete=False) as file:
            path = Path(file.name)
        try:
            write_xlsx(path, rows_of(self._console.database, wanted, self._may))
        except BaseException:
            path.unlink()
            raise
        return FileResponse(
            path, media_type=XLSX, headers=_named("xlsx"), background=BackgroundTask(path.unlink)
        )

    def _sorry(self, key: str, status: int, **words: str | int) -> Response:
        return PlainTextResponse(say(self._user.language, key, **words), status)


def rows_of(database: Database, wanted: LogFilter, may: MaySee) -> Iterator[LogRow]:
    """All that is wanted, each part of it in a unit of work of its own: a download may take its time."""
    place, is_more = None, True
    while is_more:
        with database.unit(read_only=True) as unit:
            rows, place = unit.redemption_log.part(wanted, place, may)
        yield from rows
        is_more = place is not None


def _marked(parts: Iterator[bytes]) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf"
    yield from parts


def _named(kind: str) -> dict[str, str]:
    day = datetime.now(UTC).date().isoformat()
    return {
        "content-disposition": f'attachment; filename="redemptions-{day}.{kind}"',
        "cache-control": "no-store",
    }
