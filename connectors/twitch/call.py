"""One HTTP call to Twitch, with a time-out, and what its answer means."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import aiohttp

from connectors.twitch.outcome import Answered, Unclear, Unreached, message_of
from domain.sentences import sentence

LONGEST_WAIT_S = 120.0


async def call(
    session: aiohttp.ClientSession, method: str, url: str, *, answer_s: float, **request: Any
) -> Any:
    """The JSON of the answer, None when it has no body.

    Raises `Answered` for an HTTP error, `Unreached` when nothing was sent, `Unclear` otherwise.
    """
    try:
        async with asyncio.timeout(answer_s):
            async with session.request(method, url, allow_redirects=False, **request) as answer:
                text = await answer.text(errors="replace")
    except aiohttp.ClientConnectorError as error:
        raise Unreached(
            sentence("{host}:{port} cannot be reached", host=error.host, port=error.port)
        ) from error
    except aiohttp.InvalidURL as error:
        raise Unreached(sentence("the address is not a web address")) from error
    except TimeoutError as error:
        raise Unclear(sentence("no answer within {seconds} s", seconds=f"{answer_s:g}")) from error
    except (aiohttp.ClientError, OSError) as error:
        raise Unclear(sentence("the connection was lost ({kind})", kind=type(error).__name__)) from error
    body = _json(text)
    if answer.status >= 300:
        raise Answered(answer.status, message_of(body, text or answer.reason or ""), _wait_s(answer.headers))
    return body


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _wait_s(headers: Mapping[str, str]) -> float | None:
    """Until `Ratelimit-Reset` (Unix seconds), or `Retry-After` seconds."""
    try:
        if "Ratelimit-Reset" in headers:
            return min(LONGEST_WAIT_S, max(0.5, float(headers["Ratelimit-Reset"]) - time.time()))
        if "Retry-After" in headers:
            return min(LONGEST_WAIT_S, max(0.5, float(headers["Retry-After"])))
    except ValueError:
        pass
    return None
