"""Every setting can be found, and a misspelt one is refused."""

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.settings import Settings, load_settings
from domain.errors import ActionRequired

ROOT = Path(__file__).parents[2]


def names(model: type[BaseModel], prefix: str) -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= names(kind, f"{prefix}{name.upper()}__")
        else:
            found.add(f"{prefix}{name.upper()}")
    return found


def test_env_example_lists_every_setting_and_no_other() -> None:
    written = set(re.findall(r"^#? ?(BATELEUR_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert names(Settings, "BATELEUR_") == written


def test_env_example_shows_the_defaults_and_an_empty_value_is_none_given(tmp_path: Path) -> None:
    example = (ROOT / ".env.example").read_text()
    (tmp_path / "all").write_text(re.sub(r"^# (?=BATELEUR_)", "", example, flags=re.MULTILINE))

    assert Settings(_env_file=None) == Settings(_env_file=tmp_path / "all")


def test_a_misspelt_setting_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("BATELEUR_TWITCH__BOT_TOKN=x\nBATELEUR_LOCAL=fr\n")

    with pytest.raises(ActionRequired, match="BATELEUR_LOCAL"):
        load_settings()


def test_secrets_are_not_shown_with_the_settings() -> None:
    settings = Settings(_env_file=None, secret_key="very-secret", twitch={"bot_token": "also-secret"})

    shown = repr(settings)
    assert "very-secret" not in shown
    assert "also-secret" not in shown
