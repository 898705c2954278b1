import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.plaintext import fold, harmless, harmless_cell, one_line, readable


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("CÔDÉ", "code"),
        ("Straße", "strasse"),
        ("ｆｕｌｌ", "full"),
        ("e\u0301", "e"),
        ("a\u200bb", "ab"),
        ("1️⃣", "1"),
    ],
)
def test_folding_forgets_case_accents_and_disguise(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_what_is_read_is_on_one_line_and_plain() -> None:
    assert readable("a\r\nb\u2028c\u00a0d") == "a b c d"


def test_emoji_and_joined_scripts_survive_being_said() -> None:
    for text in ("👩\u200d💻", "❤\ufe0f", "نمی\u200cخواهم", "日本語", "499,99\u00a0€"):
        assert harmless(text) == text


@given(st.text(st.characters(exclude_categories=()), max_size=100))
def test_what_is_said_is_one_line_and_no_platform_command(text: str) -> None:
    said = harmless(text)
    assert not said.startswith(("/", ".", " "))
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in said)
    assert not set(said) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
    assert harmless(said) == said
    said.encode("utf-8")


@given(st.text(st.characters(exclude_categories=()), max_size=50))
def test_a_name_is_kept_but_for_what_cannot_be_stored(text: str) -> None:
    assert "\x00" not in one_line(text)
    one_line(text).encode("utf-8")


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_no_cell_of_a_spreadsheet_is_a_formula() -> None:
    told = {"=A": "'=A", "-1": "'-1", " \t@SUM": "'  @SUM", "\n=A": "' =A", "A\tB": "A B", "A": "A", "": ""}
    assert told == {text: harmless_cell(text) for text in told}
