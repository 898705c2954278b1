"""`bateleur products …`"""

from pathlib import Path

import typer

from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Value, show, tell
from bot.product_files import read_products
from domain.show import Product

app = typer.Typer(no_args_is_help=True)


@app.command("import", epilog="CSV columns: sku,name,aliases,price,currency,reference_price,stock,url")
def import_(file: Path, as_json: AsJson = False) -> None:
    """Import a CSV file or a Google Merchant feed (XML or TSV), whole or not at all."""
    read = read_products(file)
    with opened() as (_, database), database.unit() as unit:
        unit.products.save(read, now())
    tell({"products": len(read)}, f"{len(read)} products imported.", as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the products."""
    with opened() as (_, database), database.unit() as unit:
        rows = [_row(product) for product in unit.products.list()]
    show(rows, as_json=as_json, title="Products", empty="No product yet: bateleur products import FILE.csv")


def _row(product: Product) -> dict[str, Value]:
    return {
        "sku": product.sku,
        "name": product.name,
        "aliases": list(product.aliases),
        "price": product.price.amount,
        "reference_price": product.reference_price.amount if product.reference_price else None,
        "currency": product.price.currency,
        "stock": product.stock,
        "url": product.url,
    }
