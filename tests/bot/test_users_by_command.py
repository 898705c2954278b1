"""`bateleur user …`: who may sign in to the console, and what the audit log keeps of it."""

import getpass
import os
import pty
import re
import subprocess
import sys

import pytest

from domain.people import UserRole
from store.database import open_database
from tests.bot.shell import Shell
from web.passwords import is_password

WORD = "a long enough word"
ANN = ("user", "add", "Ann@Shop.example", "--role", "owner", "--password-stdin")


@pytest.fixture
def ann(bateleur: Shell) -> Shell:
    """A shell where Ann is owner."""
    bateleur(*ANN, piped=f"{WORD}\n")
    return bateleur


def hash_of(shell: Shell, login: str) -> str:
    database = open_database(shell.url)
    with database.unit(read_only=True) as unit:
        user = unit.users.find(login)
        assert user is not None
        kept = unit.users.password_hash(user.id)
    database.close()
    return kept


def test_a_first_owner_is_added_and_listed(bateleur: Shell) -> None:
    assert "bateleur user add LOGIN --role owner" in bateleur("user", "list")
    said = bateleur(*ANN, "--name", "Ann", piped=f"{WORD}\n")
    assert "ann@shop.example may sign in to the console as owner." in said
    assert WORD not in said
    (row,) = bateleur.json("user", "list")
    assert {
        "login": "ann@shop.example",
        "name": "Ann",
        "role": "owner",
        "language": "fr",
        "password": True,
        "may_sign_in": True,
    } == row
    assert is_password(WORD, hash_of(bateleur, "ann@shop.example"))


def test_a_user_without_a_password_is_for_openid_connect_alone(bateleur: Shell) -> None:
    words = ("user", "add", "bob", "--role", "reader", "--language", "en", "--no-password")
    row = bateleur.json(*words)
    assert [False, "en"] == [row["password"], row["language"]]
    assert not is_password("", hash_of(bateleur, "bob"))


def test_every_change_is_in_the_audit_log_as_the_machines_user_and_holds_no_password(ann: Shell) -> None:
    ann("user", "add", "bob", "--role", "owner", "--no-password")
    ann("user", "password", "ann@shop.example", "--password-stdin", piped="another long word\n")
    ann("user", "change", "bob", "--role", "marketer", "--disable")
    kept = ann.audited()
    actions = [(one.action, one.subject) for one in kept]
    assert [
        ("user_added", "user ann@shop.example"),
        ("user_added", "user bob"),
        ("password_changed", "user ann@shop.example"),
        ("user_changed", "user bob"),
    ] == actions
    assert {f"{getpass.getuser()} (shell)"} == {one.who for one in kept}
    assert [
        {"role": "owner", "is_disabled": False},
        {"role": "marketer", "is_disabled": True},
    ] == [kept[-1].before, kept[-1].after]
    assert WORD not in str(kept)


def test_a_new_password_replaces_the_old_one(ann: Shell) -> None:
    said = ann("user", "password", "ANN@shop.example", "--password-stdin", piped="another long word\n")
    assert "signed out everywhere" in said
    hashed = hash_of(ann, "ann@shop.example")
    assert [False, True] == [is_password(word, hashed) for word in (WORD, "another long word")]


def test_a_user_is_shut_out_and_let_in_again(ann: Shell) -> None:
    ann("user", "add", "bob", "--role", "reader", "--no-password")
    assert "bob is shut out." in ann("user", "change", "bob", "--disable")
    assert [True, False] == [row["may_sign_in"] for row in ann.json("user", "list")]
    assert "bob may sign in as moderator." in ann(
        "user", "change", "bob", "--enable", "--role", UserRole.MODERATOR
    )


@pytest.mark.parametrize(
    ("words", "piped", "sentence"),
    [
        (ANN, WORD, "There is a user Ann@Shop.example already"),
        (("user", "add", "bob", "--role", "reader", "--password-stdin"), "short", "10 to 200 characters"),
        (("user", "add", "bob", "--role", "reader", "--password-stdin"), "", "10 to 200 characters"),
        (("user", "add", " ", "--role", "reader", "--no-password"), "", "A user needs a login"),
        (("user", "add", "two words", "--role", "reader", "--no-password"), "", "A login is one word"),
        (("user", "add", "e\u202ebob", "--role", "reader", "--no-password"), "", "A login is one word"),
        (("user", "add", "b" * 201, "--role", "reader", "--no-password"), "", "at most 200 characters"),
        (("user", "add", "bob", "--role", "reader"), WORD, "--password-stdin"),
        (
            ("user", "add", "bob", "--role", "reader", "--password-stdin", "--no-password"),
            WORD,
            "Give either",
        ),
        (("user", "password", "bob", "--password-stdin"), WORD, "There is no user bob"),
        (("user", "password", "ann@shop.example", "--password-stdin"), "short", "10 to 200 characters"),
        (("user", "change", "bob", "--disable"), "", "There is no user bob"),
        (("user", "change", "ann@shop.example"), "", "Say what to change"),
        (("user", "change", "ann@shop.example", "--disable"), "", "One owner must be left"),
        (("user", "change", "ann@shop.example", "--role", "reader"), "", "One owner must be left"),
    ],
)
def test_a_refusal_is_one_sentence_and_changes_nothing(
    ann: Shell, words: tuple[str, ...], piped: str, sentence: str
) -> None:
    before = (ann.json("user", "list"), hash_of(ann, "ann@shop.example"), ann.audited())
    assert sentence in ann.refused(*words, piped=piped)
    assert before == (ann.json("user", "list"), hash_of(ann, "ann@shop.example"), ann.audited())


def test_a_role_that_does_not_exist_is_a_usage_error(bateleur: Shell) -> None:
    bateleur("user", "add", "bob", "--role", "emperor", "--no-password", exit_code=2)


def test_on_a_terminal_the_password_is_asked_for_twice_and_never_shown(bateleur: Shell) -> None:
    ours, theirs = pty.openpty()
    program = subprocess.Popen(
        [sys.executable, "-m", "bot", "user", "add", "ann", "--role", "owner"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=bateleur.folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    for prompt in (rb"Password", rb"Once more"):
        while not re.search(prompt + rb".*: $", shown):
            shown += os.read(ours, 1_000)
        os.write(ours, f"{WORD}\n".encode())
    while b"may sign in" not in shown:
        shown += os.read(ours, 1_000)
    assert 0 == program.wait()
    os.close(ours)
    assert WORD.encode() not in shown
    assert is_password(WORD, hash_of(bateleur, "ann"))
