"""Calls to the retailer's own platform: signed, and its refusals in our words.

Source: RFC 9457 problem details; the rest is our convention, `docs/retailer-api.md`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from domain.errors import ActionRequired, Fault
from domain.plaintext import one_line
from domain.sentences import sentence
from domain.shop import Traffic
from shops.feed.standard_webhooks import Signer
from shops.http import Answer, Http

LONGEST_WHY = 200


class Platform:
    """One address of the retailer's, called with signed requests."""

    def __init__(self, root: str, key: bytes, answer_s: float, traffic: Traffic | None = None) -> None:
        self.http = Http(root, answer_s, traffic=traffic)
        self._signer = Signer(key)

    def get(self, path: str, **query: object) -> Answer:
        """A read, whatever its status below 500."""
        params = {name: str(value) for name, value in query.items()}
        return self.http.call("GET", path, params=params, auth=self._signer)

    def post(self, path: str, body: Mapping[str, Any], *, has_key: bool = False) -> Answer:
        """A change that may be repeated: by its nature, or with `has_key` because equal ones carry an equal
        `Idempotency-Key`."""
        raw = json.dumps(body, separators=(",", ":"), sort_keys=True).encode()
        headers = {"Content-Type": "application/json"}
        if has_key:
            headers["Idempotency-Key"] = hashlib.sha256(raw).hexdigest()
        return self.http.call("POST", path, data=raw, headers=headers, auth=self._signer, is_safe=True)

    def taken(self, answer: Answer) -> dict[str, Any]:
        """The body of an answer that succeeded. Raises `ActionRequired` when a rule of the shop's is against
        it (422), `Fault` for any other refusal."""
        body = answer.json()
        if not isinstance(body, dict):
            raise Fault(
                sentence("The shop at {shop} answers oddly.", shop=self.http.where), is_retryable=True
            )
        if answer.status < 400:
            return body
        why = sentence(
            "The shop at {shop} does not take a call (HTTP {status}{said}).",
            shop=self.http.where,
            status=answer.status,
            said=said(body),
        )
        if answer.status == 422:
            raise ActionRequired(why)
        raise Fault(why, is_retryable=False)


def is_missing(answer: Answer) -> bool:
    """Whether the platform itself says that there is no such thing, not a proxy before it."""
    return answer.status == 404 and isinstance(answer.json(), dict)


def said(problem: Mapping[str, Any]) -> str:
    """What a problem says, to follow in a sentence of ours."""
    text = one_line(str(problem.get("detail") or problem.get("title") or "")).strip().rstrip(".")
    return f": {text[:LONGEST_WHY]}" if text else ""
