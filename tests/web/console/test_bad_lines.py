"""Every flaw of a file has its sentence in each language of the console."""

import pytest

from shops.flaws import SENTENCES
from web.console.texts import LANGUAGES, console_texts


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_flaw_can_be_said(language: str) -> None:
    texts = console_texts()[language]
    assert set() == {key for key in SENTENCES if f"bad_lines.{key}" not in texts}
