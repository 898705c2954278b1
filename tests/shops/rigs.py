"""Which kinds of shop the contract suite runs over, and what each can do beyond the common part.

To add a kind: a line here, and `tests/shops/rigs_<kind>.py` with `open_rig(request) -> Opened`.
"""

from importlib import import_module

import pytest

from tests.shops.rig import Opened

RIGS: dict[str, frozenset[str]] = {
    "woocommerce": frozenset(
        {"refund", "edit", "pass_time", "delete", "foreign", "fault", "stranger", "rotated", "webhooks"}
    ),
    "shopify": frozenset(
        {"refund", "edit", "pass_time", "delete", "foreign", "fault", "stranger", "rotated", "webhooks"}
    ),
    "vendure": frozenset({"refund", "foreign", "stranger", "rotated", "webhooks"}),
    "prestashop": frozenset({"refund", "edit", "pass_time", "delete", "foreign", "fault", "stranger"}),
    "feed": frozenset(
        {"refund", "edit", "pass_time", "delete", "foreign", "fault", "stranger", "rotated", "webhooks"}
    ),
}


def open_rig(kind: str, request: pytest.FixtureRequest) -> Opened:
    """A shop of that kind; its module is imported when it is first asked for."""
    opened: Opened = import_module(f"tests.shops.rigs_{kind}").open_rig(request)
    return opened


def able(*needs: str) -> pytest.MarkDecorator:
    """Run the test over each kind of shop that can do all of `needs`; it gets the `rig`."""
    kinds = [kind for kind, can in RIGS.items() if can.issuperset(needs)]
    return pytest.mark.parametrize("rig", kinds, indirect=True)
