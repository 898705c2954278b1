"""What is logged can be read by a machine, tells what belongs together, and holds no secret."""

import asyncio
import io
import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.logs import log_to_stderr, mask, masked
from bot.threads import run_sync
from bot.upkeep import kept_up
from domain.sentences import Sentence, sentence
from shops.codes import ALPHABET, LENGTH, draw_codes


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Lines = list[dict[str, Any]]


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str]) -> Callable[[], Lines]:
    """The lines logged since the last look, as JSON."""
    log_to_stderr()
    return lambda: read(capsys.readouterr().err)


def read(text: str) -> Lines:
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def test_without_a_terminal_each_event_is_a_line_of_json(logged: Callable[[], Lines]) -> None:
    structlog.get_logger().warning("price_kept", sku="XSX", price_cents=49999)
    (line,) = logged()
    at = line.pop("timestamp")
    assert {"event": "price_kept", "level": "warning", "sku": "XSX", "price_cents": 49999} == line
    assert at.endswith("Z")


def test_on_a_terminal_it_is_made_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    log_to_stderr()
    structlog.get_logger().warning("price_kept", sku="XSX")
    assert "price_kept" in screen.getvalue()
    assert not screen.getvalue().startswith("{")


@pytest.mark.parametrize(
    "said",
    [
        "the code is {}",
        "{}",
        "https://shop.example/?coupon={}&x=1",
        "['{}']",
        "(code={}, n=1)",
        "NOEL-{} is dead",
    ],
)
def test_a_code_is_never_logged_wherever_it_stands(said: str) -> None:
    """Promise 4."""
    (code,) = draw_codes(1)
    assert code not in masked(said.format(code))


@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH), st.text("ABC-_019", max_size=8))
def test_any_code_with_any_prefix_is_hidden(code: str, prefix: str) -> None:
    if any(letter.isalpha() for letter in prefix + code):
        assert code not in masked(f"it was {prefix}{code}, they say")


@pytest.mark.parametrize(
    "text",
    [
        "Check BATELEUR_DATABASE_URL and BATELEUR_SHOP__WEBHOOK_SECRET.",
        "channel facebook:122334455667788 and twitch:100",
        "youtube:UC4R8DWoMoI7CAwX8_LjQHig",
        "order 2026112322334455",
        "COUPON_CODE_LIMIT_ERROR of INTERNAL_SERVER_ERROR",
        "live 12, 5000 codes, @ann asked",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert text == masked(text)


def test_tokens_addresses_and_named_secrets_are_hidden_however_deep() -> None:
    event = {
        "why": "Bearer abc.def for ann.b+x@mail.example.org\nsecond line",
        "code": "anything",
        "codes": 12,
        "given": {"token": "t0ken", "to": ["bob@example.org", {"password": "pw"}]},
        "error": ValueError("access_token=xyz refused"),
    }
    told = mask(None, "", event)
    assert "Bearer *** for *** second line" == told["why"]
    assert "***" == told["code"]
    assert 12 == told["codes"]
    assert {"token": "***", "to": ["***", {"password": "***"}]} == told["given"]
    assert "access_token=*** refused" == told["error"]


FAILED = "Facebook refuses: {error}."
FRENCH = {FAILED: "Facebook refuse : {error}.", "it is refused, {error}": "il est refusé, {error}"}


def test_a_sentence_hides_its_secrets_in_every_language() -> None:
    (code,) = draw_codes(1)
    refused = sentence("it is refused, {error}", error=f"access_token=xyz of ann@mail.example for {code}")
    hidden = masked(sentence(FAILED, error=refused))
    assert "Facebook refuses: it is refused, access_token=*** of *** for ***." == hidden
    assert isinstance(hidden, Sentence)
    assert "Facebook refuse : il est refusé, access_token=*** of *** for ***." == hidden.told(FRENCH)


def test_a_secret_that_only_the_whole_sentence_shows_is_hidden_as_well() -> None:
    made = sentence("They sent Bearer {token}", token="abc.def")
    hidden = masked(made)
    assert isinstance(hidden, Sentence)
    assert {"They sent Bearer ***"} == {hidden, hidden.told({made.template: "Ils ont envoyé {token}"})}


def test_a_sentence_without_secrets_stays_what_it_is() -> None:
    made = sentence("There is no live {id}.", id=7)
    kept = masked(made)
    assert isinstance(kept, Sentence)
    assert "Il n’y a pas de live 7." == kept.told({made.template: "Il n’y a pas de live {id}."})


async def test_what_a_task_logs_bears_its_name_on_its_threads_too(
    logged: Callable[[], Lines],
) -> None:
    log = structlog.get_logger()
    done = asyncio.Event()

    async def work() -> None:
        with ThreadPoolExecutor(1) as pool:
            await run_sync(pool, lambda: log.info("looked"))
        done.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(kept_up("read twitch:100", work, lambda: None))
    await done.wait()
    task.cancel()
    log.info("elsewhere")
    lines = [line for line in logged() if line["event"] in ("looked", "elsewhere")]
    assert ["read twitch:100", None] == [line.get("task") for line in lines]


async def test_each_command_answered_is_one_line_that_tells_whose_batch_it_was(
    on_stage: Callable[..., Any],
) -> None:
    log_to_stderr()
    async with on_stage() as show:
        await show.ask("!code", "annabelle")
        await show.until(lambda: show.tally.asked == 1)
        await show.ask("!code", "cleo", "bob")
        await show.until(lambda: show.tally.asked == 3)
        await show.stop()
        told = show.log.text()
    lines = [line for line in read(told) if line["event"] == "command_answered"]
    first, *later = lines
    assert ("code", 1, ["twitch:100"], "dispatch") == (
        first["command"],
        first["live"],
        first["channels"],
        first["task"],
    )
    assert (1, 1, 1) == (first["asked"], first["answered"], first["granted"])
    assert 0 <= first["took_ms"] < 60_000
    assert 12 == len(first["viewer_ref"])
    assert 2 == sum(line["asked"] for line in later)
    assert "annabelle" not in json.dumps(lines)
