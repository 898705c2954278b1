"""A chat message on EventSub has every field of Twitch's reference, Shared Chat and replies too."""

from standins.people import Chatter
from tests.standins.conftest import ANN, Client

ELSEWHERE = Chatter("300", "elsewhere", "Elsewhere")
SOURCE = {
    "source_broadcaster_user_id",
    "source_broadcaster_user_login",
    "source_broadcaster_user_name",
    "source_message_id",
    "source_badges",
    "is_source_only",
}
FIELDS = SOURCE | {
    "broadcaster_user_id",
    "broadcaster_user_login",
    "broadcaster_user_name",
    "chatter_user_id",
    "chatter_user_login",
    "chatter_user_name",
    "message_id",
    "message",
    "message_type",
    "color",
    "badges",
    "cheer",
    "reply",
    "channel_points_custom_reward_id",
    "channel_points_animation_id",
}


async def test_a_message_has_every_field_and_its_frame_names_the_subscription(client: Client) -> None:
    socket = await client.reading()
    moderator = Chatter("201", "mo", "Mo", ("moderator", "subscriber"))
    id = await client.twitch.chat("100", moderator, "!code")
    frame = await client.frame(socket)
    assert ("notification", "channel.chat.message", "1") == (
        frame["metadata"]["message_type"],
        frame["metadata"]["subscription_type"],
        frame["metadata"]["subscription_version"],
    )
    subscription, event = frame["payload"]["subscription"], frame["payload"]["event"]
    assert {"broadcaster_user_id": "100", "user_id": "900"} == subscription["condition"]
    assert set(event) == FIELDS
    assert (id, "201", "mo", "Mo") == tuple(
        event[key] for key in ("message_id", "chatter_user_id", "chatter_user_login", "chatter_user_name")
    )
    assert "!code" == event["message"]["text"]
    assert {"type", "text", "cheermote", "emote", "mention"} == set(event["message"]["fragments"][0])
    assert ["moderator", "subscriber"] == [badge["set_id"] for badge in event["badges"]]
    assert {None} == {event[key] for key in SOURCE}


async def test_a_message_of_a_shared_chat_names_where_it_was_written(client: Client) -> None:
    socket = await client.reading()
    await client.twitch.chat("100", ANN, "!code", source=ELSEWHERE)
    event = (await client.frame(socket))["payload"]["event"]
    assert ("100", "300", "elsewhere", "Elsewhere") == (
        event["broadcaster_user_id"],
        *(event[f"source_broadcaster_user_{key}"] for key in ("id", "login", "name")),
    )
    assert event["source_message_id"] not in (None, event["message_id"])
    assert ([], False) == (event["source_badges"], event["is_source_only"])


async def test_a_reply_begins_with_whom_it_replies_to(client: Client) -> None:
    socket = await client.reading()
    parent = await client.twitch.chat("100", ANN, "how much?")
    await client.twitch.chat("100", Chatter("202", "bob", "Bob"), "!prix", reply_to=parent)
    await client.frame(socket)
    event = (await client.frame(socket))["payload"]["event"]
    assert "@ann !prix" == event["message"]["text"]
    assert (parent, "how much?", "200", "ann", "Ann") == tuple(
        event["reply"][f"parent_{key}"]
        for key in ("message_id", "message_body", "user_id", "user_login", "user_name")
    )
    assert parent == event["reply"]["thread_message_id"]


async def test_what_the_bot_says_comes_back_with_the_badges_it_has_there(client: Client) -> None:
    socket, session = await client.connect()
    for channel in ("100", "200"):
        await client.subscribe(session["id"], broadcaster_user_id=channel, user_id="900")
    client.twitch.moderated.discard("200")
    echoes = []
    for channel in ("100", "200"):
        status, body = await client.say(f"hello {channel}", channel)
        assert (200, None) == (status, body["data"][0]["drop_reason"])
        echoes.append((await client.frame(socket))["payload"]["event"])
        assert body["data"][0]["message_id"] == echoes[-1]["message_id"]
    assert {"900"} == {echo["chatter_user_id"] for echo in echoes}
    assert [["moderator"], []] == [[badge["set_id"] for badge in echo["badges"]] for echo in echoes]
