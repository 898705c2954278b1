"""Calls to Shopify's Admin API: who we are, within its points, and its errors in our words."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from shops.http import Answer, Http
from shops.settings import ShopSettings
from shops.shopify.budget import Budget
from shops.shopify.queries import Query
from shops.shopify.tokens import tokens_of

NEWEST = "2026-10"
OLDEST = "2026-04"  # the first that can mark a discount with tags
VERSION = re.compile(r"\d{4}-\d{2}|unstable")
HEADER = "X-Shopify-Access-Token"
MOST_PAUSES = 6
SCOPES = ("read_products", "read_orders", "write_discounts")
WAYS_OUT = {
    402: "the shop's plan is not paid: its owner must see to it.",
    404: "is BATELEUR_SHOP__URL the shop's myshopify.com address, and BATELEUR_SHOP__VERSION one that lives?",
    423: "the shop is locked: its owner must see to it.",
}


class _TokenRefused(Exception):
    """HTTP 401."""


class Admin:
    """One shop's Admin API, from any thread."""

    def __init__(self, settings: ShopSettings) -> None:
        version = settings.version or NEWEST
        if not VERSION.fullmatch(version) or version < OLDEST:
            raise ActionRequired(
                sentence(
                    "BATELEUR_SHOP__VERSION is to be {oldest} or later, such as {newest}.",
                    oldest=OLDEST,
                    newest=NEWEST,
                )
            )
        self._tokens = tokens_of(settings)
        self._http = Http(settings.url, settings.answer_s, judge=_judge)
        self._path = f"/admin/api/{version}/graphql.json"
        self._budget = Budget()

    @property
    def where(self) -> str:
        """The shop's place on the net."""
        return self._http.where

    @property
    def ahead(self) -> timedelta | None:
        """How far the shop's clock was before ours at its last answer, None when it does not tell."""
        return self._http.ahead

    def ask(self, query: Query, **variables: Any) -> dict[str, Any]:
        """The `data` of a query, or of a change that may be repeated without harm."""
        return self._within_points(query, variables, is_safe=True)

    def change(self, query: Query, **variables: Any) -> dict[str, Any]:
        """The `data` of a change that is done once. A `Fault` leaves open whether it was."""
        return self._within_points(query, variables, is_safe=False)

    def close(self) -> None:
        """Let go of this thread's connections."""
        self._http.close()

    def _within_points(self, query: Query, variables: Mapping[str, Any], *, is_safe: bool) -> dict[str, Any]:
        """What Shopify throttled it has not done, so that it may be sent again, whatever it was."""
        for _ in range(MOST_PAUSES):
            with self._budget.spending(query):
                found = _found(self._post(query, variables, is_safe=is_safe))
                self._note(query, found)
            if "THROTTLED" not in _codes(found):
                return self._data(found)
        raise Fault(
            sentence(
                "The shop at {shop} lets us spend no points: other programs use them up.", shop=self.where
            ),
            is_retryable=True,
            retry_after=max(5.0, self._budget.pause_s(query)),
        )

    def _note(self, query: Query, found: Mapping[str, Any]) -> None:
        extensions = found.get("extensions")
        cost = extensions.get("cost") if isinstance(extensions, dict) else None
        if isinstance(cost, dict):
            self._budget.told(query, cost)
        elif "THROTTLED" in _codes(found):
            self._budget.empty()

    def _post(self, query: Query, variables: Mapping[str, Any], *, is_safe: bool) -> Answer:
        token = self._tokens.current()
        try:
            answer = self._post_as(token, query, variables, is_safe=is_safe)
        except _TokenRefused:
            token = self._tokens.renewed(instead_of=token)
            try:
                answer = self._post_as(token, query, variables, is_safe=is_safe)
            except _TokenRefused:
                why = (
                    "Shopify refuses a token that it has just given: is the app still installed in the shop?"
                )
                raise ActionRequired(why) from None
        if answer.status in WAYS_OUT:
            raise ActionRequired(
                sentence(
                    "There is no Admin API at {shop} (HTTP {status}): {mend}",
                    shop=self.where,
                    status=answer.status,
                    mend=sentence(WAYS_OUT[answer.status]),
                )
            )
        if answer.status >= 400:
            why = sentence(
                "The shop at {shop} does not take a call (HTTP {status}).",
                shop=self.where,
                status=answer.status,
            )
            raise Fault(why, is_retryable=False)
        return answer

    def _post_as(self, token: str, query: Query, variables: Mapping[str, Any], *, is_safe: bool) -> Answer:
        body = {"query": query.text, "variables": variables}
        return self._http.call("POST", self._path, is_safe=is_safe, headers={HEADER: token}, json=body)

    def _data(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """The data of an answer; its first error in our words."""
        errors, data = _errors(found), found.get("data")
        if not errors and isinstance(data, dict):
            return data
        if not errors:
            why = sentence(
                "The shop at {shop} answers with something that is no GraphQL answer.", shop=self.where
            )
            raise Fault(why, is_retryable=True)
        codes = _codes(found)
        if "ACCESS_DENIED" in codes:
            what = ".".join(str(step) for step in errors[0].get("path") or ()) or "this"
            raise ActionRequired(
                sentence(
                    "Shopify does not let our app do «{what}»: give it {scopes}; install it again.",
                    what=what,
                    scopes=", ".join(SCOPES),
                )
            )
        if "MAX_COST_EXCEEDED" in codes:
            why = sentence(
                "The shop at {shop} finds a call too dear: tell Bateleur's makers.", shop=self.where
            )
            raise Fault(why, is_retryable=False)
        word = next(iter(sorted(codes)), "")
        why = sentence(
            "The shop at {shop} refuses a call ({word}).",
            shop=self.where,
            word=word or sentence("without saying why"),
        )
        raise Fault(why, is_retryable=word in ("INTERNAL_SERVER_ERROR", "TIMEOUT"))


def _judge(answer: Answer) -> None:
    if answer.status == 401:
        raise _TokenRefused


def _found(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    return found if isinstance(found, dict) else {}


def _errors(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = found.get("errors")
    if isinstance(errors, str):
        return [{"message": errors}]
    return [one for one in errors if isinstance(one, dict)] if isinstance(errors, list) else []


def _codes(found: Mapping[str, Any]) -> set[str]:
    """The errors' codes; «Throttled» may come without one, as it did in earlier versions."""
    told = {str((error.get("extensions") or {}).get("code") or "") for error in _errors(found)}
    if any(error.get("message") == "Throttled" for error in _errors(found)):
        told.add("THROTTLED")
    return told - {""}
