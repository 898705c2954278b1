"""Calls to the Graph API with requests: time-outs everywhere, proof with each, no token in an address."""

import hashlib
import hmac
import threading
from typing import Any

import requests

from connectors.facebook.outcome import Refused, Unclear
from connectors.facebook.settings import FacebookSettings
from connectors.facebook.usage import Usage, read_usage
from domain.errors import ActionRequired, Fault
from domain.sentences import sentence

CONNECT_S, ANSWER_S = 5.0, 15.0


class Graph:
    """One Page's calls; threads may share it, each has a session of its own."""

    def __init__(self, settings: FacebookSettings) -> None:
        self._root = settings.graph_url.rstrip("/")
        self._stream_root = settings.stream_url.rstrip("/")
        self._silence_s = settings.silence_s
        self._token = settings.page_token.get_secret_value() if settings.page_token else ""
        secret = settings.app_secret.get_secret_value() if settings.app_secret else ""
        proof = hmac.new(secret.encode(), self._token.encode(), hashlib.sha256).hexdigest()
        self._proof = proof if secret else ""
        self._local = threading.local()
        self.usage = Usage()

    def get(self, path: str, **query: str | int) -> Any:
        """The JSON of `path`. Raises `Refused`, or `Fault` when nobody answers."""
        try:
            return self._call("GET", path, query, None)
        except Unclear as error:
            raise Fault(
                sentence("Facebook does not answer ({error}).", error=error), is_retryable=True
            ) from None

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The JSON of the answer. Raises `Refused`; `Unclear` when it may have been taken."""
        return self._call("POST", path, {}, body)

    def stream(self, path: str, **query: str) -> requests.Response:
        """The open answer of the streaming host, to be read as it comes and closed; a read waits for
        `silence_s` at most. Raises `Refused`, or `Fault` when nobody answers."""
        try:
            answer = self._session().get(
                f"{self._stream_root}/{path}",
                params=self._proven({**query}),
                headers={"Accept": "text/event-stream", "Accept-Encoding": "identity"},
                timeout=(CONNECT_S, self._silence_s),
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException:
            raise Fault("Facebook's stream cannot be reached.", is_retryable=True) from None
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code == 200 and kind.startswith("text/event-stream"):
            return answer
        with answer:
            raise Refused(answer.status_code, _json_of(answer), read_usage(answer.headers).regain_s or None)

    def _proven(self, query: dict[str, str | int]) -> dict[str, str | int]:
        return {**query, "appsecret_proof": self._proof} if self._proof else query

    def _call(self, method: str, path: str, query: dict[str, str | int], body: dict[str, Any] | None) -> Any:
        try:
            answer = self._session().request(
                method,
                f"{self._root}/{path}",
                params=self._proven(query),
                json=body,
                timeout=(CONNECT_S, ANSWER_S),
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.exceptions.InvalidURL) as error:
            if isinstance(error, requests.ConnectTimeout) or method == "GET" or _was_not_sent(error):
                raise Fault("Facebook cannot be reached.", is_retryable=True) from None
            raise Unclear(sentence("the connection was lost")) from None
        except requests.RequestException as error:
            raise Unclear(type(error).__name__) from None
        self.usage = read_usage(answer.headers)
        found = _json_of(answer)
        if answer.status_code >= 300 or (isinstance(found, dict) and "error" in found):
            raise Refused(answer.status_code, found, self.usage.regain_s or None)
        return found

    def _session(self) -> requests.Session:
        if not self._token:
            raise ActionRequired("Facebook needs the Page's token: set BATELEUR_FACEBOOK__PAGE_TOKEN.")
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["Authorization"] = f"Bearer {self._token}"
            session.trust_env = False  # a .netrc would take the token's place
        return session


def _json_of(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except (ValueError, requests.RequestException):
        return None


def _was_not_sent(error: Exception) -> bool:
    """Whether the connection was never made."""
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
