"""Programs of the machine that some tests need."""

import os
import shutil

import pytest


def needed(program: str, sentence: str) -> str:
    """Where `program` is. Without it a bare machine passes the test over and says why; CI fails."""
    found = shutil.which(program)
    if not found and not os.environ.get("CI"):
        pytest.skip(sentence)
    assert found, sentence
    return found
