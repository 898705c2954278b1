"""docs/privacy.md speaks of every column there is, and what leads to a viewer is taken out of all of them."""

import re
from pathlib import Path

from store.tables import Row

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")
LINE = re.compile(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
TAKEN_OUT = {"asks", "grants", "link_bindings"}
"""Tables from which `store.forgetting` and `store.viewers` take viewers out: a new one belongs there."""


def test_every_column_of_every_table_is_spoken_of_and_no_other() -> None:
    told = {table: set(re.findall(r"`(\w+)`", columns)) for table, _, columns in LINE.findall(PAGE)}
    assert {table.name: {c.name for c in table.columns} for table in Row.metadata.sorted_tables} == told


def test_no_table_is_listed_without_what_it_is_for() -> None:
    assert [] == [table for table, what, _ in LINE.findall(PAGE) if len(what.split()) < 2]


def test_a_table_that_holds_viewers_is_one_from_which_they_are_taken_out() -> None:
    holds = {table.name for table in Row.metadata.sorted_tables if "viewer_id" in table.columns}
    assert TAKEN_OUT == holds
