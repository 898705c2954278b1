"""What we count is in docs/metrics.md, and the dashboard shows nothing that we do not count."""

import json
import re
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from bot.bootstrap import open_evening
from bot.figures import exposed
from bot.settings import Settings
from bot.tally import Tally
from shops.settings import ShopSettings
from store.database import Database

DOCS = Path(__file__).parents[2] / "docs"
PARTS = ("_bucket", "_sum", "_count")


async def counted(database: Database) -> dict[str, str]:
    """Every metric there is, as Prometheus names it, and its kind."""
    shop = ShopSettings(kind="feed", products="https://shop.example/products.csv")
    evening = open_evening(Settings(_env_file=None, shop=shop), database, Tally())
    text = exposed(evening, [], 0).decode()
    await evening.stop()
    kinds = {family.name: family.type for family in text_string_to_metric_families(text)}
    return {f"{name}_total" if kind == "counter" else name: kind for name, kind in kinds.items()}


async def test_every_metric_is_documented_with_its_kind_and_no_other_is(database: Database) -> None:
    table = re.findall(r"^\| `(\w+)` \| (\w+) \|", (DOCS / "metrics.md").read_text(), re.MULTILINE)

    assert await counted(database) == dict(table)
    assert len(table) == len(dict(table))


async def test_the_dashboard_names_only_metrics_that_there_are(database: Database) -> None:
    dashboard = json.loads((DOCS / "grafana" / "bateleur.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    queries += [one["query"] for one in dashboard["templating"]["list"] if one["type"] == "query"]
    named = {name for query in queries for name in re.findall(r"\b(?:bateleur|process)_\w+", query)}
    kinds = await counted(database)
    histograms = {name + part for name, kind in kinds.items() if kind == "histogram" for part in PARTS}

    assert set() == named - kinds.keys() - histograms
    assert len(named) > 20


def test_the_dashboard_can_be_imported_and_no_panel_lies_on_another() -> None:
    dashboard: dict[str, Any] = json.loads((DOCS / "grafana" / "bateleur.json").read_text())
    taken: set[tuple[int, int]] = set()
    for panel in dashboard["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(set(ids)) == len(ids)
    assert "Bateleur" == dashboard["title"]
    assert "${source}" in json.dumps(dashboard["panels"])
