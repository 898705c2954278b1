"""Calls to the webservice, and what the shop says of itself.

Answers are asked for as XML, which every version gives: its JSON tells only the last of several entities.
"""

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from domain.errors import ActionRequired, Fault
from domain.sentences import sentence
from shops.http import Answer, Http
from shops.prestashop import wire
from shops.settings import ShopSettings

AT_ONCE = 50  # ids in an address, some 500 characters
LONGEST_PAGE = 100
KEY_ENDS = sentence("check BATELEUR_SHOP__KEY, and the key in the shop under Advanced Parameters, Webservice")
T = TypeVar("T")


class Api:
    """One shop's webservice, from any thread."""

    def __init__(self, settings: ShopSettings) -> None:
        given = settings.key or settings.secret
        if given is None:
            why = "PrestaShop's webservice key is missing: set BATELEUR_SHOP__KEY to its 32 characters."
            raise ActionRequired(why)
        self.root = settings.url.rstrip("/").removesuffix("/api")
        basic = base64.b64encode(f"{given.get_secret_value()}:".encode()).decode()
        headers = {"Accept": "application/xml", "Authorization": f"Basic {basic}"}
        self.http = Http(f"{self.root}/api", settings.answer_s, headers, judge=self._judge)
        self.zone = ZoneInfo(settings.timezone)
        self.currency = settings.currency
        self._currencies: dict[str, str] = {}

    def elements(self, resource: str, query: Mapping[str, str]) -> list[Element]:
        """The entities that match, whole or as `display` says. Raises `Fault` for an answer that is none."""
        asked = {"display": "full", **query, "output_format": "XML"}
        answer = self.http.call("GET", f"/{resource}", params=asked)
        if answer.status == 405:
            raise ActionRequired(
                sentence(
                    "PrestaShop's key may not read {resource}: {mend}.", resource=resource, mend=KEY_ENDS
                )
            )
        if answer.status >= 400:
            raise Fault(self._not_taken(answer), is_retryable=False)
        try:
            return wire.elements(answer.body)
        except wire.Unreadable:
            raise self.unreadable() from None

    def rows(self, resource: str, query: Mapping[str, str]) -> list[dict[str, str]]:
        """The fields of the entities that match."""
        return [wire.row(element) for element in self.elements(resource, query)]

    def rows_of(
        self, resource: str, field: str, ids: Sequence[str], query: Mapping[str, str]
    ) -> list[dict[str, str]]:
        """Those whose `field` is one of `ids`, asked for some at a time."""
        found: list[dict[str, str]] = []
        for some in some_of(list(dict.fromkeys(ids)), AT_ONCE):
            found += self.rows(resource, {**query, f"filter[{field}]": f"[{'|'.join(some)}]"})
        return found

    def write(self, method: str, resource: str, body: bytes) -> Answer:
        """A change, whatever its answer below 500. Only a PATCH is tried again
        by itself: a PUT may give back what was used since it was read."""
        answer = self.http.call(
            method,
            f"/{resource}",
            params={"output_format": "XML"},
            data=body,
            headers={"Content-Type": "application/xml; charset=utf-8"},
            is_safe=method == "PATCH",
        )
        if answer.status == 405 and method != "PATCH":
            raise ActionRequired(
                sentence(
                    "PrestaShop's key may not {method} {resource}: {mend}.",
                    method=method,
                    resource=resource,
                    mend=KEY_ENDS,
                )
            )
        return answer

    def rights(self) -> dict[str, set[str]]:
        """What the key may do, by resource."""
        answer = self.http.call("GET", "/")
        try:
            return wire.rights(answer.body)
        except wire.Unreadable:
            raise self.unreadable() from None

    def currencies(self) -> dict[str, str]:
        """The shop's currencies, ISO codes by id; asked for once."""
        if not self._currencies:
            rows = self.rows("currencies", {"display": "[id,iso_code]"})
            self._currencies = {row["id"]: row["iso_code"] for row in rows}
        return self._currencies

    def currency_id(self, iso: str) -> str:
        """The id of a currency; raises `ActionRequired` when the shop has it not."""
        ids = [id for id, code in self.currencies().items() if code == iso]
        if not ids:
            raise ActionRequired(
                sentence(
                    "The shop does not sell in {iso}: it has {currencies}.",
                    iso=iso,
                    currencies=", ".join(self.currencies().values()),
                )
            )
        return ids[0]

    def languages(self) -> list[str]:
        """The ids of the shop's languages; names must be given in each."""
        return [row["id"] for row in self.rows("languages", {"display": "[id]", "filter[active]": "[1]"})]

    def unreadable(self) -> Fault:
        """An answer that is not the webservice's, such as a page of a proxy."""
        why = sentence(
            "The shop at {shop} answers with a web page or oddly: is BATELEUR_SHOP__URL right?",
            shop=self.http.where,
        )
        return Fault(why, is_retryable=True)

    def taken(self, answer: Answer) -> None:
        """Raises `Fault` for a change that was refused, but not for one of something that is gone."""
        if answer.status >= 400 and answer.status != 404:
            raise Fault(self._not_taken(answer), is_retryable=False)

    def word(self, answer: Answer) -> str:
        """The shop's number of an error; its message may hold what we sent."""
        codes = [code for code, _ in wire.errors(answer.body)]
        return sentence("error {code}", code=codes[0]) if codes else f"HTTP {answer.status}"

    def _not_taken(self, answer: Answer) -> str:
        return sentence(
            "The shop at {shop} does not take a call (HTTP {status}, {word}).",
            shop=self.http.where,
            status=answer.status,
            word=self.word(answer),
        )

    def _judge(self, answer: Answer) -> None:
        """What the webservice says in its own way: that it is off, or that the key does not do."""
        if answer.status not in (401, 503):
            return
        for code, message in wire.errors(answer.body):
            if code == "22":
                raise ActionRequired(
                    sentence(
                        "The webservice of the shop at {shop} is off: enable it in the shop under Advanced "
                        "Parameters, Webservice.",
                        shop=self.http.where,
                    )
                )
            named = re.search(r'type "(\w+)"', message)
            if code == "26" and named:
                raise ActionRequired(
                    sentence(
                        "PrestaShop's key has no right to {right}: {mend}.", right=named[1], mend=KEY_ENDS
                    )
                )
        if answer.status == 401:
            raise ActionRequired(
                sentence(
                    "The shop at {shop} does not know the key: {mend}.", shop=self.http.where, mend=KEY_ENDS
                )
            )


def some_of(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """`size` at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))
