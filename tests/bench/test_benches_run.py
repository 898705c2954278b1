"""The benches still run; what they measure is theirs to say."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("bench", "words", "shown"),
    [
        ("answers", (), "a message each"),
        ("claims", ("--claims", "50", "--only", "sqlite"), "floor"),
        ("crowd", ("--viewers", "200", "--baseline-viewers", "20"), "afternoon bot"),
        ("price", ("--seconds", "1", "--baseline-seconds", "0.1"), "afternoon bot"),
        ("evening", ("--messages", "3000"), "remembers everything"),
        ("page", ("--seconds", "0.5"), "Not Found"),
        ("reconcile", ("--orders", "500"), "all read, then written"),
        ("webhooks", ("--seconds", "0.5", "--baseline-seconds", "0.2"), "naive handler"),
        ("log", ("--rows", "6000", "--views", "20"), "afternoon log"),
    ],
)
def test_a_small_run_prints_its_table(bench: str, words: tuple[str, ...], shown: str) -> None:
    command = [sys.executable, "-m", f"bench.{bench}", *words]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ran.returncode in (0, 1), ran.stderr  # 1: so small a run may miss the needed figure
    assert shown in ran.stdout
    assert "Bateleur" in ran.stdout or "ours" in ran.stdout
    assert "Traceback" not in ran.stderr
