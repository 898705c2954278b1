"""What an order number or a name is found by."""

import pytest

from domain.beginnings import LONGEST, MOST_WORDS, beginnings, sought


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10042", ["10042"]),
        ("WC-10042", ["wc-10042", "10042"]),
        ("@JeanDupont42", ["@jeandupont42", "jeandupont42", "dupont42", "42"]),
        ("Chloé  du Pont", ["chloe du pont", "du pont", "pont"]),
        ("★ ★", ["★ ★"]),
        ("", []),
    ],
)
def test_each_word_of_a_text_is_a_beginning(text: str, expected: list[str]) -> None:
    assert expected == beginnings(text)


def test_a_long_name_has_a_few_short_beginnings() -> None:
    found = beginnings("عبد الرحمن " * 100)
    assert len(found) <= MOST_WORDS + 1
    assert all(len(beginning) <= LONGEST for beginning in found)


@pytest.mark.parametrize("typed", ["#10042", " 10042 ", "10042"])
def test_the_mark_of_an_order_number_need_not_be_typed(typed: str) -> None:
    assert "10042" == sought(typed)


def test_a_name_is_found_whatever_its_case_and_accents() -> None:
    assert any(beginning.startswith(sought("@CHLOE")) for beginning in beginnings("Chloé_92"))
