"""As much of Shopify's search language as is asked here: terms joined by OR, or all of several."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

TERM = re.compile(r"""(?:(\w+):)?(>=|<=|>|<)?("(?:[^"\\]|\\.)*"|'[^']*'|[^\s'"]+)""")
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Term:
    """`name` is empty for a word without one."""

    name: str
    sign: str
    value: str

    def fits_time(self, moment: datetime) -> bool:
        """Whether a time, which Shopify knows to the second, keeps to the term."""
        told, bound = moment.replace(microsecond=0), datetime.fromisoformat(self.value)
        return {">=": told >= bound, "<=": told <= bound, ">": told > bound, "<": told < bound}.get(
            self.sign, told == bound
        )


def found(
    things: Iterable[Thing],
    query: str | None,
    fits: Mapping[str, Callable[[Thing, Term], bool]],
    violations: Counter[str],
) -> list[Thing]:
    """Those that `query` finds. A term of another name is counted, and finds everything."""
    any_of = [_terms(part) for part in re.split(r"\s+OR\s+", query or "")]
    unknown = {term.name for terms in any_of for term in terms if term.name not in fits}
    if unknown:
        violations["search"] += 1
    return [
        thing
        for thing in things
        if any(
            all(term.name in unknown or fits[term.name](thing, term) for term in terms) for terms in any_of
        )
    ]


def _terms(text: str) -> list[Term]:
    return [Term(name or "", sign or "", _bare(value)) for name, sign, value in TERM.findall(text)]


def _bare(value: str) -> str:
    if value[:1] in "'\"":
        return re.sub(r"\\(.)", r"\1", value[1:-1])
    return value


def page(rows: list[Any], first: int | None, after: str | None) -> dict[str, Any]:
    """A part of a list that does not change meanwhile."""
    start = int(after or 0)
    shown = rows[start : start + (first or 0)]
    end = start + len(shown)
    return {"nodes": shown, "pageInfo": {"hasNextPage": end < len(rows), "endCursor": str(end)}}
