"""The stand-in's id server answers as Twitch's does: validation, renewal, device code, revocation."""

import pytest

from standins.twitch.oauth import DEVICE_CODE
from tests.standins.conftest import Client


@pytest.mark.parametrize("scheme", ["OAuth", "Bearer"])
async def test_a_valid_token_says_whose_it_is_and_what_it_may(client: Client, scheme: str) -> None:
    status, body = await client.validate(client.token, scheme)
    assert 200 == status
    assert 0 < body.pop("expires_in") <= 14_400
    assert {
        "client_id": "client",
        "login": "bateleur",
        "user_id": "900",
        "scopes": ["user:read:chat", "user:write:chat", "user:manage:whispers"],
    } == body


async def test_an_unknown_and_an_expired_token_are_not_valid(client: Client) -> None:
    expired, _ = client.twitch.id.issue("900", expires_in=0)
    for token in ("rubbish", "", expired):
        status, body = await client.validate(token)
        assert (401, 401, "invalid access token") == (status, body["status"], body["message"])


async def test_a_refresh_token_serves_once_and_what_it_gives_is_valid(client: Client) -> None:
    first = client.twitch.bot_refresh_token
    status, pair = await client.post_id("token", grant_type="refresh_token", refresh_token=first)
    assert 200 == status
    assert {"access_token", "refresh_token", "expires_in", "scope", "token_type"} == set(pair)
    assert 200 == (await client.validate(pair["access_token"]))[0]
    status, body = await client.post_id("token", grant_type="refresh_token", refresh_token=first)
    assert (400, "Invalid refresh token") == (status, body["message"])
    second = pair["refresh_token"]
    assert 200 == (await client.post_id("token", grant_type="refresh_token", refresh_token=second))[0]


async def test_a_device_code_is_pending_until_someone_types_it_and_then_used_up(client: Client) -> None:
    _, device = await client.post_id("device", scopes="user:read:chat")
    assert {"device_code", "user_code", "verification_uri", "expires_in", "interval"} == set(device)
    assert (1800, 5) == (device["expires_in"], device["interval"])
    form = {"grant_type": DEVICE_CODE, "device_code": device["device_code"], "scopes": "user:read:chat"}
    status, body = await client.post_id("token", **form)
    assert (400, 400, "authorization_pending") == (status, body["status"], body["message"])
    client.twitch.id.approve("900")
    status, pair = await client.post_id("token", **form)
    assert (200, ["user:read:chat"]) == (status, pair["scope"])
    _, told = await client.validate(pair["access_token"])
    assert ("900", ["user:read:chat"]) == (told["user_id"], told["scopes"])
    status, body = await client.post_id("token", **form)
    assert (400, "invalid device code") == (status, body["message"])


@pytest.mark.parametrize(("id", "sentence"), [("", "missing client id"), ("other", "invalid client")])
async def test_only_a_known_application_gets_tokens(client: Client, id: str, sentence: str) -> None:
    refresh = {"grant_type": "refresh_token", "refresh_token": client.twitch.bot_refresh_token}
    for path, form in (("device", {"scopes": ""}), ("token", refresh)):
        status, body = await client.post_id(path, client_id=id, **form)
        assert (400, sentence) == (status, body["message"])
    assert 200 == (await client.post_id("token", **refresh))[0]


async def test_a_grant_of_another_type_is_refused(client: Client) -> None:
    status, body = await client.post_id("token", grant_type="password")
    assert (400, "invalid grant type") == (status, body["message"])


async def test_an_applications_own_token_belongs_to_no_user_and_reads_no_socket(client: Client) -> None:
    _, granted = await client.post_id("token", grant_type="client_credentials")
    assert "refresh_token" not in granted
    status, told = await client.validate(granted["access_token"])
    assert 200 == status
    assert not {"user_id", "login"} & set(told)
    client.token = granted["access_token"]
    _, session = await client.connect()
    status, body = await client.subscribe(session["id"])
    assert (400, "invalid transport and auth combination") == (status, body["message"])


async def test_a_revoked_token_is_not_valid(client: Client) -> None:
    assert 200 == (await client.post_id("revoke", token=client.token))[0]
    assert 401 == (await client.validate(client.token))[0]


async def test_who_takes_the_consent_back_ends_every_token(client: Client) -> None:
    refresh = client.twitch.bot_refresh_token
    client.twitch.id.disconnect("900")
    assert 401 == (await client.validate(client.token))[0]
    assert 400 == (await client.post_id("token", grant_type="refresh_token", refresh_token=refresh))[0]
