"""The log as a table for a spreadsheet: CSV or XLSX, in which no cell is ever a formula.

Rows are taken one by one, so that a million of them need no more memory than ten.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from babel.numbers import get_currency_precision
from openpyxl import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from domain.errors import Refusal
from domain.plaintext import harmless_cell
from domain.redemption_log import LogRow
from domain.sentences import sentence

COLUMNS = (
    "ordered_at", "shop", "order", "live", "offer", "mechanic", "code", "platform", "viewer", "channel",
    "product", "granted_at", "discount", "total", "refunded", "net", "currency", "state", "verdict",
)  # fmt: skip
MOST_IN_A_SHEET = 1_048_575
"""Rows below the heading. Source: Microsoft «Excel specifications and limits» (read 2026-11)."""
_AT_A_TIME = 500
Cell = str | int | Decimal | datetime | None


def write_redemptions(path: Path, rows: Iterable[LogRow]) -> int:
    """Write a CSV or an XLSX file, by its name; how many redemptions. It appears when it is whole.

    Raises `Refusal` for another ending, a place that cannot be written to, or more than a sheet holds.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise Refusal(sentence("{path} is neither .csv nor .xlsx: name the file so.", path=path))
    part = path.with_name(f".{path.name}.part")
    try:
        count = _write_csv(part, rows) if kind == ".csv" else write_xlsx(part, rows)
        part.replace(path)
    except OSError as error:
        raise Refusal(
            sentence("{path} cannot be written: {reason}.", path=path, reason=error.strerror)
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return count


def csv_parts(rows: Iterable[LogRow]) -> Iterator[str]:
    """The CSV file of `rows`, in parts of some hundred lines; for an encoding with a byte order mark."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, 1):
        cells = redemption_cells(row)
        writer.writerow([cell.isoformat() if isinstance(cell, datetime) else cell for cell in cells])
        if number % _AT_A_TIME == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def write_xlsx(path: Path, rows: Iterable[LogRow]) -> int:
    """Write an XLSX file; how many redemptions. Raises `Refusal` for more than a sheet holds."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Redemptions")
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    try:
        count = _fill(sheet, rows)
        book.save(path)
    except BaseException:
        sheet.close()  # what was streamed to a file of openpyxl's own is let go of
        raise
    return count


def _fill(sheet: WriteOnlyWorksheet, rows: Iterable[LogRow]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MOST_IN_A_SHEET:
            raise Refusal(
                sentence("A sheet holds {most} rows: choose fewer, or a CSV file.", most=MOST_IN_A_SHEET)
            )
        # A spreadsheet's times have no zone: they are in UTC, as the CSV's say of themselves.
        cells = redemption_cells(row)
        sheet.append([cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell for cell in cells])
    return count


def redemption_cells(row: LogRow) -> list[Cell]:
    """One redemption in the order of `COLUMNS`; amounts in the currency's own unit."""
    one, currency = row.redemption, row.redemption.total.currency
    return [
        one.ordered_at.astimezone(UTC),
        harmless_cell(one.shop),
        harmless_cell(one.order_id),
        row.live_id,
        row.offer_id,
        row.mechanic.value,
        harmless_cell(one.code),
        row.platform,
        harmless_cell(row.viewer) if row.viewer is not None else None,
        harmless_cell(row.channel) if row.channel else None,
        harmless_cell(row.sku) if row.sku else None,
        row.granted_at.astimezone(UTC) if row.granted_at else None,
        _amount(one.discount.amount, one.discount.currency),
        _amount(one.total.amount, currency),
        _amount(one.refunded.amount if one.refunded else 0, currency),
        _amount(row.net, currency),
        currency,
        one.state.value,
        row.verdict.value,
    ]


def _amount(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def _write_csv(path: Path, rows: Iterable[LogRow]) -> int:
    counted = Counted(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        file.writelines(csv_parts(counted))
    return counted.count


class Counted:
    """Rows that are counted while somebody else goes through them."""

    def __init__(self, rows: Iterable[LogRow]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[LogRow]:
        for row in self._rows:
            self.count += 1
            yield row
