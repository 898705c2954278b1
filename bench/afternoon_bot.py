"""The baseline: what a retailer's developer writes in an afternoon, with the same library.

twitchio's `commands.Bot`; `!code` is one SQLModel transaction (look the viewer up, take the first free
code, commit) and one chat message for each viewer.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import twitchio
from rapidfuzz import fuzz
from sqlmodel import Field, Session, SQLModel, col, create_engine, select
from twitchio import eventsub
from twitchio.ext import commands

from bench.redirect import BOT_ID, CHANNEL_ID


class AfternoonCode(SQLModel, table=True):
    """A code, and who has it."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    viewer_id: str | None = Field(default=None, index=True)


class AfternoonBot(commands.Bot):
    """Counts the codes it has given."""

    def __init__(self, path: Path, count: int) -> None:
        super().__init__(client_id="client", client_secret="secret", bot_id=BOT_ID, prefix="!")  # noqa: S106 - a stand-in's
        self.given = 0
        self.engine = create_engine(f"sqlite:///{path}")
        SQLModel.metadata.create_all(self.engine, tables=[SQLModel.metadata.tables["afternooncode"]])
        with Session(self.engine) as session:
            session.add_all(AfternoonCode(code=f"LIVE{number:06}") for number in range(count))
            session.commit()

    async def setup_hook(self) -> None:
        """Log in, and read the channel's chat."""
        await self.add_component(Codes(self))
        await self.add_token("token", "refresh")
        wanted = eventsub.ChatMessageSubscription(broadcaster_user_id=CHANNEL_ID, user_id=BOT_ID)
        await self.subscribe_websocket(payload=wanted, token_for=BOT_ID)

    def claim(self, viewer_id: str) -> str | None:
        """The viewer's code, theirs already or the first free one."""
        with Session(self.engine) as session:
            held = session.exec(
                select(AfternoonCode).where(AfternoonCode.viewer_id == viewer_id).limit(1)
            ).first()
            if held is None:
                free = select(AfternoonCode).where(col(AfternoonCode.viewer_id).is_(None)).limit(1)
                held = session.exec(free).first()
                if held is None:
                    return None
                held.viewer_id = viewer_id
                session.add(held)
                session.commit()
                self.given += 1
            return held.code


class AfternoonProduct(SQLModel, table=True):
    """A product and its price in cents."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    price: int


class PriceBot(commands.Bot):
    """`!prix name`: reads the products, compares them all with the name, answers."""

    def __init__(self, path: Path, names: Sequence[str], ready: Callable[[str], None]) -> None:
        super().__init__(client_id="client", client_secret="secret", bot_id=BOT_ID, prefix="!")  # noqa: S106 - a stand-in's
        self.ready = ready
        self.engine = create_engine(f"sqlite:///{path}")
        SQLModel.metadata.create_all(self.engine, tables=[SQLModel.metadata.tables["afternoonproduct"]])
        with Session(self.engine) as session:
            session.add_all(AfternoonProduct(name=name, price=49_999) for name in names)
            session.commit()

    async def setup_hook(self) -> None:
        """Log in, and read the channel's chat."""
        await self.add_component(Prices(self))
        await self.add_token("token", "refresh")
        wanted = eventsub.ChatMessageSubscription(broadcaster_user_id=CHANNEL_ID, user_id=BOT_ID)
        await self.subscribe_websocket(payload=wanted, token_for=BOT_ID)

    def answer(self, name: str) -> str:
        """The closest product's price."""
        with Session(self.engine) as session:
            products = session.exec(select(AfternoonProduct)).all()
            best = max(products, key=lambda product: fuzz.WRatio(product.name, name))
            return f"{best.name} : {best.price / 100:.2f} €"


class Prices(commands.Component):
    """`!prix`"""

    def __init__(self, bot: PriceBot) -> None:
        self.bot = bot

    @commands.command()
    async def prix(self, ctx: commands.Context[PriceBot], *, name: str = "Xbox") -> None:
        """The price of what is named; the answer is ready, and not sent: that is not what is measured."""
        self.bot.answer(name)
        self.bot.ready(ctx.chatter.id)


class Codes(commands.Component):
    """`!code`"""

    def __init__(self, bot: AfternoonBot) -> None:
        self.bot = bot

    @commands.command()
    async def code(self, ctx: commands.Context[AfternoonBot]) -> None:
        """A code for whoever asks."""
        code = self.bot.claim(ctx.chatter.id)
        await ctx.send(f"@{ctx.chatter.name} {code}" if code else f"@{ctx.chatter.name} plus de code")


class Counter(twitchio.Client):
    """The ceiling: receives, and only counts."""

    def __init__(self) -> None:
        super().__init__(client_id="client", client_secret="secret", bot_id=BOT_ID)  # noqa: S106 - a stand-in's
        self.heard = 0

    async def setup_hook(self) -> None:
        """Log in, and read the channel's chat."""
        await self.add_token("token", "refresh")
        wanted = eventsub.ChatMessageSubscription(broadcaster_user_id=CHANNEL_ID, user_id=BOT_ID)
        await self.subscribe_websocket(payload=wanted, token_for=BOT_ID)

    async def event_message(self, payload: twitchio.ChatMessage) -> None:
        """One more."""
        self.heard += 1
