"""A crowd that behaves like people: small talk, questions, waves when the host shouts, moderators."""

import random
from collections.abc import Iterator, Sequence

from standins.people import Chatter

SHOUTS = (0.25, 0.65)
NAMES = ("chloe", "max", "ines", "leo", "jade", "sami", "emma", "noah", "lina", "tom", "zoe", "yanis")
SMALL_TALK = (
    "bonsoir tout le monde !",
    "salut le chat 👋",
    "trop beau celui-là 😍",
    "LUL",
    "PogChamp PogChamp",
    "c'est en stock ?",
    "il fait combien ?",
    "hello from Lyon",
    "j'ai déjà la précédente, elle vaut le coup ?",
    "quelqu'un l'a testée ?",
    "haha",
    "first time here, nice show!",
    "la livraison c'est combien de jours ?",
    "c'est !!! génial",
)
CODES = (
    "!code",
    "!CODE",
    "!code",
    "!Code 🔥",
    "!cod",
    "! code",
    "！ＣＯＤＥ",
    "🔥 !code svp",
    "!code !code !code",
)
ASKS = ("!prix", "!prix {}", "!PRIX {}", "!stock", "!lien", "!aide", "!price {}")
ORDERS = ("!produit {}", "!drop 20 20s", "!code @{viewer}")
ODD = ('=HYPERLINK("http://x")', "/ban", "مُشاهِد\u202e", "𝓥𝓲𝓬")


class Crowd:
    """`size` people; the same `seed` gives the same evening."""

    def __init__(self, size: int, *, seed: int, products: Sequence[str]) -> None:
        self._random = random.Random(seed)
        self._products = products
        self._people = [self._person(number) for number in range(size)]
        self._moderators = [
            Chatter(f"{5_000_000 + n}", f"modo_{n}", f"Modo_{n}", ("moderator",)) for n in (1, 2)
        ]

    def some(self, count: int) -> list[Chatter]:
        """The last few viewers, whose names are plain."""
        return self._people[-count:]

    def lines(self, seconds: float) -> Iterator[tuple[float, Chatter, str]]:
        """What is written in `seconds`, in order: when (seconds from the start), who, what."""
        said = [*self._talk(seconds), *self._waves(seconds), *self._orders(seconds)]
        yield from sorted(said, key=lambda line: line[0])

    def _person(self, number: int) -> Chatter:
        name = ODD[number] if number < len(ODD) else f"{self._random.choice(NAMES)}_{number}"
        badges = ("subscriber",) if self._random.random() < 0.2 else ()
        login = name if number >= len(ODD) else f"odd_{number}"
        return Chatter(str(1_000_000 + number), login, name, badges)

    def _talk(self, seconds: float) -> Iterator[tuple[float, Chatter, str]]:
        for person in self._people:
            for _ in range(1 + int(seconds / 12)):
                at = self._random.uniform(0.0, seconds)
                is_question = self._random.random() < 0.3
                yield at, person, self._question() if is_question else self._random.choice(SMALL_TALK)

    def _question(self) -> str:
        return self._random.choice(ASKS).format(self._misspelt(self._random.choice(self._products)))

    def _misspelt(self, name: str) -> str:
        if self._random.random() < 0.5:
            return name.lower()
        at = self._random.randrange(1, len(name) - 1)
        return (name[:at] + name[at + 1 :]).lower()

    def _waves(self, seconds: float) -> Iterator[tuple[float, Chatter, str]]:
        for shout in SHOUTS:
            for person in self._people:
                if self._random.random() < 0.6:
                    delay = self._random.gammavariate(2.0, 0.4)
                    yield min(seconds, shout * seconds + delay), person, self._random.choice(CODES)

    def _orders(self, seconds: float) -> Iterator[tuple[float, Chatter, str]]:
        for place, order in zip((0.1, 0.45, 0.8), ORDERS, strict=True):
            viewer = self._random.choice(self._people)
            text = order.format(self._random.choice(self._products), viewer=viewer.login)
            yield place * seconds, self._random.choice(self._moderators), text
