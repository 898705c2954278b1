"""What `docs/retailer-api.md` shows is what the adapter speaks."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.shop import OrderState, ShopOffer
from domain.show import Discount
from shops.feed import wire
from shops.feed.code_endpoint import promotion
from shops.feed.code_folder import COLUMNS
from shops.feed.redemption_file import read_redemptions
from shops.feed.standard_webhooks import read_secret, signature
from tests.shops.rig import pseudonym

DOCS = (Path(__file__).parents[2] / "docs" / "retailer-api.md").read_text("utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCS, re.MULTILINE | re.DOTALL)


def example(field: str) -> dict[str, Any]:
    """The JSON example that has that field."""
    return next(told for block in blocks("json") if field in (told := json.loads(block)))


def test_the_webhook_can_be_read() -> None:
    event = example("type")
    order = wire.redemption(event["data"], pseudonym, event["type"])
    assert (1000, OrderState.PLACED) == (order.refunded.amount, order.state)
    assert set(wire.EVENTS) == set(re.findall(r"`(redemption\.[a-z]+)`", DOCS))


def test_the_promotion_is_what_we_send() -> None:
    until = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)
    offer = ShopOffer("bateleur-7-12", "The evening", Discount(percent=20), ("QC-ULTRA",), 1, None, until)
    assert example("uses_per_code") == promotion(offer)


def test_the_signature_is_right() -> None:
    [secret] = re.findall(r"`(whsec_[A-Za-z0-9+/=]+)`", DOCS)
    signed = signature(
        read_secret(secret, "SETTING"), "msg_01LIVE", 1763913600, b'{"id":1001,"total":"37.00"}'
    )
    assert f"webhook-signature: {signed}\n" in DOCS


def test_the_files_are_right(tmp_path: Path) -> None:
    path = tmp_path / "redemptions.csv"
    path.write_text(blocks("csv")[0])
    [order], rejected = read_redemptions(path)
    assert (2, 1000, []) == (order.version, order.refunded.amount, rejected)
    assert ";".join(COLUMNS) + "\n" in DOCS
