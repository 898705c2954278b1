"""What chat can ask: every command by its name."""

from collections.abc import Mapping
from dataclasses import dataclass

from commands import code, drop, help, link, live, price, product, stock, stop
from commands.parsing import alias_key
from commands.scene import Handler
from domain.answers import Priority
from domain.chat import Role
from domain.errors import ActionRequired

VIEWER_COOLDOWN_S = 5.0


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `names` are what may be typed, by language; all of them work in every live.

    `viewer_cooldown_s`: how long the same viewer's next ask of it is passed over (moderators never wait).
    `answer_cooldown_s`: how long the same text is not said again in a channel; 0.0 leaves it to the planner.
    """

    name: str
    names: Mapping[str, tuple[str, ...]]
    role: Role
    handler: Handler
    priority: Priority
    viewer_cooldown_s: float = VIEWER_COOLDOWN_S
    answer_cooldown_s: float = 0.0


def _viewers(
    name: str, fr: str, en: str, handler: Handler, priority: Priority, *, answer_cooldown_s: float = 0.0
) -> Command:
    names = {"fr": tuple(fr.split()), "en": tuple(en.split())}
    return Command(name, names, Role.VIEWER, handler, priority, answer_cooldown_s=answer_cooldown_s)


def _moderators(name: str, fr: str, en: str, handler: Handler) -> Command:
    names = {"fr": tuple(fr.split()), "en": tuple(en.split())}
    return Command(name, names, Role.MODERATOR, handler, Priority.MODERATOR, viewer_cooldown_s=0.0)


COMMANDS: Mapping[str, Command] = {
    command.name: command
    for command in (
        _viewers("price", "prix tarif", "price", price.handle, Priority.PRICE),
        _viewers("code", "code codepromo promo", "code promocode", code.handle, Priority.CODE),
        _viewers("link", "lien", "link", link.handle, Priority.PRICE),
        _viewers("stock", "stock", "stock", stock.handle, Priority.PRICE),
        _viewers("help", "aide commandes", "help", help.handle, Priority.CHATTER, answer_cooldown_s=5.0),
        _moderators("product", "produit", "product", product.handle),
        _moderators("drop", "drop", "drop", drop.handle),
        _moderators("stop", "stop", "stop", stop.handle),
        _moderators("live", "live", "live", live.handle),
    )
}


def all_aliases(
    extra: Mapping[str, str] | None = None, commands: Mapping[str, Command] = COMMANDS
) -> dict[str, str]:
    """Every typed name, folded, to its command's name; `extra` holds the retailer's own, alias to command.

    Raises `ActionRequired` for an alias that cannot be typed, that names no command, or that is another's.
    """
    aliases: dict[str, str] = {}
    for command in commands.values():
        for name in (command.name, *(name for names in command.names.values() for name in names)):
            aliases[alias_key(name)] = command.name
    own = dict(aliases)
    for alias, target in (extra or {}).items():
        key = alias_key(alias.removeprefix("!"))
        target_name = own.get(alias_key(target.removeprefix("!")))
        if not key.isalnum():
            raise ActionRequired(f"The alias «{alias}» cannot be typed: use letters and digits only.")
        if target_name is None:
            raise ActionRequired(f"The alias «{alias}» is for «{target}», which is no command.")
        if own.get(key, target_name) != target_name:
            raise ActionRequired(f"The alias «{alias}» is already the name of the command «{own[key]}».")
        aliases[key] = target_name
    return aliases
