"""Filters, sort, limit and display of a list.

Source: PrestaShop `WebserviceRequest::manageFilters`, `SQLUtils::getSQLRetrieveFilter` (read).
"""

import re
from collections.abc import Mapping, Sequence

from standins.prestashop.frames import Field, Row, Wrong

DATES = frozenset({"date_add", "date_upd"})
_FILTER = re.compile(r"^filter\[(\w+)\]$")
_WRAPPED = re.compile(r"^(.*)\[(.*)\](.*)$", re.DOTALL)
_RANGE = re.compile(r"^([\d.:\-\s]+),([\d.:\-\s]+)$")


def found(rows: Sequence[Row], query: Mapping[str, str]) -> list[Row]:
    """The rows that the query asks for, in its order, with all their fields. Raises `Wrong`."""
    chosen = list(rows)
    has_dates = query.get("date", "") not in ("", "0")
    for name, pattern in query.items():
        is_filter = _FILTER.match(name)
        if is_filter:
            field = is_filter.group(1)
            _available(field, rows, has_dates, 32)
            chosen = [row for row in chosen if _matches(row[field], pattern)]
    for field, is_down in reversed(_sorts(query.get("sort", ""))):
        _available(field, rows, has_dates, 38)
        chosen.sort(key=lambda row: _ordering(_text(row[field])), reverse=is_down)
    return _limited(chosen, query.get("limit", ""))


def shown(rows: Sequence[Row], display: str) -> list[Row]:
    """The fields that `display` names; without it the ids alone. Raises `Wrong`."""
    if display == "full":
        return list(rows)
    if not display:
        return [{"id": row["id"]} for row in rows]
    if not (display.startswith("[") and display.endswith("]")):
        raise Wrong(400, 36, "The 'display' syntax is wrong.")
    fields = display[1:-1].split(",")
    for row in rows:
        for field in fields:
            if field not in row:
                raise Wrong(400, 35, f'Unable to display this field "{field}".')
    return [{field: row[field] for field in fields} for row in rows]


def _available(field: str, rows: Sequence[Row], has_dates: bool, code: int) -> None:
    if (field in DATES and not has_dates) or (rows and field not in rows[0]):
        raise Wrong(400, code, f"This filter does not exist: {field}")


def _matches(value: Field, pattern: str) -> bool:
    texts = [value] if isinstance(value, str) else list(value.values())
    return any(_fits(text.casefold(), pattern.casefold()) for text in texts)


def _fits(text: str, pattern: str) -> bool:
    wrapped = _WRAPPED.match(pattern)
    if wrapped is None:
        return text == pattern
    before, inner, after = wrapped.groups()
    if "%" in (before, after):
        like = re.escape(inner)
        return re.fullmatch((".*" if before else "") + like + (".*" if after else ""), text) is not None
    if before in (">", "<"):
        return _ordering(text) > _ordering(inner) if before == ">" else _ordering(text) < _ordering(inner)
    if before == "!":
        return text not in inner.split("|")
    if "|" in inner:
        return text in inner.split("|")
    between = _RANGE.match(inner)
    if between:
        low, high = sorted(_ordering(end) for end in between.groups())
        return low <= _ordering(text) <= high
    return text == inner


def _sorts(sort: str) -> list[tuple[str, bool]]:
    named = [one for one in sort.strip("[]").split(",") if one]
    split = [one.rpartition("_") for one in named]
    if any(direction not in ("ASC", "DESC") for _, _, direction in split):
        raise Wrong(400, 37, 'The "sort" value has to be formed as this example: "field_ASC"')
    return [(field, direction == "DESC") for field, _, direction in split]


def _limited(rows: list[Row], limit: str) -> list[Row]:
    if not limit:
        return rows
    first, _, count = limit.partition(",")
    return rows[int(first) : int(first) + int(count)] if count else rows[: int(first)]


def _ordering(text: str) -> tuple[float, str]:
    try:
        return float(text), ""
    except ValueError:
        return 0.0, text


def _text(value: Field) -> str:
    return value if isinstance(value, str) else next(iter(value.values()), "")
