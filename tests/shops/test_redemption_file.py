"""Redemptions imported from a file: whatever program wrote it, and whatever is wrong with a line."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Refusal
from domain.money import Money
from domain.shop import CodeUse, Order, OrderState, version_at
from shops.feed.redemption_file import read_redemptions

HEAD = (
    "redemption_id;code;discount_minor;total_minor;currency;refunded_minor;state;ordered_at;"
    "version;customer\n"
)
LINE = "R1;LIVE20;7998;31992;EUR;0;placed;2026-11-23T20:05:00+01:00;1;ann-ref\n"
EXCEL = "order_id;nom;code;discount;total;currency;state;ordered_at;changed_at\r\n"


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "redemptions.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_line_becomes_an_order_without_its_customer(tmp_path: Path) -> None:
    orders, rejected = read_redemptions(written(tmp_path, HEAD + LINE))
    use = CodeUse("LIVE20", Money(7998, "EUR"))
    placed = datetime(2026, 11, 23, 19, 5, tzinfo=UTC)
    none = Money(0, "EUR")
    assert [Order("R1", (use,), Money(31992, "EUR"), none, OrderState.PLACED, placed, 1)] == orders
    assert [] == rejected


def test_a_customer_is_kept_as_a_pseudonym_only(tmp_path: Path) -> None:
    [order], _ = read_redemptions(written(tmp_path, HEAD + LINE), lambda person: f"p{len(person)}")
    assert "p7" == order.customer


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize(("delimiter", "amount"), [(";", "79,98"), (",", "79.98"), (",", '"79,98"')])
def test_whatever_a_spreadsheet_saves_is_read(
    tmp_path: Path, encoding: str, delimiter: str, amount: str
) -> None:
    row = ["4711", "Zoé", "ÉTÉ20", amount, amount, "eur", "", "2026-11-23T20:05:00Z", "2026-11-23T20:06:00Z"]
    text = EXCEL.replace(";", delimiter) + delimiter.join(row) + "\r\n"
    [order], rejected = read_redemptions(written(tmp_path, text.encode(encoding)))
    assert [] == rejected
    assert (CodeUse("ÉTÉ20", Money(7998, "EUR")),) == order.uses
    assert version_at(datetime(2026, 11, 23, 20, 6, tzinfo=UTC)) == order.version
    assert "Zo" not in repr(order)


def test_of_an_order_the_newest_rows_stand_wherever_they_are(tmp_path: Path) -> None:
    newer = LINE.replace(";0;placed;", ";1000;confirmed;").replace(";1;ann", ";3;ann")
    older = LINE.replace(";placed;", ";cancelled;").replace(";1;ann", ";2;ann")
    [order], _ = read_redemptions(written(tmp_path, HEAD + newer + LINE + older))
    assert (3, OrderState.PLACED, Money(1000, "EUR")) == (order.version, order.state, order.refunded)


def test_two_codes_of_one_order_are_one_order(tmp_path: Path) -> None:
    second = LINE.replace("LIVE20", "FREESHIP").replace("7998", "490").replace(";1;ann", ";2;ann")
    [order], _ = read_redemptions(written(tmp_path, HEAD + LINE + second))
    assert ["LIVE20", "FREESHIP"] == [use.code for use in order.uses]
    assert 2 == order.version


def test_all_given_back_is_refunded_with_or_without_its_amount(tmp_path: Path) -> None:
    whole = LINE.replace(";0;placed;", ";31992;placed;")
    said = LINE.replace("R1", "R2").replace(";0;placed;", ";;refunded;")
    orders, _ = read_redemptions(written(tmp_path, HEAD + whole + said))
    assert [(OrderState.REFUNDED, 31992)] * 2 == [(order.state, order.refunded.amount) for order in orders]


@pytest.mark.parametrize(
    ("good", "bad", "why"),
    [
        ("7998", "79,98", "the discount is no amount in EUR"),
        ("7998", "-5", "the discount is no amount in EUR"),
        ("7998", "9" * 40, "the discount is no amount in EUR"),
        ("EUR", "EURO", "«EURO» is no ISO currency, such as EUR"),
        ("placed", "lost", "the state is none of placed, confirmed, cancelled, refunded"),
        ("+01:00", "", "a time has no offset, such as +01:00"),
        ("2026-11-23", "23/11/2026", "a time is not ISO 8601, such as 2026-11-23T20:05:00+01:00"),
        ("2026-11-23T20", "0001-01-01T00", "a time is out of bounds"),
        (";1;ann", ";one;ann", "the version is no whole number"),
        (";1;ann", ";;ann", "the version or time of change is missing"),
        ("LIVE20", "", "the code is missing"),
        ("LIVE20", "LIVE\x0020", "the code is too long or holds invisible characters"),
        ("ann-ref", "ann;ref", "it has too many columns: put a text with the delimiter in quotes"),
    ],
)
def test_a_bad_line_is_left_out_with_its_number_and_reason(
    tmp_path: Path, good: str, bad: str, why: str
) -> None:
    text = HEAD + LINE.replace(good, bad, 1) + "\n" + LINE.replace("R1", "R2")
    orders, rejected = read_redemptions(written(tmp_path, text))
    assert ["R2"] == [order.id for order in orders]
    assert [f"Line 2: {why}."] == rejected


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (HEAD.replace("code;", "kode;"), "columns missing: code"),
        (HEAD.replace("redemption_id", "id"), "columns missing: redemption_id or order_id"),
        (HEAD.replace("customer", "code"), "columns given twice: code"),
        (HEAD.replace("customer", "discount"), "columns given twice: discount"),
        ("", "columns missing"),
    ],
)
def test_a_wrong_header_refuses_the_whole_file(tmp_path: Path, head: str, why: str) -> None:
    with pytest.raises(Refusal, match=f"Line 1: {why}"):
        read_redemptions(written(tmp_path, head + LINE if head else ""))


def test_a_file_that_is_not_what_its_checksum_says_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, HEAD + LINE)
    beside = path.with_name("redemptions.csv.sha256")
    beside.write_text(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  redemptions.csv\n")
    assert 1 == len(read_redemptions(path)[0])
    path.write_text(HEAD)
    with pytest.raises(Refusal, match="did not come whole"):
        read_redemptions(path)


def test_an_open_quote_or_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="is a quote left open"):
        read_redemptions(written(tmp_path, HEAD + LINE + '"R2;'))
    with pytest.raises(Refusal, match="cannot be read"):
        read_redemptions(tmp_path / "none.csv")
