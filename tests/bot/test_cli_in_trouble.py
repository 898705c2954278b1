"""The machine is not as it should be: one sentence on standard error, no traceback, nothing changed."""

import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.bot.shell import Shell

PATIENCE_S = 60
Started = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def started(bateleur: Shell) -> Started:
    """`bateleur …` as a process of its own."""

    def start(*words: str, **pipes: int) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.Popen(command, cwd=bateleur.folder, env=dict(os.environ), **pipes)

    return start


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"BATELEUR_LOCALE fr\n", "lines that cannot be read: BATELEUR_LOCALE"),
        (b'BATELEUR_LOCALE="fr\n', "lines that cannot be read: BATELEUR_LOCALE"),
        (b"BATELEUR_LOCALE=fr\nexport BATELEUR_TWITCH__BOT_TOKN=hush\n", "BATELEUR_TWITCH__BOT_TOKN"),
        (b"BATELEUR_TWITCH=hush\n", "BATELEUR_TWITCH"),
    ],
)
def test_a_broken_env_file_is_refused_by_every_verb(opened: Shell, text: bytes, sentence: str) -> None:
    (opened.folder / ".env").write_bytes(text)
    for verb in (("live", "close", "1"), ("doctor",), ("run",), ("db", "upgrade")):
        said = opened.refused(*verb)
        assert sentence in said
        assert "hush" not in said
    (opened.folder / ".env").unlink()
    assert "open" == opened.json("live", "show", "1")["state"]


def test_a_folder_named_env_is_somebody_elses(bateleur: Shell) -> None:
    (bateleur.folder / ".env").mkdir()
    assert [] == bateleur.json("live", "list")


def test_a_database_of_a_newer_bateleur_is_left_alone(opened: Shell) -> None:
    _set_revision(opened, "from_the_future")
    before = (opened.folder / "cli.db").read_bytes()
    for verb in (("db", "check"), ("db", "upgrade"), ("live", "close", "1"), ("run",), ("doctor",)):
        assert "newer Bateleur" in opened(*verb, exit_code=1)
    assert before == (opened.folder / "cli.db").read_bytes()


def test_a_database_without_tables_is_said_to_need_an_upgrade(bateleur: Shell) -> None:
    assert "bateleur db upgrade" in bateleur.refused("db", "check")
    said = bateleur("doctor", exit_code=1)
    assert "bateleur db upgrade" in said
    assert "Not looked at" in said
    assert {"works": True} == bateleur.json("db", "upgrade") == bateleur.json("db", "check")


def test_a_file_that_is_no_database_is_left_as_it_was(bateleur: Shell) -> None:
    junk = bateleur.folder / "cli.db"
    junk.write_bytes(b"minutes of the meeting\n" * 400)
    for verb in (("live", "list"), ("db", "upgrade"), ("db", "check"), ("run",)):
        assert "cannot be opened: file is not a database" in bateleur.refused(*verb)
    assert b"minutes of the meeting\n" * 400 == junk.read_bytes()


def test_whoever_reads_only_the_beginning_of_a_list_meets_no_traceback(
    opened: Shell, started: Started
) -> None:
    opened("codes", "generate", "1", "--count", "20000")
    process = started("codes", "list", "1", "--json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert b"[{" == process.stdout.read(2)
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(PATIENCE_S) in (0, 1, -signal.SIGPIPE)
    assert b"Traceback" not in said


def test_ctrl_c_ends_the_demo_without_a_traceback(started: Started) -> None:
    process = started(
        "demo", "--seconds", "60", "--crowd", "50", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    while "◆".encode() not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert 130 == process.returncode
    assert b"Traceback" not in said


def test_long_work_shows_a_bar_on_a_terminal_and_programs_get_json_alone(
    opened: Shell, started: Started
) -> None:
    words = ("codes", "generate", "1", "--count", "30000")
    shown, printed = _on_a_terminal(started, *words)
    assert "Adding codes" in shown
    assert "30000 codes drawn for offer 1." == printed.strip()
    shown, printed = _on_a_terminal(started, *words, "--json")
    assert "" == shown
    assert {"offer": 1, "codes": 30_000} == json.loads(printed)


def _on_a_terminal(started: Started, *words: str) -> tuple[str, str]:
    """What a terminal shows of standard error, without colours, and what goes to standard output."""
    ours, theirs = pty.openpty()
    process = started(*words, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65_536):
            shown += chunk
    except OSError:
        pass  # the terminal's other end is closed: EIO on Linux
    finally:
        os.close(ours)
    assert process.stdout is not None
    printed = process.stdout.read().decode()
    process.stdout.close()
    assert 0 == process.wait(PATIENCE_S)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode()).strip(), printed


def _set_revision(shell: Shell, revision: str) -> None:
    with sqlite3.connect(shell.folder / "cli.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
