import json
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.money import say_money, say_percent
from commands.texts import Catalogue, load_texts
from commands.texts.samples import SAMPLES
from domain.errors import ActionRequired
from domain.money import Money


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("key", SAMPLES)
def test_every_text_says_something_in_both_languages(catalogue: Catalogue, language: str, key: str) -> None:
    text = catalogue.say(language, key, **SAMPLES[key])
    assert text
    assert "{{" not in text


def test_a_unique_code_has_a_way_into_the_private_text_alone() -> None:
    with_code = {key for key, values in SAMPLES.items() if "code" in values}
    assert with_code == {"code.shared", "code.given_shared", "code.private", "code.private_page"}


def test_the_retailer_changes_one_text_and_keeps_the_others(tmp_path: Path) -> None:
    (tmp_path / "fr.toml").write_text('[code]\nnone = "Patience !"\n', encoding="utf-8")
    catalogue = load_texts(tmp_path)
    assert catalogue.say("fr", "code.none") == "Patience !"
    assert catalogue.say("fr", "code.exhausted") == load_texts().say("fr", "code.exhausted")
    assert catalogue.say("en", "code.none") == load_texts().say("en", "code.none")


@pytest.mark.parametrize(
    ("source", "line", "key"),
    [
        ('[code]\nnone = "ok"\nover = "{{ nothing }}"\n', 3, "code.over"),
        ('# mine\n\n[price]\nplain = "{{ product }"\n', 4, "price.plain"),
        ('[code]\nkept = "{{ code }}"\n', 2, "code.kept"),
        ('[code]\nprivate = "Bravo !"\n', 2, "code.private"),
        ('[code]\nnone = "{{ 1 / 0 }}"\n', 2, "code.none"),
        ('[code]\nnone = "{{ \'\'.__class__.__mro__ }}"\n', 2, "code.none"),
        ('[code]\nnone = "{% for i in range(999999999) %}x{% endfor %}"\n', 2, "code.none"),
        ('[code]\nnone = "/ban ann"\n', 2, "code.none"),
        ('[code]\nnone = ".timeout ann"\n', 2, "code.none"),
        ('[code]\nnone = ""\n', 2, "code.none"),
        ('[code]\nnone = "two\\nlines"\n', 2, "code.none"),
        ('[code]\nnone = 3\n', 2, "code.none"),
        ('[price]\nplain = "ok {{ price }}"\n[code]\nnonne = "x"\n', 4, "code.nonne"),
        ('code.none = "{{ x }}"\n', 1, "code.none"),
        ('[help]\nviewers = "' + "x" * 500 + '"\n', 2, "help.viewers"),
    ],
)  # fmt: skip
def test_a_text_that_does_not_render_is_refused_naming_file_line_and_key(
    tmp_path: Path, source: str, line: int, key: str
) -> None:
    (tmp_path / "fr.toml").write_text(source, encoding="utf-8")
    with pytest.raises(ActionRequired) as refused:
        load_texts(tmp_path)
    assert str(refused.value).startswith(f"fr.toml, line {line}, {key}: ")


def test_a_file_that_is_no_toml_is_refused_naming_the_line(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text('[code]\nnone = "ok"\nover = oops\n', encoding="utf-8")
    with pytest.raises(ActionRequired, match=r"^en\.toml .*line 3"):
        load_texts(tmp_path)


def test_a_file_that_is_no_utf8_and_a_folder_that_is_missing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ActionRequired, match="does not exist"):
        load_texts(tmp_path / "missing")
    (tmp_path / "fr.toml").write_bytes(b'[code]\nnone = "\xe9"\n')
    with pytest.raises(ActionRequired, match="UTF-8"):
        load_texts(tmp_path)


def test_a_new_language_needs_every_text(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text('[code]\nnone = "Noch kein Code."\n', encoding="utf-8")
    with pytest.raises(ActionRequired, match=r"de\.toml.*code\.before"):
        load_texts(tmp_path)


def test_a_new_language_may_leave_the_report_in_english(tmp_path: Path) -> None:
    tables: dict[str, list[str]] = {}
    for key, text in tomllib.loads(
        files("commands.texts").joinpath("en.toml").read_text(encoding="utf-8")
    ).items():
        if key != "report":
            tables[key] = [f"{name} = {json.dumps(one)}" for name, one in text.items()]
    lines = [line for table, texts in tables.items() for line in (f"[{table}]", *texts)]
    (tmp_path / "de.toml").write_text("\n".join(lines), encoding="utf-8")
    assert "Revenue, net" == load_texts(tmp_path).say("de", "report.figure_net")


def test_a_region_speaks_its_language_and_an_unknown_one_the_retailers(catalogue: Catalogue) -> None:
    assert catalogue.say("fr-CA", "code.none") == catalogue.say("fr", "code.none")
    assert catalogue.say("EN_us", "code.none") == catalogue.say("en", "code.none")
    assert catalogue.say("ja", "code.none") == catalogue.say("fr", "code.none")
    assert load_texts(default="en").say("ja", "code.none") == catalogue.say("en", "code.none")


@pytest.mark.parametrize(
    "name", ["/ban ann", ". timeout", "\u200b/ban", " ./ban", "\n/ban", '=HYPERLINK("x")']
)
def test_a_name_never_becomes_a_platform_command_or_a_line_of_its_own(
    catalogue: Catalogue, name: str
) -> None:
    text = catalogue.say("en", "price.plain", product=name, price="1")
    assert not text.startswith(("/", "."))
    assert "\n" not in text


@given(st.text(max_size=80))
def test_no_value_is_read_as_a_template_or_brings_control_characters(name: str) -> None:
    text = CATALOGUE.say("fr", "code.given", viewer=name + "{{ 7*7 }}{% x %}")
    assert "{{ 7*7 }}{% x %}" in text
    assert all(char.isprintable() or char in "\u00a0\u202f" or ord(char) > 0x9F for char in text)
    text.encode("utf-8")


CATALOGUE = load_texts()


@pytest.mark.parametrize(
    ("money", "language", "expected"),
    [
        (Money(49999, "EUR"), "fr", "499,99\u00a0€"),
        (Money(149999, "EUR"), "fr", "1\u202f499,99\u00a0€"),
        (Money(49999, "EUR"), "en", "€499.99"),
        (Money(5000, "JPY"), "en", "¥5,000"),
        (Money(12345, "KWD"), "fr", "12,345\u00a0KWD"),
        (Money(100, "EUR"), "klingon", "€1.00"),
    ],
)
def test_money_is_said_in_the_language_with_its_currencys_digits(
    money: Money, language: str, expected: str
) -> None:
    assert say_money(money, language) == expected


def test_percentages_are_said_in_the_language() -> None:
    assert say_percent(20, "fr") in {"20\u00a0%", "20\u202f%"}
    assert say_percent(20, "en") == "20%"
