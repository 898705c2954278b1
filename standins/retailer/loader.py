"""The retailer's job that loads files of codes from a folder."""

import csv
import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from standins.retailer.promotions import add_coupon
from standins.shop.model import ShopModel


class CodeLoader:
    """Loads what stands whole in `folder` into `model`. Codes in `reserved` are rejected; `violations` names
    files that were not as their manifests say."""

    def __init__(self, folder: Path, model: ShopModel) -> None:
        self.folder = folder
        self.model = model
        self.reserved: set[str] = set()
        self.violations: list[str] = []
        self._loaded: set[str] = set()

    def load(self) -> int:
        """Load the files that have come since the last time, in their order; how many codes were taken."""
        taken = 0
        for manifest in sorted(self.folder.glob("*.done")):
            told = json.loads(manifest.read_text())
            if told["file"] not in self._loaded:
                self._loaded.add(told["file"])
                taken += self._load(told)
        return taken

    def _load(self, told: dict[str, Any]) -> int:
        raw = (self.folder / told["file"]).read_bytes()
        digest = hashlib.sha256(raw).hexdigest()
        rows = list(csv.DictReader(raw.decode().splitlines(), delimiter=";"))
        beside = (self.folder / f"{told['file']}.sha256").read_text().split()[0]
        if not digest == told["sha256"] == beside or len(rows) != told["rows"]:
            self.violations.append(told["file"])
            return 0
        rejected = [row["code"] for row in rows if not self._take(row)]
        if rejected:
            lines = ["code;reason", *(f"{code};{code} is reserved" for code in rejected)]
            (self.folder / f"{told['file']}.rejected.csv").write_text("\n".join(lines) + "\n")
        return len(rows) - len(rejected)

    def _take(self, row: dict[str, str]) -> bool:
        """A row replaces what was said of its code before."""
        coupon, end = self.model.coupon(row["code"]), datetime.fromisoformat(row["ends_at"])
        if row["code"] in self.reserved or (coupon and coupon.extra.get("promotion") != row["promotion"]):
            return False
        if coupon is not None:
            coupon.ends_at = end
        else:
            add_coupon(self.model, _promotion(row), row["code"], end)
        return True


def _promotion(row: dict[str, str]) -> dict[str, Any]:
    name = "percent" if row["value_type"] == "percent" else "amount_minor"
    return {
        "id": row["promotion"],
        "starts_at": row["starts_at"] or None,
        "uses_per_code": int(row["max_uses"]) if row["max_uses"] else None,
        "scope": {"skus": row["skus"].split("|") if row["skus"] else []},
        "value": {name: int(row["value"])},
    }
