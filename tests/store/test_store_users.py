"""Users, their sessions, and the audit log, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Refusal
from domain.people import RIGHTS, Right, User, UserRole
from store.database import Database
from store.users import IDLE, LONGEST

NOW = datetime(2026, 11, 26, 20, 0, tzinfo=UTC)


def _added(database: Database, login: str = "Ann@Shop.example", role: UserRole = UserRole.OWNER) -> User:
    with database.unit() as unit:
        user = unit.users.add(login, "Ann", role, "fr", NOW, "a hash")
        unit.users.sign_in(user.id, "token of " + login, NOW)
    return user


def _signed_in(database: Database, token_hash: str, at: datetime) -> User | None:
    with database.unit(read_only=True) as unit:
        return unit.users.signed_in(token_hash, at)


def test_a_login_is_one_user_whatever_its_case(database: Database) -> None:
    user = _added(database)
    with pytest.raises(Refusal, match="a user of that login already"):
        _added(database, "  ann@shop.EXAMPLE ")
    with database.unit() as unit:
        assert user == unit.users.find(" ANN@shop.example")
        assert [user] == unit.users.list()
        assert "a hash" == unit.users.password_hash(user.id)


def test_a_session_ends_when_idle_and_goes_on_when_used_but_not_for_ever(database: Database) -> None:
    user = _added(database)
    token = "token of Ann@Shop.example"
    assert user == _signed_in(database, token, NOW + IDLE - timedelta(seconds=1))
    assert _signed_in(database, token, NOW + IDLE + timedelta(seconds=1)) is None
    used = NOW
    while used < NOW + LONGEST - timedelta(minutes=1):
        used += timedelta(minutes=30)
        with database.unit() as unit:
            unit.users.seen(token, used)
    assert _signed_in(database, token, NOW + LONGEST - timedelta(seconds=1)) == user
    assert _signed_in(database, token, NOW + LONGEST + timedelta(seconds=1)) is None
    assert _signed_in(database, "made up", NOW) is None


def test_who_signs_out_is_disabled_or_gets_a_new_password_is_signed_in_no_more(database: Database) -> None:
    _added(database)
    for number, end in enumerate(("out", "disabled", "password")):
        user = _added(database, f"mod{number}", UserRole.MODERATOR)
        with database.unit() as unit:
            if end == "out":
                unit.users.sign_out(f"token of mod{number}")
            elif end == "disabled":
                unit.users.change(user.id, is_disabled=True)
            else:
                unit.users.set_password(user.id, "another hash")
        assert _signed_in(database, f"token of mod{number}", NOW) is None, end


def test_the_last_owner_stays(database: Database) -> None:
    owner = _added(database)
    for change in ({"is_disabled": True}, {"role": UserRole.READER}):
        with pytest.raises(Refusal, match="One owner must be left"), database.unit() as unit:
            unit.users.change(owner.id, **change)
    assert owner == _signed_in(database, "token of Ann@Shop.example", NOW)


def test_the_audit_log_tells_who_did_what_the_newest_first(database: Database) -> None:
    with database.unit() as unit:
        unit.audit.record(NOW, "ann", "offer_ended", "offer 3", {"left": 12}, {"left": 0})
        unit.audit.record(NOW, "bob", "live_closed", "live 1")
    with database.unit(read_only=True) as unit:
        actions = [entry.action for entry in unit.audit.list()]
        (ended,) = unit.audit.list(who="ann")
    assert ["live_closed", "offer_ended"] == actions
    assert ({"left": 12}, {"left": 0}) == (ended.before, ended.after)


def test_rights_follow_the_role() -> None:
    assert frozenset(Right) == RIGHTS[UserRole.OWNER]
    assert {role for role, rights in RIGHTS.items() if Right.RUN_SHOW in rights} == {
        UserRole.OWNER,
        UserRole.MODERATOR,
    }
    assert [UserRole.OWNER] == [role for role, rights in RIGHTS.items() if Right.SEE_CODES in rights]
