import pytest

from commands.registry import COMMANDS, all_aliases
from domain.chat import Role
from domain.errors import ActionRequired


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("prix", "price"), ("code", "code"), ("lien", "link"), ("stock", "stock"), ("aide", "help"),
        ("produit", "product"), ("drop", "drop"), ("stop", "stop"), ("live", "live"),
        ("price", "price"), ("link", "link"), ("help", "help"), ("product", "product"),
    ],
)  # fmt: skip
def test_every_command_of_the_contract_is_known_in_french_and_english(typed: str, name: str) -> None:
    assert all_aliases()[typed] == name


def test_no_name_belongs_to_two_commands() -> None:
    owners: dict[str, set[str]] = {}
    for command in COMMANDS.values():
        for names in command.names.values():
            for name in names:
                owners.setdefault(name, set()).add(command.name)
    assert {name: owned for name, owned in owners.items() if len(owned) > 1} == {}


def test_orders_are_for_moderators_and_questions_for_everyone() -> None:
    assert {name for name, command in COMMANDS.items() if command.role is Role.MODERATOR} == {
        "product", "drop", "stop", "live"
    }  # fmt: skip


def test_the_retailers_aliases_are_added_whatever_their_accents() -> None:
    aliases = all_aliases({"Réduc": "code", "!Combien": "prix"})
    assert (aliases["reduc"], aliases["combien"]) == ("code", "price")


@pytest.mark.parametrize(
    ("alias", "target", "why"),
    [
        ("mon code", "code", "cannot be typed"),
        ("", "code", "cannot be typed"),
        ("x", "nope", "no command"),
        ("prix", "code", "already"),
    ],
)
def test_an_alias_that_cannot_work_is_refused_with_the_reason(alias: str, target: str, why: str) -> None:
    with pytest.raises(ActionRequired, match=why):
        all_aliases({alias: target})
