"""A moderator on Facebook types a one-time word, once, and may give orders from then on."""

import time
from collections.abc import AsyncIterator

import pytest

from connectors.facebook.account import FacebookAccount
from connectors.facebook.pairing import new_word
from domain.chat import Message, Role
from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from tests.connectors.facebook_page import ANN, attached, settings
from tests.connectors.reading import Notebook, until
from tests.connectors.test_facebook import comment


@pytest.fixture
async def facebook() -> AsyncIterator[FacebookStandin]:
    async with FacebookStandin() as opened:
        yield opened


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


async def test_a_moderator_pairs_with_a_word_that_works_once(
    facebook: FacebookStandin, notebook: Notebook
) -> None:
    word = await new_word(notebook)
    assert word not in "".join(notebook.texts.values())
    mallory = Chatter("666", "mallory", "Mallory")
    async with attached(facebook, notebook) as (_, reader):
        await facebook.chat(mallory, "AAAAAAAA")
        await facebook.chat(ANN, f" {word.lower()} ")
        await until(lambda: notebook.texts.get("moderators"))
        await facebook.chat(mallory, word)
        await facebook.chat(ANN, "!stop")
        await until(lambda: "!stop" in reader.fresh())
        roles = {i.text: i.author.role for i in reader.items if isinstance(i, Message)}
        assert Role.MODERATOR is roles["!stop"]
        assert Role.VIEWER is roles[word]
        assert f" {word.lower()} " not in roles
    async with attached(facebook, notebook) as (connector, _):
        assert frozenset({ANN.id}) == connector._account.moderators


async def test_a_pairing_word_expires_and_cannot_be_guessed_for_long(
    facebook: FacebookStandin, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    word = await new_word(notebook)
    connector = FacebookAccount(settings(facebook), notebook).channel(facebook.page_id)
    typed = comment("911_1")
    right = Message(typed.id, typed.channel, typed.author, word, typed.sent_at)
    later = time.time() + 3600
    with monkeypatch.context() as clock:
        clock.setattr("connectors.facebook.pairing.time.time", lambda: later)
        assert not await connector._pairing.takes(right)
    for _ in range(50):
        assert not await connector._pairing.takes(
            Message("x", typed.channel, typed.author, "AAAAAAAA", typed.sent_at)
        )
    assert not await connector._pairing.takes(right)
