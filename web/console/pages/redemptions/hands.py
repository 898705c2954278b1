"""What a hand on the page does to what is asked of the log."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from web.console.pages.redemptions.asked import Asked, asked_in

ANY = "*"
# What is pressed tells what it is for by its data; the nearest one is meant.
PRESSED = """(event) => {
  const at = event.target.closest('[data-days],[data-pick],[data-share],[data-rest],[data-sort],[data-row],'
    + '[data-go],[data-without],[data-clear]');
  if (at && !at.disabled) emit({...at.dataset});
}"""
CHANGED = """(event) => {
  const at = event.target;
  if (at.dataset.filter) emit({filter: at.dataset.filter, value: at.value});
  if (at.dataset.date) emit({date: at.dataset.date, value: at.value});
}"""


def pressed(asked: Asked, data: Mapping[str, Any]) -> Asked:
    """What is asked once a button has been pressed. One that is on already is taken back."""
    if "clear" in data:
        return asked.cleared()
    if "without" in data:
        return asked.without(str(data["without"]))
    if "share" in data:
        return asked.having("share", str(data["share"]))
    if "days" in data:
        first, _, last = str(data["days"]).partition("/")
        found = asked_in({"first": first, "last": last})
        return replace(asked, first=found.first, last=found.last)
    if "sort" in data:
        is_same = asked.sort.value == data["sort"]
        return replace(asked.having("sort", str(data["sort"])), up=is_same and not asked.up)
    name = str(data["pick"])
    picked = asked.having(name, str(data["value"]))
    return asked.without(name) if picked == asked else picked


def changed(asked: Asked, data: Mapping[str, str]) -> Asked:
    """What is asked once a field has been changed."""
    if "date" in data:
        return _dated(asked, data["date"], data["value"])
    if data["value"] == ANY:
        return asked.without(data["filter"])
    return asked.having(data["filter"], data["value"])


def _dated(asked: Asked, name: str, value: str) -> Asked:
    """`asked` from or to another day; the other end follows so that there is a day between."""
    day: date | None = getattr(asked_in({name: value}), name)
    if name == "first":
        return replace(asked, first=day, last=max(asked.last, day) if asked.last and day else asked.last)
    return replace(asked, last=day, first=min(asked.first, day) if asked.first and day else asked.first)
