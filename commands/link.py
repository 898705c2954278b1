"""`!lien [produit]`: where to buy it."""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from commands.subject import Said, answer_each
from domain.answers import Answer, Priority
from domain.show import Product
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """The link of the product each of `asks` means."""

    def say(product: Product) -> Said:
        if not product.url:
            return Said("link.missing", scene.say("link.missing", product=product.name))
        return Said("link.link", scene.say("link.link", product=product.name, url=product.url))

    return answer_each(asks, scene, say, Priority.PRICE)
