"""Programs of the machine that some tests need."""

import os
import shutil

import pytest

CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""What the system's Chromium may be called; the first has no window to draw, and takes half the time."""


def found(*programs: str) -> str | None:
    """Where the first of `programs` is that the machine has; None when it has none of them."""
    return next((path for name in programs if (path := shutil.which(name))), None)


def needed(program: str, sentence: str, *others: str) -> str:
    """Where `program` is, or one of the `others` that do as well. Without any a bare machine passes the test
    over and says why; CI fails."""
    path = found(program, *others)
    if not path and not os.environ.get("CI"):
        pytest.skip(sentence)
    assert path, sentence
    return path
