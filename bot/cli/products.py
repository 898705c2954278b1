"""`bateleur products …`"""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Row, parts_of, show, tell, work_through
from bot.product_files import read_products
from domain.show import Product

ProductFile = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, XML or TSV, in UTF-8.")]
app = typer.Typer(no_args_is_help=True)


@app.command("import", epilog="Example:  bateleur products import products.csv")
def import_(file: ProductFile, as_json: AsJson = False) -> None:
    """Import products from a CSV file or a Google Merchant feed (XML or TSV), whole or not at all.

    The columns of the CSV: sku,name,aliases,price,currency,reference_price,stock,url."""
    read = read_products(file)
    with opened() as (_, database), database.unit() as unit:
        moment = now()
        for part in work_through(parts_of(read), "Saving", as_json=as_json):
            unit.products.save(part, moment)
    tell({"products": len(read)}, f"{len(read)} products imported.", as_json=as_json)


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
