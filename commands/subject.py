"""The product that a question is about, and one text per different question however many ask it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from commands.scene import Asked, Scene
from commands.search import Found, Unsure, is_small_talk
from domain.answers import Answer, Priority
from domain.show import Product


@dataclass(frozen=True, slots=True)
class Said:
    """A text, and the key it was made from."""

    key: str
    text: str


def find_subject(argument: str, scene: Scene, *, is_leading: bool = True) -> Product | Said:
    """The product meant by `argument`, else the one on screen, else what to say instead."""
    result = None if is_small_talk(argument) else scene.products.find(argument)
    if isinstance(result, Found):
        return result.product
    if isinstance(result, Unsure):
        names = ", ".join(product.name for product in result.candidates)
        return Said("search.unsure", scene.say("search.unsure", products=names))
    on_screen = scene.products.get(scene.on_screen)
    # «!prix svp» and «bonjour !prix de quoi déjà» name no product: they speak of what everyone sees.
    if is_small_talk(argument) or not is_leading:
        return on_screen or Said("search.nothing_on_screen", scene.say("search.nothing_on_screen"))
    return Said("search.unknown", scene.say("search.unknown"))


def answer_each(
    asks: Sequence[Asked], scene: Scene, say: Callable[[Product], Said], priority: Priority
) -> list[Answer]:
    """An answer to each of `asks` by `say`, which is called once per different question."""
    texts: dict[tuple[str, bool], Said] = {}
    answers = []
    for asked in asks:
        question = (asked.parsed.argument, asked.parsed.is_leading)
        if question not in texts:
            subject = find_subject(question[0], scene, is_leading=question[1])
            texts[question] = subject if isinstance(subject, Said) else say(subject)
        said = texts[question]
        answers.append(Answer(asked.message.channel, said.text, said.key, asked.message, priority))
    return answers
