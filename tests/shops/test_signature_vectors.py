"""Signatures that are known to be right, over one body, each believed by what reads that shop's webhooks."""

from collections.abc import Callable

import pytest

from shops.feed.standard_webhooks import read_secret, signature
from shops.shopify import webhook as shopify
from shops.woocommerce import webhook as woocommerce

BODY = b'{"id":1001,"total":"37.00"}'
OTHERS = (BODY + b"\n", b'{"id": 1001, "total": "37.00"}', b'{"total":"37.00","id":1001}', b"")
Genuine = Callable[[bytes, str, list[bytes]], bool]


@pytest.mark.parametrize(
    ("is_genuine", "secret", "known"),
    [
        (shopify.is_genuine, b"shpss_test_secret", "zJd1eVyOttxMkehnC8t0HXsj0GTcb+hMOMMqHvSenwE="),
        (woocommerce.is_genuine, b"wc_test_secret", "EIKwLV+UBHm1FfeAf4Y86I/EF48dl8UuLMXzlFaQ9BI="),
    ],
)
def test_the_known_signature_is_believed_over_the_body_as_it_came(
    is_genuine: Genuine, secret: bytes, known: str
) -> None:
    assert is_genuine(BODY, known, [secret])
    assert is_genuine(BODY, known, [b"new", secret]), "while the secret is being changed"
    assert not is_genuine(BODY, known, [b"other"])
    assert not any(is_genuine(other, known, [secret]) for other in OTHERS)


def test_standard_webhooks_sign_the_id_and_the_time_too() -> None:
    key = read_secret("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=", "SETTING")
    known = "v1,EhHrCMz1U91o7wZf2rGdTNing78YiTsHNo8NkoMhlvU="
    assert known == signature(key, "msg_01LIVE", 1763913600, BODY)
    assert known != signature(key, "msg_02LIVE", 1763913600, BODY)
    assert known != signature(key, "msg_01LIVE", 1763913601, BODY)
