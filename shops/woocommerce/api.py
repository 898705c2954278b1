"""Calls to REST v3, and what the shop says of itself."""

from collections.abc import Iterator, Mapping
from datetime import timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from shops.http import Answer, Http
from shops.settings import ShopSettings
from shops.woocommerce.signing import signer

BASE = "/wp-json/wc/v3"
LONGEST_PAGE = 100


class Api:
    """One shop's REST interface."""

    def __init__(self, settings: ShopSettings) -> None:
        if settings.key is None or settings.secret is None:
            why = "The shop's keys are missing: set BATELEUR_SHOP__KEY (ck_…) and BATELEUR_SHOP__SECRET."
            raise ActionRequired(why)
        self.http = Http(settings.url, settings.answer_s)
        key, secret = settings.key.get_secret_value(), settings.secret.get_secret_value()
        self._auth = signer(self.http.root, key, secret)
        self._fallback = ZoneInfo(settings.timezone)
        self._zone: tzinfo | None = None
        self._currency: str | None = None

    def get(self, path: str, **query: object) -> Answer:
        """A read, whatever its status below 500."""
        params = {name: str(value) for name, value in query.items()}
        return self.http.call("GET", BASE + path, params=params, auth=self._auth)

    def read(self, path: str, **query: object) -> Any:
        """What a read gave. Raises `Fault` when it failed, with the shop's word for it."""
        return self.taken(self.get(path, **query))

    def write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        is_safe: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A change. `is_safe`: it may be repeated without harm."""
        return self.http.call(
            method, BASE + path, json=body, auth=self._auth, is_safe=is_safe, headers=headers
        )

    def taken(self, answer: Answer) -> Any:
        """The body of an answer that succeeded; raises `Fault` for any other."""
        body = answer.json()
        if answer.status < 400:
            return body
        word = body.get("code", "") if isinstance(body, dict) else ""
        why = sentence(
            "The shop at {shop} does not take a call (HTTP {status} {word}).",
            shop=self.http.where,
            status=answer.status,
            word=word,
        )
        raise Fault(why, is_retryable=False)

    def pages(self, path: str, **query: object) -> Iterator[list[dict[str, Any]]]:
        """All of a list that does not change meanwhile, page by page."""
        number = 1
        while True:
            found = self.rows(self.read(path, **query, per_page=LONGEST_PAGE, page=number))
            yield found
            if len(found) < LONGEST_PAGE:
                return
            number += 1

    def rows(self, body: Any) -> list[dict[str, Any]]:
        """A list of objects; raises `Fault` for anything else."""
        if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
            raise Fault(
                sentence("The shop at {shop} answers oddly.", shop=self.http.where), is_retryable=True
            )
        return body

    def currency(self) -> str:
        """The shop's currency, asked once."""
        if self._currency is None:
            self._currency = str(self.read("/settings/general/woocommerce_currency")["value"])
        return self._currency

    def zone(self) -> tzinfo:
        """The site's time zone, asked once; the one of our settings when the site does not tell."""
        if self._zone is None:
            self._zone = self._told_zone() or self._fallback
        return self._zone

    def _told_zone(self) -> tzinfo | None:
        try:
            site = self.http.call("GET", "/wp-json/", params={"_fields": "timezone_string,gmt_offset"}).json()
            name, hours = site.get("timezone_string"), site.get("gmt_offset")
            return ZoneInfo(name) if name else timezone(timedelta(hours=float(hours)))
        except (Fault, ActionRequired, AttributeError, TypeError, ValueError, KeyError):
            return None
