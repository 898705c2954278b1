"""Facebook's notices: taken when they are signed, refused when they are forged, repeated without harm."""

import hashlib
import hmac
import io

import aiohttp
import pytest

from tests.web.conftest import Site

BODY = b'{"object":"page","entry":[{"id":"1789","changes":[{"field":"feed","value":{"item":"comment"}}]}]}'


def signed(body: bytes, secret: bytes = b"app-secret") -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()}


async def post(site: Site, body: bytes, headers: dict[str, str], platform: str = "facebook") -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{site.url}/hooks/{platform}", data=io.BytesIO(body), headers=headers) as answer,
    ):
        return answer.status


async def test_a_signed_notice_has_the_comments_looked_at(site: Site) -> None:
    assert [200, 200] == [await post(site, BODY, signed(BODY)) for _ in range(2)]
    assert ["facebook", "facebook"] == site.woken


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=00"},
        {"X-Hub-Signature-256": "é"},
        signed(BODY, b"guess"),
        signed(b"else"),
    ],
)
async def test_a_forged_or_unsigned_notice_is_refused(site: Site, headers: dict[str, str]) -> None:
    assert 403 == await post(site, BODY, headers)
    assert [] == site.woken


async def test_notices_of_nobody_and_without_end_are_refused(site: Site) -> None:
    assert 403 == await post(site, BODY, signed(BODY), "minitel")
    endless = b"x" * 1_100_000
    assert 413 == await post(site, endless, signed(endless))
    assert [] == site.woken


@pytest.mark.parametrize(("word", "status", "text"), [("our-word", 200, "42"), ("guess", 403, "")])
async def test_facebook_is_answered_only_if_it_knows_our_word(
    site: Site, word: str, status: int, text: str
) -> None:
    query = {"hub.mode": "subscribe", "hub.verify_token": word, "hub.challenge": "42"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{site.url}/hooks/facebook", params=query) as answer,
    ):
        assert (status, text) == (answer.status, await answer.text())
