"""`bateleur products …`"""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.audited import note
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Row, parts_of, show, tell, work_through
from bot.cli.shop import must_open_shop
from bot.settings import Settings
from domain.errors import Refusal
from domain.product_rules import refreshed, told_by_feed
from domain.show import Product
from shops.feed.catalogue import read_products
from store.database import Database

ProductFile = Annotated[Path | None, typer.Argument(metavar="FILE", help="CSV, XML or TSV, in UTF-8.")]
app = typer.Typer(no_args_is_help=True)


@app.command("import", epilog="Example:  bateleur products import products.csv")
def import_(
    file: ProductFile = None,
    from_shop: Annotated[
        str | None, typer.Option("--from-shop", help="Words of their names, or a SKU; «» for the first ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import products from a CSV file or a Google Merchant feed (XML or TSV), whole or not at all, or from
    the shop: `--from-shop xbox`.

    The columns of the CSV: sku,name,aliases,price,currency,reference_price,stock,url and, if any, picture."""
    if (file is None) == (from_shop is None):
        raise Refusal("Name a file, or what to look for in the shop: --from-shop xbox.")
    with opened() as (settings, database):
        read = _from_file(database, file) if file else _from_shop(settings, database, from_shop or "")
        source = file.name if file else "shop"
        _save(database, read, source, as_json=as_json)
    tell({"products": len(read)}, f"{len(read)} products imported.", as_json=as_json)


def _from_file(database: Database, file: Path) -> list[Product]:
    """The products of the file; what a feed cannot tell of those we have stays ours."""
    found = read_products(file)
    if not found.is_feed:
        return found.products
    ours = _ours(database)
    return [told_by_feed(ours[one.sku], one) if one.sku in ours else one for one in found.products]


def _from_shop(settings: Settings, database: Database, text: str) -> list[Product]:
    """The products found in the shop; of those we have, all but the price and the stock stays ours."""
    found = must_open_shop(settings, database).shop.find_products(text)
    if not found:
        raise Refusal(f"The shop finds no product for «{text}».")
    ours = _ours(database)
    return [refreshed(ours[one.sku], one) if one.sku in ours else one for one in found]


def _ours(database: Database) -> dict[str, Product]:
    with database.unit(read_only=True) as unit:
        return {product.sku: product for product in unit.products.list()}


def _save(database: Database, read: list[Product], source: str, *, as_json: bool) -> None:
    with database.unit() as unit:
        moment = now()
        for part in work_through(parts_of(read), "Saving", as_json=as_json):
            unit.products.save(part, moment)
        note(unit, "products_imported", "products", {}, {"file": source, "products": len(read)})


@app.command("list", epilog="Example:  bateleur products list --json")
def list_(as_json: AsJson = False) -> None:
    """List the products."""
    with opened() as (_, database), database.unit() as unit:
        rows = [_row(product) for product in unit.products.list()]
    show(rows, as_json=as_json, title="Products", empty="No product yet: bateleur products import FILE.csv")


def _row(product: Product) -> Row:
    return {
        "sku": product.sku,
        "name": product.name,
        "aliases": list(product.aliases),
        "price": product.price,
        "reference_price": product.reference_price,
        "stock": product.stock,
        "url": product.url,
    }
