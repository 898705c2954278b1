"""The audit log of what is done on the command line."""

import getpass
from collections.abc import Mapping
from typing import Any

from bot.cli.opened import now
from store.unit import UnitOfWork


def note(
    unit: UnitOfWork,
    action: str,
    subject: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write a change to the audit log, as done by whoever is logged in to this machine."""
    unit.audit.record(now(), who(), action, subject, before, after)


def who() -> str:
    """Whoever is logged in to this machine, as the audit log names them."""
    try:
        return f"{getpass.getuser()} (shell)"
    except (OSError, KeyError):  # a container's user without a name
        return "nameless (shell)"
