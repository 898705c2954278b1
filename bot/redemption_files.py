"""Redemptions as a table for a spreadsheet: CSV or XLSX, in which no cell is ever a formula."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from babel.numbers import get_currency_precision
from openpyxl import Workbook

from domain.errors import Refusal
from domain.money import Money
from store.redemptions import RedemptionLine

COLUMNS = (
    "ordered_at", "shop", "order", "live", "offer", "mechanic", "code", "platform", "viewer", "channel",
    "granted_at", "discount", "total", "refunded", "currency", "state", "verdict",
)  # fmt: skip
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | Decimal | datetime | None


def write_redemptions(path: Path, lines: Iterable[RedemptionLine], *, reveal: bool) -> int:
    """Write a CSV or an XLSX file, by its name; how many redemptions. Codes are masked unless `reveal`.

    Raises `Refusal` for another ending, or a place that cannot be written to.
    """
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise Refusal(f"{path} is neither .csv nor .xlsx: name the file so.")
    rows = [redemption_cells(line, reveal=reveal) for line in lines]
    try:
        (_write_csv if kind == ".csv" else _write_xlsx)(path, rows)
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror}.") from None
    return len(rows)


def redemption_cells(line: RedemptionLine, *, reveal: bool) -> list[Cell]:
    """One redemption in the order of `COLUMNS`; amounts in the currency's own unit."""
    one, grant = line.redemption, line.grant
    return [
        one.ordered_at.astimezone(UTC),
        harmless_cell(one.shop),
        harmless_cell(one.order_id),
        line.offer.live_id,
        line.offer.id,
        line.offer.mechanic.value,
        harmless_cell(one.code if reveal else masked_code(one.code)),
        grant.platform if grant else None,
        harmless_cell(grant.viewer_name) if grant else None,
        harmless_cell(grant.channel) if grant else None,
        grant.granted_at.astimezone(UTC) if grant else None,
        _amount(one.discount),
        _amount(one.total),
        _amount(one.refunded or Money(0, one.total.currency)),
        one.total.currency,
        one.state.value,
        line.verdict.value,
    ]


def masked_code(code: str) -> str:
    """A code of which only the last two characters can be read."""
    return "•" * max(0, len(code) - 2) + code[-2:]


def harmless_cell(text: str) -> str:
    """`text` as a spreadsheet shows it and never works it out: a formula gets an apostrophe before it."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return (
        f"'{printable}"
        if text.startswith(DANGEROUS) or printable.lstrip().startswith(DANGEROUS)
        else printable
    )


def _amount(money: Money) -> Decimal:
    return Decimal(money.amount).scaleb(-get_currency_precision(money.currency))


def _write_csv(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(COLUMNS)
        for row in rows:
            writer.writerow([cell.isoformat() if isinstance(cell, datetime) else cell for cell in row])


def _write_xlsx(path: Path, rows: Sequence[Sequence[Cell]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Redemptions")
    sheet.append(COLUMNS)
    for row in rows:
        # A spreadsheet's times have no zone: they are in UTC, as the CSV's say of themselves.
        sheet.append([cell.replace(tzinfo=None) if isinstance(cell, datetime) else cell for cell in row])
    book.save(path)
