"""`!stock [produit]`: how many pieces are left."""

from collections.abc import Sequence

from commands.scene import Asked, Scene
from commands.subject import Said, answer_each
from domain.answers import Answer, Priority
from domain.show import Product
from store.unit import UnitOfWork


def handle(asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
    """The stock of the product each of `asks` means, as the shop last told it."""

    def say(product: Product) -> Said:
        if product.stock is None:
            return Said("stock.untold", scene.say("stock.untold", product=product.name))
        if product.stock <= 0:
            return Said("stock.out", scene.say("stock.out", product=product.name))
        return Said("stock.left", scene.say("stock.left", product=product.name, pieces=product.stock))

    return answer_each(asks, scene, say, Priority.PRICE)
