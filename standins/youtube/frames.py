"""Pages as gRPC carries them, written field by field.

Source: field numbers of YouTube's stream_list.proto, «Streaming live chat» (read 2026-11). No polling
interval is among them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Fields = dict[str, Any]
"""Number of a field by its name in JSON; with the fields of what is inside, where it is a message."""

KINDS = {"textMessageEvent": 1, "chatEndedEvent": 4, "superChatEvent": 15}
AUTHOR: Fields = {
    "isVerified": 4,
    "isChatOwner": 5,
    "isChatSponsor": 6,
    "isChatModerator": 7,
    "channelUrl": 102,
    "displayName": 103,
    "profileImageUrl": 104,
    "channelId": 10101,
}
SUPER_CHAT: Fields = {"currency": 2, "amountDisplayString": 3, "userComment": 4, "tier": 5}
SNIPPET: Fields = {
    "type": 1,
    "publishedAt": 4,
    "displayMessage": 16,
    "hasDisplayContent": 17,
    "textMessageDetails": (19, {"messageText": 1}),
    "superChatDetails": (27, SUPER_CHAT),
    "liveChatId": 201,
    "authorChannelId": 301,
}
ITEM: Fields = {"snippet": (2, SNIPPET), "authorDetails": (3, AUTHOR), "id": 101, "kind": 200, "etag": 201}
PAGE: Fields = {
    "offlineAt": 2,
    "kind": 200,
    "etag": 201,
    "pageInfo": (1004, {"totalResults": 1, "resultsPerPage": 2}),
    "items": (1007, ITEM),
    "nextPageToken": 100602,
}
LIVE_CHAT_ID, PAGE_TOKEN = 1, 99


def write_page(page: Mapping[str, Any]) -> bytes:
    """The frame of a page."""
    return _message(page, PAGE)


def read_request(frame: bytes) -> tuple[str, str | None]:
    """The chat and the page token that a request asks for."""
    found = dict(_strings(frame))
    return found.get(LIVE_CHAT_ID, ""), found.get(PAGE_TOKEN)


def _message(values: Mapping[str, Any], fields: Fields) -> bytes:
    frame = bytearray()
    for name, value in values.items():
        if name not in fields:
            continue
        place = fields[name]
        number, inside = place if isinstance(place, tuple) else (place, {})
        for one in value if isinstance(value, list) else [value]:
            frame += _field(number, KINDS[one] if name == "type" else one, inside)
    return bytes(frame)


def _field(number: int, value: Any, inside: Fields) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    content = _message(value, inside) if isinstance(value, Mapping) else str(value).encode()
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _strings(frame: bytes) -> Iterator[tuple[int, str]]:
    """The fields of a flat message, by number; plain numbers are passed over."""
    at = 0
    while at < len(frame):
        tag, at = _read_varint(frame, at)
        length, at = _read_varint(frame, at)
        if tag & 7 == 2:
            yield tag >> 3, frame[at : at + length].decode()
            at += length


def _read_varint(frame: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = frame[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
