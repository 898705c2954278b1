"""`bateleur demo`: a newcomer's first minute."""

import json
from pathlib import Path

from typer.testing import CliRunner

from bot.cli import app
from domain.redemption import Verdict

KEYS = {
    "messages", "commands", "grants", "grants_undelivered", "said", "asked", "seconds_to_answer_p50",
    "seconds_to_answer_p99", "limit_violations", "double_grants", "leaks", "deliveries",
    "channels", "youtube_units", "redemptions", "revenue", "orders_not_accounted_for",
    "codes_alive_afterwards",
}  # fmt: skip

PART = {
    "messages", "commands", "grants", "grants_undelivered", "said", "asked", "seconds_to_answer_p50",
    "seconds_to_answer_p99", "limit_violations", "double_grants", "leaks", "deliveries",
}  # fmt: skip


def test_a_short_evening_ends_with_one_json_object_and_nothing_broken() -> None:
    result = CliRunner().invoke(app, ["demo", "--seconds", "4", "--crowd", "60", "--json"])
    assert 0 == result.exit_code, result.output
    summary = json.loads(result.stdout.splitlines()[-1])
    assert summary.keys() >= KEYS
    assert 0 == summary["limit_violations"] == summary["double_grants"] == summary["leaks"]
    assert 0 == summary["orders_not_accounted_for"] == summary["codes_alive_afterwards"]
    assert 0 < summary["redemptions"]["valid"] <= summary["grants"]
    assert {verdict.value for verdict in Verdict} == summary["redemptions"].keys()
    assert 0 < summary["revenue"]["EUR"]
    assert 0 < summary["grants"] <= 60
    assert summary["grants"] == summary["grants_undelivered"] + sum(summary["deliveries"].values())
    assert {"twitch:100", "youtube:video1", "facebook:1789"} == summary["channels"].keys()
    for part in summary["channels"].values():
        assert part.keys() == PART
        assert part["grants"] == part["grants_undelivered"] + sum(part["deliveries"].values())
        assert 0 < part["grants"]
        assert 0 < part["said"] <= part["asked"] <= part["commands"] < part["messages"]
    assert summary["channels"]["facebook:1789"]["grants"] == summary["deliveries"]["reply"]
    assert 0 < summary["said"] <= summary["asked"] <= summary["commands"] < summary["messages"]


def test_people_see_the_chat_and_the_figures(tmp_path: Path) -> None:
    picture = tmp_path / "demo.svg"
    result = CliRunner().invoke(app, ["demo", "--seconds", "2", "--crowd", "20", "--picture", str(picture)])
    assert 0 == result.exit_code, result.output
    assert "◆ twitch" in result.output
    assert "codes granted twice" in result.output
    assert "/c/1" in result.output
    assert "/overlay/1" in result.output
    assert "\u202e" not in result.output
    assert picture.read_text().startswith("<svg")
