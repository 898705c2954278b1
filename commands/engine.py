"""From a batch of messages to the answers, inside one unit of work that the caller commits."""

import hashlib
import os
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import replace

import structlog

from commands.cooldowns import CoolDowns
from commands.deeds import note_deeds
from commands.parsing import parse
from commands.registry import COMMANDS, Command, all_aliases
from commands.scene import Asked, Scene
from commands.texts.sentences import tell
from domain.answers import Answer, Priority
from domain.chat import Message, Role
from domain.errors import ActionRequired, Fault, Refusal
from store.unit import UnitOfWork

log = structlog.get_logger()
_RUN = os.urandom(16)


class Engine:
    """The commands of one process. Not for use by several threads at once."""

    def __init__(
        self,
        aliases: Mapping[str, str] | None = None,
        commands: Mapping[str, Command] = COMMANDS,
        cooldowns: CoolDowns | None = None,
    ) -> None:
        self.commands = commands
        self.aliases = dict(aliases) if aliases is not None else all_aliases(commands=commands)
        self.cooldowns = cooldowns if cooldowns is not None else CoolDowns()

    def answer(self, batch: Sequence[Message], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        """The answers to what is asked in `batch`; see `answer_asked`."""
        read = [asked for message in batch if (asked := self.read(message)) is not None]
        return self.answer_asked(read, scene, unit)

    def answer_asked(self, asked: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        """The answers to what was `asked` in one live.

        Moderators' orders go first, in order, each seen by all that follows. A handler that fails costs the
        ask that made it fail, and is logged. Raises `ActionRequired` and a retryable `Fault`: then the whole
        batch must wait.
        """
        answers: list[Answer] = []
        groups: dict[str, list[Asked]] = {}
        for one in asked:
            if not self._may_ask(one, scene):
                continue
            command = self.commands[one.parsed.name]
            if command.role >= Role.MODERATOR:
                answers += self._run(command, [one], scene, unit)
                scene = scene.reread(unit)
            else:
                groups.setdefault(command.name, []).append(one)
        for name in sorted(groups, key=lambda name: self.commands[name].priority):
            answers += self._run(self.commands[name], groups[name], scene, unit)
        return answers

    def read(self, message: Message) -> Asked | None:
        """The command in `message` that its author may give, or None: history, chatter, or not for them."""
        if message.is_backfill:
            return None
        parsed = parse(message.text, self.aliases)
        if parsed is None:
            return None
        role = self.commands[parsed.name].role
        # Orders stand at the beginning of a line: a moderator who writes «je fais !stop bientôt» gives none.
        if message.author.role < role or (role >= Role.MODERATOR and not parsed.is_leading):
            return None
        return Asked(message, parsed)

    def _may_ask(self, asked: Asked, scene: Scene) -> bool:
        author = asked.message.author
        if author.role >= Role.MODERATOR:
            return True
        key = (author.platform, author.id, asked.parsed.name)
        seconds = self.commands[asked.parsed.name].viewer_cooldown_s
        return self.cooldowns.passes(key, (asked.message.channel, asked.message.id), seconds, scene.now)

    def _run(self, command: Command, asks: Sequence[Asked], scene: Scene, unit: UnitOfWork) -> list[Answer]:
        began = time.monotonic()
        try:
            with unit.savepoint():
                answers = command.handler(asks, scene, unit)
                note_deeds(answers, scene, unit)
        except ActionRequired:
            raise
        except Refusal as refusal:
            if len(asks) == 1:
                return _refused(asks[0], refusal, scene)
            return self._one_by_one(command, asks, scene, unit)
        except Exception as error:
            if isinstance(error, Fault) and error.is_retryable:
                raise
            if len(asks) == 1:
                _log_failure(command, asks[0], error)
                return []
            return self._one_by_one(command, asks, scene, unit)
        _log_answered(command, asks, answers, scene, time.monotonic() - began)
        return [answer for answer in answers if self._may_say(command, answer, scene)]

    def _one_by_one(
        self, command: Command, asks: Sequence[Asked], scene: Scene, unit: UnitOfWork
    ) -> list[Answer]:
        return [answer for asked in asks for answer in self._run(command, [asked], scene, unit)]

    def _may_say(self, command: Command, answer: Answer, scene: Scene) -> bool:
        key = (answer.channel, answer.text)
        return self.cooldowns.passes(key, scene.now, command.answer_cooldown_s, scene.now)


def _refused(asked: Asked, refusal: Refusal, scene: Scene) -> list[Answer]:
    """A rule's sentence goes to moderators, who can act on it; a viewer is not bothered with it."""
    if asked.message.author.role < Role.MODERATOR:
        return []
    reason = tell(scene.catalogue.language(scene.language), refusal.sentence)
    answer = scene.answer(asked, "refused.moderator", Priority.MODERATOR, reason=reason)
    return [replace(answer, refusal=refusal.sentence)]


def _log_answered(
    command: Command, asks: Sequence[Asked], answers: Sequence[Answer], scene: Scene, took_s: float
) -> None:
    """The one line of a command: of all who gave it at once, for a crowd is not worth a thousand lines."""
    about = {"message_id": asks[0].message.id, "viewer_ref": _ref(asks[0])} if len(asks) == 1 else {}
    log.info(
        "command_answered",
        command=command.name,
        live=scene.live.id if scene.live else None,
        channels=sorted({one.message.channel for one in asks}),
        asked=len(asks),
        answered=len(answers),
        granted=sum(len(answer.grants) for answer in answers),
        took_ms=round(took_s * 1_000, 1),
        **about,
    )


def _ref(asked: Asked) -> str:
    """What tells one viewer's lines from another's until the program ends, and never who it is."""
    author = asked.message.author
    return hashlib.blake2b(f"{author.platform}:{author.id}".encode(), key=_RUN, digest_size=6).hexdigest()


def _log_failure(command: Command, asked: Asked, error: Exception) -> None:
    """Where it failed, but not what the error says: a database error quotes its values, codes among them."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    log.error(
        "command_failed",
        command=command.name,
        message_id=asked.message.id,
        viewer_ref=_ref(asked),
        error=type(error).__name__,
        where=f"{frame.name}:{frame.lineno}",
    )
