"""The parts of twitchio that are used, in one place."""

import warnings

with warnings.catch_warnings():
    # twitchio 3.3.2 subclasses aiohttp's web.Application, which aiohttp 3.14 discourages.
    warnings.simplefilter("ignore", DeprecationWarning)
    from twitchio import HTTPException, WebsocketConnectionException
    from twitchio.authentication import ManagedHTTPClient
    from twitchio.eventsub import (
        ChatMessageSubscription,
        StreamOfflineSubscription,
        StreamOnlineSubscription,
        SubscriptionPayload,
        SubscriptionType,
    )
    from twitchio.eventsub.websockets import Websocket
    from twitchio.http import Route

__all__ = [
    "ChatMessageSubscription",
    "HTTPException",
    "ManagedHTTPClient",
    "Route",
    "StreamOfflineSubscription",
    "StreamOnlineSubscription",
    "SubscriptionPayload",
    "SubscriptionType",
    "Websocket",
    "WebsocketConnectionException",
]
