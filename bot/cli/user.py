"""`bateleur user …`"""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from bot.cli.audited import note
from bot.cli.opened import now, opened
from bot.cli.printing import AsJson, Row, show, tell
from domain.errors import Refusal
from domain.people import User, UserRole
from store.unit import UnitOfWork
from web.passwords import hash_password

app = typer.Typer(no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="What the user types to sign in, such as their e-mail address.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


class Language(StrEnum):
    """What the console speaks."""

    FR = "fr"
    EN = "en"


@app.command(epilog="Example:  bateleur user add ann@shop.example --role owner")
def add(
    login: Login,
    role: Annotated[UserRole, typer.Option(help="owner does all, reader only looks; see the README.")],
    name: Annotated[str, typer.Option(help="How others know them; their login if left out.")] = "",
    language: Annotated[Language | None, typer.Option(help="fr or en.")] = None,
    password_stdin: FromStdin = False,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="They sign in by OpenID Connect alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a user of the console. The password is asked for twice, and never shown."""
    if password_stdin and no_password:
        raise Refusal("Give either --password-stdin or --no-password.")
    with opened() as (settings, database):
        with database.unit(read_only=True) as unit:
            if unit.users.find(login) is not None:
                raise Refusal(f"There is a user {login} already; see `bateleur user list`.")
        hashed = "" if no_password else hash_password(_password(is_piped=password_stdin))
        spoken = language or settings.locale.partition("-")[0]
        with database.unit() as unit:
            user = unit.users.add(login, name, role, spoken, now(), hashed)
            note(unit, "user_added", f"user {user.login}", {}, {"role": user.role, "name": user.name})
            row = _row(unit, user)
    tell(row, f"{user.login} may sign in to the console as {user.role}.", as_json=as_json)


@app.command("list", epilog="Example:  bateleur user list --json")
def list_(as_json: AsJson = False) -> None:
    """List the users of the console."""
    with opened() as (_, database), database.unit(read_only=True) as unit:
        rows = [_row(unit, user) for user in unit.users.list()]
    show(rows, as_json=as_json, title="Users", empty="No user yet: bateleur user add LOGIN --role owner")


@app.command(epilog="Example:  bateleur user password ann@shop.example")
def password(login: Login, password_stdin: FromStdin = False, as_json: AsJson = False) -> None:
    """Give a user another password. Whoever is signed in as them is signed out."""
    with opened() as (_, database):
        with database.unit(read_only=True) as unit:
            _found(unit, login)
        hashed = hash_password(_password(is_piped=password_stdin))
        with database.unit() as unit:
            user = _found(unit, login)
            unit.users.set_password(user.id, hashed)
            note(unit, "password_changed", f"user {user.login}")
            row = _row(unit, user)
    tell(row, f"{user.login} has another password, and is signed out everywhere.", as_json=as_json)


@app.command(epilog="Example:  bateleur user change ann@shop.example --role marketer")
def change(
    login: Login,
    role: Annotated[UserRole | None, typer.Option(help="Another role.")] = None,
    disable: Annotated[bool | None, typer.Option("--disable/--enable", help="Shut out or let in.")] = None,
    as_json: AsJson = False,
) -> None:
    """Change a user's role, or shut them out: that takes effect at once, on open pages too."""
    if role is None and disable is None:
        raise Refusal("Say what to change: --role ROLE, --disable or --enable.")
    with opened() as (_, database), database.unit() as unit:
        before = _found(unit, login)
        user = unit.users.change(before.id, role=role, is_disabled=disable)
        note(unit, "user_changed", f"user {user.login}", _standing(before), _standing(user))
        row = _row(unit, user)
    how = "is shut out" if user.is_disabled else f"may sign in as {user.role}"
    tell(row, f"{user.login} {how}.", as_json=as_json)


def _password(*, is_piped: bool) -> str:
    """The new password, typed twice, or the first line of standard input."""
    if is_piped:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refusal("Nobody is at a terminal to type the password: give it by --password-stdin.")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt="Once more", err=True)
    return typed


def _found(unit: UnitOfWork, login: str) -> User:
    user = unit.users.find(login)
    if user is None:
        raise Refusal(f"There is no user {login}; see `bateleur user list`.")
    return user


def _standing(user: User) -> dict[str, Any]:
    return {"role": user.role, "is_disabled": user.is_disabled}


def _row(unit: UnitOfWork, user: User) -> Row:
    return {
        "login": user.login,
        "name": user.name,
        "role": user.role.value,
        "language": user.language,
        "password": bool(unit.users.password_hash(user.id)),
        "may_sign_in": not user.is_disabled,
    }
