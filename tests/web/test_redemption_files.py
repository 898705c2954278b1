"""The log as a file: safe in a spreadsheet, exact, and never held in memory as a whole."""

import csv
import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from domain.errors import Refusal
from domain.money import Money
from domain.redemption import Redemption, Verdict
from domain.redemption_log import LogRow
from domain.show import Mechanic
from web import redemption_files
from web.redemption_files import COLUMNS, csv_parts, write_redemptions

AT = datetime(2026, 11, 26, 21, 30, tzinfo=timezone(timedelta(hours=1)))
EVIL = '=HYPERLINK("http://x")\n'
RIGHT_TO_LEFT = "ل" * 200


def a_row(number: int = 1, viewer: str | None = "Ann", currency: str = "EUR") -> LogRow:
    redemption = Redemption(
        shop="woocommerce",
        order_id=f"-{number}",
        code="•••••23",
        discount=Money(100, currency),
        total=Money(4_999, currency),
        ordered_at=AT,
        refunded=Money(999, currency),
    )
    return LogRow(
        id=number, redemption=redemption, verdict=Verdict.VALID, net=4_000, live_id=1, offer_id=2,
        mechanic=Mechanic.OPEN, channel="twitch:100" if viewer else "", sku="", viewer=viewer,
        platform="twitch" if viewer else None, granted_at=AT if viewer else None,
    )  # fmt: skip


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def test_a_csv_has_a_line_for_each_redemption(tmp_path: Path) -> None:
    assert 2 == write_redemptions(tmp_path / "log.csv", [a_row(), a_row(2, None, "JPY")])
    first, second = read_csv(tmp_path / "log.csv")
    assert ("2026-11-26T20:30:00+00:00", "49.99", "9.99", "40.00", "EUR", "valid") == tuple(
        first[name] for name in ("ordered_at", "total", "refunded", "net", "currency", "verdict")
    )
    assert ("4999", "", "", "") == tuple(second[name] for name in ("total", "viewer", "channel", "product"))
    assert ["log.csv"] == [path.name for path in tmp_path.iterdir()]


def test_no_cell_is_a_formula_and_no_name_breaks_a_line(tmp_path: Path) -> None:
    rows = [a_row(1, EVIL), a_row(2, RIGHT_TO_LEFT)]
    write_redemptions(tmp_path / "log.csv", rows)
    evil, far = read_csv(tmp_path / "log.csv")
    assert ('\'=HYPERLINK("http://x") ', "'-1") == (evil["viewer"], evil["order"])
    assert RIGHT_TO_LEFT == far["viewer"]
    write_redemptions(tmp_path / "log.xlsx", rows)
    cells = [cell for row in load_workbook(tmp_path / "log.xlsx").active.iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]


def test_a_sheet_has_real_times_and_numbers(tmp_path: Path) -> None:
    assert 1 == write_redemptions(tmp_path / "log.xlsx", [a_row()])
    sheet = load_workbook(tmp_path / "log.xlsx").active
    heading, line = ([cell.value for cell in row] for row in sheet.iter_rows())
    told: dict[str, Any] = dict(zip(heading, line, strict=True))
    assert list(COLUMNS) == heading
    assert datetime(2026, 11, 26, 20, 30) == told["ordered_at"]  # noqa: DTZ001
    assert Decimal("40") == told["net"]


def test_a_long_log_is_written_as_it_is_read() -> None:
    taken = 0

    def rows() -> Iterator[LogRow]:
        nonlocal taken
        for taken in itertools.count(1):
            yield a_row(taken)

    parts = csv_parts(rows())
    assert 501 == len(next(parts).splitlines())
    assert 500 == taken


def test_more_than_a_sheet_holds_is_one_sentence_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redemption_files, "MOST_IN_A_SHEET", 2)
    with pytest.raises(Refusal, match="choose fewer, or a CSV file"):
        write_redemptions(tmp_path / "log.xlsx", map(a_row, range(3)))
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["log.txt", "nowhere/log.csv", "nowhere/log.xlsx"])
def test_a_file_that_cannot_be_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refusal, match=name):
        write_redemptions(tmp_path / name, [a_row()])
    assert [] == list(tmp_path.iterdir())
