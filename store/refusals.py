"""The one place where a broken constraint or a failing engine becomes an error of ours.

No text of the engine's is passed on: it quotes the values, and some of them are codes or tokens.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Index, UniqueConstraint
from sqlalchemy.exc import DBAPIError, IntegrityError

from domain.errors import BateleurError, Fault, Refusal
from domain.sentences import sentence
from store.tables import Row

SENTENCES = {
    "uq_live_channels_open": "One of these channels already has an open live.",
    "uq_live_channels_channel": "A channel is named twice.",
    "uq_products_sku": "A SKU is given twice.",
    "uq_segments_on_screen": "Another product was put on screen at the same moment; try again.",
    "ck_offers_discount": "An offer takes off either a percentage or an amount.",
    "ck_offers_percent": "A discount is between 1 and 100 percent.",
    "ck_offers_amount": "A discount takes off more than zero.",
    "ck_offers_currency": "An amount needs its currency.",
    "ck_offers_quantity": "The quantity of an offer is at least 1.",
    "ck_offers_shared_code": "A shared offer needs its code, and only a shared offer has one.",
    "ck_offers_window": "An offer ends after it starts.",
    "ck_codes_code": "A code is empty.",
    "uq_users_login": "There is a user of that login already.",
}

# deadlock, serialization failure, lock timeout, too many connections, shutting down, starting up
_PASSING_STATES = {"40P01", "40001", "55P03", "53300", "57P01", "57P02", "57P03"}


@contextmanager
def refusing(connection: Connection) -> Iterator[None]:
    """A savepoint in which a broken constraint of `SENTENCES` raises `Refusal`, nothing changed."""
    try:
        with connection.begin_nested():
            yield
    except IntegrityError as error:
        sentence = SENTENCES.get(broken_constraint(error) or "")
        if sentence is None:
            raise
        raise Refusal(sentence) from None


def in_our_words(error: DBAPIError) -> BateleurError:
    """The `Refusal` or `Fault` that stands for an engine's error, without its values."""
    name = broken_constraint(error) if isinstance(error, IntegrityError) else None
    if name in SENTENCES:
        return Refusal(SENTENCES[name])
    what = f"{type(error.orig).__name__}: {name}" if name else type(error.orig).__name__
    return Fault(
        sentence("The database refused the work ({what}).", what=what), is_retryable=_is_passing(error)
    )


def broken_constraint(error: DBAPIError) -> str | None:
    """The name of the constraint that was broken, None if the engine does not say.

    PostgreSQL names it. SQLite names a CHECK, but of a unique one only the columns:
    "UNIQUE constraint failed: grants.offer_id, grants.platform" (sqlite.org/rescode.html, 2067).
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return getattr(diagnosis, "constraint_name", None)
    text = str(error.orig)
    if found := re.match(r"CHECK constraint failed: (\w+)", text):
        return found.group(1)
    if found := re.match(r"UNIQUE constraint failed: (.+)", text):
        return _UNIQUE_BY_COLUMNS.get(found.group(1))
    return None


def _is_passing(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    if getattr(error.orig, "sqlstate", None) in _PASSING_STATES:
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _unique_by_columns() -> dict[str, str]:
    names = {}
    for table in Row.metadata.tables.values():
        uniques: list[UniqueConstraint | Index] = [i for i in table.indexes if i.unique]
        uniques += [c for c in table.constraints if isinstance(c, UniqueConstraint)]
        for unique in uniques:
            names[", ".join(f"{table.name}.{c.name}" for c in unique.columns)] = str(unique.name)
    return names


_UNIQUE_BY_COLUMNS = _unique_by_columns()
