"""What is done on the command line is in the audit log, and every deed has its words in both languages."""

import ast
import getpass
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from commands.deeds import DEEDS
from tests.bot.shell import Shell
from web.console.texts import console_texts

ME = f"{getpass.getuser()} (shell)"
PLAN = ("live", "plan", "Soirée", "--channel", "twitch:100", "--starts", "2126-12-03T20:00")
HEAD = "sku,name,aliases,price,currency,reference_price,stock,url\n"
XBOX = "X1,Xbox,,499.99,EUR,,,\n"
NOTERS = {"note", "act", "record", "_add", "_change", "_order", "_take"}
"""What writes to the audit log; among its words is what was done."""


def test_what_is_done_on_the_command_line_is_in_the_audit_log(bateleur: Shell) -> None:
    codes = bateleur.file("AVENT-AAAA2222\nAVENT-BBBB3333\n", "codes.csv")
    bateleur("products", "import", bateleur.file(HEAD + XBOX, "products.csv"))
    bateleur(*PLAN, "--product", "X1")
    bateleur("offer", "add", "1", "--kind", "unique", "--percent", "20", "--count", "3")
    bateleur("codes", "generate", "1", "--count", "4")
    bateleur("codes", "import", "1", codes)
    bateleur("live", "open", "1")
    bateleur("offer", "end", "1")
    bateleur("live", "close", "1")
    kept = bateleur.audited()
    assert {ME} == {one.who for one in kept}
    assert [
        ("products_imported", "products"),
        ("live_planned", "live 1"),
        ("offer_added", "offer 1"),
        ("codes_drawn", "offer 1"),
        ("codes_imported", "offer 1"),
        ("live_opened", "live 1"),
        ("offer_ended", "offer 1"),
        ("live_closed", "live 1"),
    ] == [(one.action, one.subject) for one in kept]
    assert {"file": "products.csv", "products": 1} == kept[0].after
    assert ("Soirée", ["X1"]) == (kept[1].after["title"], kept[1].after["skus"])
    assert {"kind": "unique", "mechanic": "open", "percent": 20, "codes": 3} == kept[2].after
    assert [4, 2] == [one.after["codes"] for one in kept[3:5]]
    assert ({"ended": False}, {"ended": True}) == (kept[6].before, kept[6].after)
    assert "AVENT" not in str(kept)


def test_what_is_refused_is_not(bateleur: Shell) -> None:
    bateleur.refused(*PLAN, "--product", "NO")
    bateleur.refused("live", "close", "7")
    bateleur.refused("offer", "end", "7")
    assert [] == bateleur.audited()


def test_a_planned_live_that_is_closed_was_cancelled(bateleur: Shell) -> None:
    bateleur(*PLAN)
    bateleur("live", "close", "1")
    assert "live_cancelled" == bateleur.audited()[-1].action


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_deed_in_the_sources_has_its_words(language: str) -> None:
    deeds = {*DEEDS.values(), *_deeds_in_sources()}
    assert {"offer_killed", "live_cancelled", "signed_in", "codes_dropped", "products_imported"} <= deeds
    texts = console_texts()[language]
    assert [] == sorted(deed for deed in deeds if f"audit.action_{deed}" not in texts)


def _deeds_in_sources() -> Iterator[str]:
    for folder in ("bot/cli", "web/console", "store"):
        for path in Path(folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(call, ast.Call) and _called(call.func) in NOTERS:
                    words = (one for argument in call.args[:6] for one in ast.walk(argument))
                    yield from (word for one in words if (word := _word(one)))


def _called(function: ast.expr) -> str:
    return getattr(function, "attr", getattr(function, "id", ""))


def _word(node: ast.AST) -> str:
    """A word as deeds are written, such as `offer_ended`; empty for everything else."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and re.fullmatch(r"[a-z]+(_[a-z]+)+", value) else ""
