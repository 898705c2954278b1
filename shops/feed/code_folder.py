"""Codes brought to the retailer as files in a folder, which a job of theirs loads.

A file replaces what earlier ones said of its codes. It is written beside, then renamed; its `.sha256` and its
`.done` manifest, the last of all, say that it is whole. A file `NAME.rejected.csv` that the retailer leaves
there, or in a folder `rejected`, tells which codes were not taken. Codes are secrets: our user alone may read
the files.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from domain.errors import ActionRequired, Fault
from domain.plaintext import FORMULA, harmless_cell
from domain.sentences import sentence
from domain.shop import CodeMade, ShopCode, ShopOffer, ShopTraits
from shops.feed.codes import parts, reason
from shops.feed.wire import written

COLUMNS = (
    "code",
    "promotion",
    "value_type",
    "value",
    "currency",
    "starts_at",
    "ends_at",
    "max_uses",
    "per_customer",
    "min_basket",
    "skus",
)
MOST_ROWS = 10_000
CODES_PER_S = 10.0
UNEXPORTED = (*FORMULA, "'")
UNSAFE = "A code that begins with = + - @ or an apostrophe cannot go into a file for spreadsheets."
SENTENCE = (
    "The retailer loads codes and their ends from files: a code ends when the last file loaded says, "
    "and a stop works once its file is loaded."
)

log = structlog.get_logger()


class CodeFolder:
    """Files `codes_PROMOTION_TIME_SEQ_ACTION.csv` in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def traits(self, *, has_orders: bool) -> ShopTraits:
        """See `ShopTraits`; as slow as a loader that takes a few minutes for thousands of codes."""
        return ShopTraits(CODES_PER_S, True, has_orders, SENTENCE)

    def check(self) -> str:
        """Whether the folder may be written to."""
        if not self.folder.is_dir() or not os.access(self.folder, os.W_OK | os.X_OK):
            raise ActionRequired(
                sentence(
                    "Codes cannot be written to {folder}: make the folder, or set BATELEUR_SHOP__CODES.",
                    folder=self.folder,
                )
            )
        return f"Codes go to files in {self.folder}."

    def create(self, offer: ShopOffer, codes: Sequence[str]) -> Iterator[list[CodeMade]]:
        """A file for each ten thousand codes; given again, a new file says the same."""
        refused = self._refused(offer)
        for some in parts(codes, MOST_ROWS):
            safe = [code for code in some if code not in refused and not code.startswith(UNEXPORTED)]
            self._write(offer, "create", safe, offer.until)
            yield [_made(offer, code, refused) for code in some]

    def extend(
        self, offer: ShopOffer, codes: Sequence[ShopCode], until: datetime
    ) -> Iterator[list[ShopCode]]:
        """A file with the new end, of the codes that the retailer has not rejected."""
        refused = self._refused(offer)
        taken = [code for code in codes if code.code not in refused]
        if len(taken) < len(codes):
            log.warning("codes_rejected", offer=offer.name, codes=len(codes) - len(taken))
        for some in parts(taken, MOST_ROWS):
            self._write(offer, "extend", [code.code for code in some], until)
            yield list(some)

    def end(self, offer: ShopOffer, codes: Sequence[ShopCode]) -> Iterator[list[ShopCode]]:
        """A file with the end of now."""
        for some in parts(codes, MOST_ROWS):
            self._write(offer, "stop", [code.code for code in some], datetime.now(UTC))
            yield list(some)

    def _write(self, offer: ShopOffer, action: str, codes: Sequence[str], until: datetime) -> None:
        self.check()
        if not codes:
            return
        raw = _table([_cells(offer, code, until) for code in codes])
        digest = hashlib.sha256(raw).hexdigest()
        try:
            name = self._place(f"codes_{offer.name}_{datetime.now(UTC):%Y%m%dT%H%M%SZ}", action, raw)
            self._put(f"{name}.sha256", f"{digest}  {name}\n".encode())
            value = offer.discount.amount.amount if offer.discount.amount else 0
            manifest = {
                "file": name,
                "action": action,
                "promotion": offer.name,
                "rows": len(codes),
                "sum_minor": value * len(codes),
                "sha256": digest,
            }
            self._put(f"{name}.done", json.dumps(manifest).encode() + b"\n")
        except OSError as error:
            why = sentence(
                "Codes cannot be written to {folder}: {reason}.", folder=self.folder, reason=error.strerror
            )
            raise Fault(why, is_retryable=True) from None

    def _place(self, start: str, action: str, raw: bytes) -> str:
        """Write under the first name that is free; the `.part` keeps it from others meanwhile."""
        for number in range(1, 100_000):
            name = f"{start}_{number:03}_{action}.csv"
            if any(self.folder.glob(f"{start}_{number:03}_*")):
                continue
            try:
                self._put(name, raw, may_replace=False)
            except FileExistsError:
                continue
            return name
        raise Fault(
            sentence("Codes cannot be written to {folder}: no name is free.", folder=self.folder),
            is_retryable=True,
        )

    def _put(self, name: str, raw: bytes, *, may_replace: bool = True) -> None:
        part = self.folder / f"{name}.part"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                if not may_replace and (self.folder / name).exists():
                    raise FileExistsError
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.folder / name)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _refused(self, offer: ShopOffer) -> dict[str, str]:
        """The codes of the offer that the retailer rejected, with its reasons."""
        pattern = f"codes_{offer.name}_*.rejected.csv"
        refused: dict[str, str] = {}
        for path in sorted([*self.folder.glob(pattern), *self.folder.glob(f"rejected/{pattern}")]):
            try:
                lines = path.read_text("utf-8-sig", "replace").splitlines()
                rows = list(csv.DictReader(lines, delimiter=";"))
            except (OSError, csv.Error) as error:
                log.warning("rejections_unreadable", file=path.name, why=type(error).__name__)
                continue
            refused |= {
                row["code"]: reason(row.get("reason"), row["code"]) for row in rows if row.get("code")
            }
        return refused


def _made(offer: ShopOffer, code: str, refused: dict[str, str]) -> CodeMade:
    if code.startswith(UNEXPORTED):
        return CodeMade(code, None, UNSAFE)
    return CodeMade(code, None, refused[code]) if code in refused else CodeMade(code, offer.name)


def _cells(offer: ShopOffer, code: str, until: datetime) -> list[str]:
    percent, amount = offer.discount.percent, offer.discount.amount
    unclear = [sku for sku in offer.skus if "|" in sku or sku.startswith(UNEXPORTED)]
    if unclear:
        raise ActionRequired(
            sentence(
                "The SKU {sku} cannot go into a file: it begins like a formula or has a |.", sku=unclear[0]
            )
        )
    return [
        code,
        offer.name,
        "percent" if percent is not None else "amount_minor",
        str(percent if percent is not None else amount.amount if amount else 0),
        amount.currency if amount and percent is None else "",
        written(offer.starts_at) if offer.starts_at else "",
        written(until),
        str(offer.uses) if offer.uses is not None else "",
        "",
        "",
        "|".join(offer.skus),
    ]


def _table(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[harmless_cell(cell) for cell in row] for row in rows])
    return text.getvalue().encode()
