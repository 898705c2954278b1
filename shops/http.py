"""Calls to a shop over HTTP: time-outs, back-off, and errors in our words.

A call that changes nothing is tried again by itself; one that changes something is only when the shop
surely did not take it (it could not be reached, or it asked us to wait).
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from domain.shop import Traffic
from shops.clocks import ahead_by

TRIES = 4
FIRST_PAUSE_S = 0.5
LONGEST_WAIT_S = 30.0
LARGEST = 64_000_000
CONNECT_S = 5.0
_counting = threading.Lock()


class Answer:
    """What a shop answered: its status, headers and body."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes, where: str) -> None:
        self.status = status
        self.headers = headers
        self.body = body
        self._where = where

    def json(self) -> Any:
        """The body as JSON; raises `Fault` for anything else, such as a page of a proxy."""
        try:
            return json.loads(self.body)
        except ValueError:
            is_page = self.body.lstrip()[:1] == b"<"
            what = sentence("a web page" if is_page else "something that is not JSON")
            why = sentence(
                "The shop at {shop} answers with {what} (HTTP {status}): is its address right?",
                shop=self._where,
                what=what,
                status=self.status,
            )
            raise Fault(why, is_retryable=True) from None


class Http:
    """Calls to one shop, from any thread; `answer_s` is how long an answer may take.

    Each is counted in `traffic`. `ahead` is how far the shop's clock was before ours at its last answer, None
    when it does not tell. `judge` sees each answer before its status is judged, and may raise in the
    shop's own words.
    """

    def __init__(
        self,
        root: str,
        answer_s: float,
        headers: Mapping[str, str] | None = None,
        judge: Callable[[Answer], None] | None = None,
        traffic: Traffic | None = None,
    ) -> None:
        self.root = root.rstrip("/")
        self.where = urlsplit(root).netloc
        self.traffic = traffic or Traffic()
        self.ahead: timedelta | None = None
        self._answer_s = answer_s
        self._judge = judge
        self._headers = {"Accept": "application/json", "User-Agent": "Bateleur", **(headers or {})}
        self._local = threading.local()

    def call(
        self,
        method: str,
        path: str,
        *,
        is_safe: bool | None = None,
        headers: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Answer:
        """The answer, whatever its status below 500 but 401, 403 and 429.

        `is_safe`: the call may be repeated without harm (GET always). Raises `Fault` when the shop cannot be
        reached, is too slow, fails or asks for a longer wait, `ActionRequired` when it refuses us.
        """
        may_repeat = method in ("GET", "HEAD") if is_safe is None else is_safe
        pause, tries = FIRST_PAUSE_S, 1
        while True:
            try:
                return self._counted(method, path, {**self._headers, **(headers or {})}, given, may_repeat)
            except Fault as fault:
                wait = fault.retry_after or pause
                if not fault.is_retryable or fault.is_local or tries >= TRIES or wait > LONGEST_WAIT_S:
                    raise
                time.sleep(wait)
                pause, tries = pause * 2, tries + 1

    def close(self) -> None:
        """Let go of this thread's connections."""
        session = getattr(self._local, "session", None)
        if session is not None:
            session.close()
            del self._local.session

    def _counted(
        self, method: str, path: str, headers: Mapping[str, str], given: dict[str, Any], may_repeat: bool
    ) -> Answer:
        is_failed = True
        try:
            answer = self._once(method, path, headers, given, may_repeat)
            is_failed = False
            return answer
        finally:
            with _counting:
                self.traffic.calls += 1
                self.traffic.failed += is_failed

    def _once(
        self, method: str, path: str, headers: Mapping[str, str], given: dict[str, Any], may_repeat: bool
    ) -> Answer:
        url = path if path.startswith(("https://", "http://")) else self.root + path
        try:
            answer = self._session().request(
                method,
                url,
                headers=headers,
                timeout=(CONNECT_S, self._answer_s),
                allow_redirects=False,
                **given,
            )
        except requests.ConnectTimeout:
            raise Fault(
                sentence("The shop at {shop} cannot be reached.", shop=self.where), is_retryable=True
            ) from None
        except requests.Timeout:
            why = sentence(
                "The shop at {shop} did not answer within {seconds} s.",
                shop=self.where,
                seconds=f"{self._answer_s:g}",
            )
            raise Fault(why, is_retryable=True, is_local=not may_repeat) from None
        except requests.ConnectionError as error:
            refused = "Failed to establish" in str(error) or "NameResolution" in str(error)
            why = sentence("The shop at {shop} cannot be reached.", shop=self.where)
            raise Fault(why, is_retryable=True, is_local=not (refused or may_repeat)) from None
        except requests.RequestException as error:
            why = sentence(
                "The shop at {shop} cannot be spoken to ({kind}).", shop=self.where, kind=type(error).__name__
            )
            raise Fault(why, is_retryable=True, is_local=not may_repeat) from None
        return self._checked(answer, may_repeat)

    def _checked(self, answer: requests.Response, may_repeat: bool) -> Answer:
        status = answer.status_code
        self.ahead = ahead_by(answer.headers, datetime.now(UTC))
        if self._judge is not None:
            self._judge(Answer(status, answer.headers, answer.content, self.where))
        if status in (401, 403):
            why = sentence(
                "The shop at {shop} refuses the credentials (HTTP {status}): check "
                "BATELEUR_SHOP__KEY and BATELEUR_SHOP__SECRET and their rights.",
                shop=self.where,
                status=status,
            )
            raise ActionRequired(why)
        if status == 429 or (status == 503 and "Retry-After" in answer.headers):
            why = sentence("The shop at {shop} asks for a pause.", shop=self.where)
            raise Fault(why, is_retryable=True, retry_after=_seconds(answer.headers.get("Retry-After")))
        if status >= 500:
            why = sentence("The shop at {shop} fails (HTTP {status}).", shop=self.where, status=status)
            raise Fault(why, is_retryable=True, is_local=not may_repeat)
        if 300 <= status < 400 and status != 304:
            to = urlsplit(answer.headers.get("Location", "")).netloc or "elsewhere"
            raise ActionRequired(
                sentence(
                    "The shop at {shop} sends us to {to}: set BATELEUR_SHOP__URL to that.",
                    shop=self.where,
                    to=to,
                )
            )
        return Answer(status, answer.headers, answer.content, self.where)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.auth = _as_given  # else a .netrc of the machine's would take the place of our credentials
        return session


def _as_given(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _seconds(text: str | None) -> float | None:
    try:
        return max(0.0, float(text)) if text else None
    except ValueError:
        return None
