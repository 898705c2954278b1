"""What queries cost, and the bucket that it is taken from.

Source: Shopify «API limits»: an object 1, a list 2 and what it has room for, a change 10; set aside before
the query runs, and given back as far as it was not used (read 2026-11-26).
"""

import time
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    is_leaf_type,
)

MOST_POINTS = 1000
LONGEST_PAGE = 250
CHANGE = 10


class Bucket:
    """Holds `most` points, and gets `per_s` of them back each second."""

    def __init__(self, most: float, per_s: float) -> None:
        self.most = most
        self.per_s = per_s
        self._left = most
        self._at = time.monotonic()

    @property
    def left(self) -> float:
        """Points there now."""
        now = time.monotonic()
        self._left = min(self.most, self._left + (now - self._at) * self.per_s)
        self._at = now
        return self._left

    def take(self, points: float) -> bool:
        """Take some out; False when there are not enough, and none is taken."""
        if self.left < points:
            return False
        self._left -= points
        return True

    def give_back(self, points: float) -> None:
        """What was set aside and not used."""
        self._left = min(self.most, self.left + points)

    def status(self) -> dict[str, float]:
        """As answers tell it."""
        return {
            "maximumAvailable": self.most,
            "currentlyAvailable": int(self.left),
            "restoreRate": self.per_s,
        }


class Costs:
    """What the operations of a document cost at most."""

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any]) -> None:
        self._schema = schema
        self._variables = variables
        self.longest_page = 0

    def of(self, document: DocumentNode) -> int:
        """Points for its one operation."""
        [operation] = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        root = self._schema.get_root_type(operation.operation)
        return self._selected(operation.selection_set, root) if root else 0

    def _selected(self, selected: SelectionSetNode | None, of: GraphQLNamedType) -> int:
        total = 0
        for part in selected.selections if selected else ():
            if isinstance(part, InlineFragmentNode):
                kind = self._schema.type_map[part.type_condition.name.value] if part.type_condition else of
                total += self._selected(part.selection_set, kind)
            elif isinstance(part, FieldNode):
                total += self._field(part, of)
        return total

    def _field(self, field: FieldNode, of: GraphQLNamedType) -> int:
        known = getattr(of, "fields", {}).get(field.name.value)
        if known is None or is_leaf_type(kind := get_named_type(known.type)):
            return 0
        if of is self._schema.mutation_type:
            return CHANGE
        if kind.name.endswith("Connection"):
            return 2 + self._first(field) * self._selected(field.selection_set, kind)
        return 0 if kind.name == "PageInfo" else 1 + self._selected(field.selection_set, kind)

    def _first(self, field: FieldNode) -> int:
        given = next((one.value for one in field.arguments if one.name.value == "first"), None)
        first = 0
        if isinstance(given, IntValueNode):
            first = int(given.value)
        elif isinstance(given, VariableNode):
            first = int(self._variables.get(given.name.value) or 0)
        self.longest_page = max(self.longest_page, first)
        return first


def used(data: Any) -> int:
    """Points for what was really told."""
    if isinstance(data, list):
        return sum(used(one) for one in data)
    if not isinstance(data, dict):
        return 0
    own = 2 if "nodes" in data else 1
    return own + sum(used(value) for name, value in data.items() if name != "pageInfo")
