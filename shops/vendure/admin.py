"""Calls to Vendure's Admin API: who we are, and its errors in our words."""

import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from domain.shop import Traffic
from shops.http import Answer, Http
from shops.settings import ShopSettings
from shops.vendure.queries import LOGIN

PATH = "/admin-api"
TOKEN_HEADER = "vendure-auth-token"  # noqa: S105 - a header's name
FORBIDDEN = frozenset({"FORBIDDEN", "UNAUTHORIZED"})
PASSING = frozenset({"INTERNAL_SERVER_ERROR", "ENTITY_NOT_FOUND"})


class Admin:
    """The Admin API as one member of the shop's staff, from any thread.

    With a key and a secret it logs in by them, and again when the session has ended; a secret alone is an
    API key (Vendure 3.6 on, `authOptions.tokenMethod` with `api-key`).
    """

    def __init__(self, settings: ShopSettings) -> None:
        self._http = Http(settings.url.rstrip("/").removesuffix(PATH), settings.answer_s)
        self._name = settings.key.get_secret_value() if settings.key else ""
        self._secret = settings.secret.get_secret_value() if settings.secret else ""
        self.is_person = bool(self._name)
        self._token = ""
        self._lock = threading.Lock()

    @property
    def traffic(self) -> Traffic:
        """The calls made so far."""
        return self._http.traffic

    @property
    def ahead(self) -> timedelta | None:
        """How far the shop's clock was before ours at its last answer."""
        return self._http.ahead

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The `data` of a query, or of a mutation that may be repeated without harm."""
        return self._as_staff(query, variables, is_safe=True)

    def change(self, query: str, **variables: Any) -> dict[str, Any]:
        """The `data` of a mutation that is done once. A `Fault` leaves open whether it was."""
        return self._as_staff(query, variables, is_safe=False)

    def close(self) -> None:
        """Let go of this thread's connections."""
        self._http.close()

    def _as_staff(self, query: str, variables: Mapping[str, Any], *, is_safe: bool) -> dict[str, Any]:
        used = self._token
        found = self._call(query, variables, self._credentials(), is_safe=is_safe)
        if _codes(found) & FORBIDDEN and self.is_person:
            self._log_in(instead_of=used)
            found = self._call(query, variables, self._credentials(), is_safe=is_safe)
        return _data(found)

    def _credentials(self) -> dict[str, str]:
        if not self._secret:
            raise ActionRequired(
                "Vendure needs BATELEUR_SHOP__KEY (user) and BATELEUR_SHOP__SECRET (password)."
            )
        if not self.is_person:
            return {"vendure-api-key": self._secret}
        if not self._token:
            self._log_in(instead_of="")
        return {"Authorization": f"Bearer {self._token}"}

    def _log_in(self, *, instead_of: str) -> None:
        """A new session, unless another thread has opened one in place of `instead_of`."""
        with self._lock:
            if self._token != instead_of:
                return
            who = {"username": self._name, "password": self._secret}
            answer = self._post({"query": LOGIN, "variables": who}, {}, is_safe=True)
            entered = _data(_found(answer))["login"]
            if "errorCode" in entered:
                mend = sentence("check BATELEUR_SHOP__KEY (user) and BATELEUR_SHOP__SECRET (password)")
                raise ActionRequired(
                    sentence(
                        "Vendure refuses the login ({word}): {mend}.", word=entered["errorCode"], mend=mend
                    )
                )
            self._token = answer.headers.get(TOKEN_HEADER, "")
        if not self._token:
            raise ActionRequired("Vendure gives no token: add 'bearer' to its authOptions.tokenMethod.")

    def _call(
        self, query: str, variables: Mapping[str, Any], headers: Mapping[str, str], *, is_safe: bool
    ) -> dict[str, Any]:
        return _found(self._post({"query": query, "variables": variables}, headers, is_safe=is_safe))

    def _post(self, body: Mapping[str, Any], headers: Mapping[str, str], *, is_safe: bool) -> Answer:
        answer = self._http.call("POST", PATH, is_safe=is_safe, headers=headers, json=body)
        if answer.status in (404, 405):
            where = urlsplit(self._http.root).netloc
            raise ActionRequired(
                sentence(
                    "There is no Vendure Admin API at {where}{path}: set BATELEUR_SHOP__URL to what "
                    "comes before that path.",
                    where=where,
                    path=PATH,
                )
            )
        return answer


def _found(answer: Answer) -> dict[str, Any]:
    found = answer.json()
    if not isinstance(found, dict):
        raise Fault("Vendure answers with something that is no GraphQL answer.", is_retryable=True)
    return found


def _codes(found: Mapping[str, Any]) -> set[str]:
    return {str(error.get("extensions", {}).get("code")) for error in _errors(found)}


def _errors(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    errors = found.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _data(found: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an answer; its first error in our words."""
    errors, data = _errors(found), found.get("data")
    if not errors and isinstance(data, dict):
        return data
    if not errors:
        raise Fault("Vendure answers with something that is no GraphQL answer.", is_retryable=True)
    codes = _codes(found)
    said = str(errors[0].get("message"))[:200]
    if codes & FORBIDDEN:
        where = ".".join(str(step) for step in errors[0].get("path") or ()) or "this"
        raise ActionRequired(
            sentence(
                "Vendure does not let this user do «{where}»: give its role the rights to read "
                "products and orders, and to create, read, update and delete promotions.",
                where=where,
            )
        )
    raise Fault(sentence("Vendure refuses: {said}", said=said), is_retryable=bool(codes & PASSING))
