"""`!prix [produit]`: the price, and a reduction only where the law lets it be announced."""

from collections.abc import Sequence

from commands.money import say_money, say_percent
from commands.scene import Asked, Scene
from commands.subject import Said, answer_each
from domain.answers import Answer, Priority
from domain.chat import Role
from domain.claim_rules import claimable
from domain.price_rules import PriceLine, decide_price
from domain.show import AnnouncedPrice, Mechanic, Offer, Product
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """The price of the product each of `asks` means; every price announced is recorded as evidence."""
    offers = _open_to_all(scene, unit)
    lines: dict[str, tuple[Product, PriceLine]] = {}

    def say(product: Product) -> Said:
        line = decide_price(product, offers)
        said = say_price(product, line, scene)
        lines[said.text] = (product, line)
        return said

    answers = answer_each(asks, scene, say, Priority.PRICE)
    if scene.live is not None and lines:
        spoken = dict.fromkeys((answer.channel, answer.text) for answer in answers if answer.text in lines)
        unit.announced.record(
            [
                AnnouncedPrice(
                    scene.live.id, channel, product.sku, line.price, product.reference_price, text, scene.now
                )
                for channel, text in spoken
                for product, line in (lines[text],)
            ]
        )
    return answers


def say_price(product: Product, line: PriceLine, scene: Scene) -> Said:
    """`line` in the live's language, the lowest price of 30 days beside every reduction."""
    key = f"price.{line.kind.value}"
    values = {"product": product.name, "price": say_money(line.price, scene.language)}
    if line.reference is not None and line.off is not None:
        values["reference"] = say_money(line.reference, scene.language)
        values["percent"] = say_percent(line.off_percent, scene.language)
        values["off"] = say_money(line.off, scene.language)
    return Said(key, scene.say(key, **values))


def _open_to_all(scene: Scene, unit: UnitOfWork) -> list[Offer]:
    """The offers whose code anyone gets for the asking now; those that only some can win promise nothing."""
    return [
        offer
        for offer in claimable(scene.live, scene.offers, scene.now, Role.VIEWER)
        if offer.mechanic is Mechanic.OPEN and unit.offers.left(offer.id) != 0
    ]
