"""What gRPC carries, made into the same JSON that the list call answers. Pure.

Only the fields that are read, under our own names for the kinds: numbers alone travel.
Source: YouTube Live Streaming API «Streaming live chat», stream_list.proto (read 2026-11).
"""

from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError

from connectors.youtube.outcome import StreamFailed
from connectors.youtube.wire import PART, Page

METHOD = "/youtube.api.v3.V3DataLiveChatMessageService/StreamList"
KINDS = {1: "textMessageEvent", 4: "chatEndedEvent", 15: "superChatEvent"}
TEXT, YES_NO, KIND = "text", "yes or no", "kind"
MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "Request": {"live_chat_id": (1, TEXT), "page_token": (99, TEXT), "part": (100, "*text")},
    "Page": {"offline_at": (2, TEXT), "items": (1007, "*Item"), "next_page_token": (100602, TEXT)},
    "Item": {"snippet": (2, "Snippet"), "author_details": (3, "Author"), "id": (101, TEXT)},
    "Snippet": {
        "type": (1, KIND),
        "published_at": (4, TEXT),
        "text_message_details": (19, "Written"),
        "super_chat_details": (27, "SuperChat"),
        "author_channel_id": (301, TEXT),
    },
    "Written": {"message_text": (1, TEXT)},
    "SuperChat": {"user_comment": (4, TEXT)},
    "Author": {
        "is_chat_owner": (5, YES_NO),
        "is_chat_sponsor": (6, YES_NO),
        "is_chat_moderator": (7, YES_NO),
        "display_name": (103, TEXT),
        "channel_id": (10101, TEXT),
    },
}
"""Each field's number and type; `*`: repeated."""


def write_request(chat_id: str, token: str | None) -> bytes:
    """The frame that asks for what follows `token`."""
    request = _CLASSES["Request"](live_chat_id=chat_id, part=PART.split(","))
    if token is not None:
        request.page_token = token
    frame: bytes = request.SerializeToString()
    return frame


def read_page(frame: bytes) -> Page:
    """The page in a frame; raises `StreamFailed` when it is none."""
    try:
        page: dict[str, Any] = MessageToDict(_CLASSES["Page"].FromString(frame))
    except (DecodeError, UnicodeDecodeError):
        raise StreamFailed("a frame that cannot be read") from None
    return page


def _classes() -> dict[str, Any]:
    file = descriptor_pb2.FileDescriptorProto(name="stream_list", package="chat", syntax="proto2")
    kinds = file.enum_type.add(name="Kind")
    for number, name in KINDS.items():
        kinds.value.add(name=name, number=number)
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            message.field.add(name=field, number=number, **_typed(kind))
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"chat.{name}")) for name in MESSAGES
    }


def _typed(kind: str) -> dict[str, Any]:
    field = descriptor_pb2.FieldDescriptorProto
    label = field.LABEL_REPEATED if kind.startswith("*") else field.LABEL_OPTIONAL
    plain = {TEXT: field.TYPE_STRING, YES_NO: field.TYPE_BOOL}
    name = kind.removeprefix("*")
    if name in plain:
        return {"label": label, "type": plain[name]}
    if name == KIND:
        return {"label": label, "type": field.TYPE_ENUM, "type_name": ".chat.Kind"}
    return {"label": label, "type": field.TYPE_MESSAGE, "type_name": f".chat.{name}"}


_CLASSES = _classes()
