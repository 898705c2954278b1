"""The demo's three chats, and who writes where."""

from collections.abc import Sequence
from dataclasses import dataclass

from standins.facebook.server import FacebookStandin
from standins.people import Chatter
from standins.twitch.server import TwitchStandin
from standins.woocommerce.server import WooCommerceStandin
from standins.youtube.server import YouTubeStandin

BROADCASTER = "100"
CHANNELS = (f"twitch:{BROADCASTER}", "youtube:video1", "facebook:1789")
YOU = Chatter("5000", "vous", "Vous")
"""Whoever opens the demo: they watch on Twitch."""
AMONG = 5
"""Of so many viewers one watches on YouTube, one on Facebook, the others on Twitch."""


@dataclass(frozen=True, slots=True)
class Chats:
    """The three chats of the show, and the shop."""

    twitch: TwitchStandin
    youtube: YouTubeStandin
    facebook: FacebookStandin
    shop: WooCommerceStandin

    @property
    def by_channel(self) -> dict[str, TwitchStandin | YouTubeStandin | FacebookStandin]:
        """Who plays which channel."""
        return dict(zip(CHANNELS, (self.twitch, self.youtube, self.facebook), strict=True))

    async def write(self, who: Chatter, text: str) -> None:
        """Someone writes where they watch; orders are given on Twitch."""
        place = int(who.id) % AMONG if not who.badges else 0
        if place == 1:
            await self.youtube.chat(who, text)
        elif place == 2:
            await self.facebook.chat(who, text)
        else:
            await self.twitch.chat(BROADCASTER, who, text)

    def people(self, people: Sequence[Chatter], root: str) -> None:
        """Let `people` sign in on the claim page at `root`, each where they watch."""
        for sign_in, name, place in (
            (self.twitch.id.sign_in, "twitch", 0),
            (self.youtube.sign_in, "youtube", 1),
        ):
            sign_in.people = {one.id: one for one in people if (int(one.id) % AMONG == 1) == (place == 1)}
            sign_in.redirect_uris = {f"{root}/sign-in/{name}/back"}
