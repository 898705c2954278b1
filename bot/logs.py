"""Logs: one event a line, values as keys, on standard error; JSON when nobody watches a terminal."""

import logging
import os
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

SECRETS = re.compile(r"(?i)(oauth |bearer |access_token=|refresh_token=|client_secret=)[^\s&'\"]+")


def log_to_stderr(*, is_quiet: bool = False) -> None:
    """Set logging up for the process; `is_quiet` keeps only errors."""
    is_terminal = sys.stderr.isatty()
    # gRPC's own core writes to the terminal by itself, of servers that go away: the connector tells of those.
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    level = logging.ERROR if is_quiet else logging.INFO
    logging.basicConfig(level=logging.CRITICAL if is_quiet else logging.WARNING, stream=sys.stderr)
    # The jobs tell of their own failures; what it adds is a traceback for each one cut short at the end.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            mask,
            structlog.dev.ConsoleRenderer()
            if is_terminal
            else structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take tokens out of every value, and line breaks with them, so that chat cannot forge a line."""
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = masked(value)
    return event


def masked(text: str) -> str:
    """`text` on one line, without the tokens in it."""
    return SECRETS.sub(r"\1***", text).replace("\n", " ").replace("\r", " ")
