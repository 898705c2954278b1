"""Logs: one event a line, values as keys, on standard error; JSON when nobody watches a terminal."""

import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from domain.sentences import Sentence
from shops.codes import ALPHABET, LENGTH

SECRETS = re.compile(r"(?i)(oauth |bearer |access_token=|refresh_token=|client_secret=)[^\s&'\"]+")
NAMED = frozenset(
    {"code", "token", "secret", "password", "authorization", "cookie", "email", "access", "refresh"}
)
"""What stands under one of these names is hidden whole."""
EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
CODE = re.compile(rf"(?<![\w-])(?=[\d_-]*[A-Z])[A-Z\d_-]*[{ALPHABET}]{{{LENGTH}}}(?![\w-])")
"""A code as we draw them, with or without a prefix; one that a retailer brought along looks like any word."""


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
            structlog.contextvars.merge_contextvars,
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
    """Take what is secret out of every value, and line breaks, so that chat cannot forge a line."""
    for name, value in event.items():
        event[name] = "***" if name in NAMED and isinstance(value, str) else _hidden(value)
    return event


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {name: "***" if name in NAMED else _hidden(one) for name, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden(one) for one in value]
    if isinstance(value, BaseException):
        return masked(str(value))
    return value


def masked(text: str) -> str:
    """`text` on one line, without the tokens, e-mail addresses and codes in it; a sentence stays one."""
    if isinstance(text, Sentence):
        hidden = text.with_values(masked)
        plain = _plain_masked(hidden)
        # What is secret only where two parts of it meet is not taken apart: then it is English everywhere.
        return hidden if plain == hidden else Sentence(plain)
    return _plain_masked(text)


def _plain_masked(text: str) -> str:
    hidden = CODE.sub("***", EMAIL.sub("***", SECRETS.sub(r"\1***", text)))
    return hidden.replace("\n", " ").replace("\r", " ")
