"""The sentences of our errors, read from the sources: those that the console may show."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("domain", "store", "shops", "connectors", "commands", "web", "bot")
ONLY_AT_A_TERMINAL = (
    "bot/cli/", "bot/demo/", "bot/replay.py", "bot/settings.py", "bot/pages.py", "bot/page_configs.py",
    "commands/registry.py", "commands/texts/", "connectors/replay/", "/checks.py", "/login.py",
)  # fmt: skip
"""What these raise stops the program at its start, or answers a command typed at a terminal."""
ERRORS = {"BateleurError", "Refusal", "Fault", "ActionRequired", "Gone", "SearchTooWide"}
MAKER = "sentence"


def places(template: str) -> set[str]:
    """The names of what is put into a sentence."""
    return set(re.findall(r"\{(\w+)\}", template))


@dataclass
class Source:
    """A file of ours: its `sentences` with where they stand, and its `slips`."""

    path: str
    text: str
    sentences: list[tuple[str, str]] = field(default_factory=list)
    slips: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        tree = ast.parse(self.text)
        self._read(tree, [tree])

    def _read(self, node: ast.AST, scopes: list[ast.AST]) -> None:
        """Whatever makes a sentence in `node`; its names are looked for in `scopes`, the innermost first."""
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Call) and child.args:
                self._read_call(child, scopes)
            is_scope = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)
            self._read(child, [*scopes, child] if is_scope else scopes)

    def _read_call(self, call: ast.Call, scopes: list[ast.AST]) -> None:
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        if name not in ERRORS | {MAKER}:
            return
        given = {keyword.arg for keyword in call.keywords}
        for part in self._parts(call.args[0], scopes):
            where = f"{self.path}:{part.lineno}"
            if not isinstance(part, ast.Constant):
                self.slips.append(f"{where}: put together by hand; let sentence() do it")
                continue
            if " " not in part.value:
                continue  # the key of a text
            self.sentences.append((part.value, where))
            if name == MAKER and None not in given and given != places(part.value):
                self.slips.append(f"{where}: its places are not what it is filled with")

    def _parts(self, made: ast.expr, scopes: list[ast.AST]) -> Iterator[ast.expr]:
        """The literals that an expression may come to, and the f-strings and sums, which are none."""
        match made:
            case ast.Constant(value=str()) | ast.JoinedStr() | ast.BinOp():
                yield made
            case ast.IfExp():
                yield from self._parts(made.body, scopes)
                yield from self._parts(made.orelse, scopes)
            case ast.BoolOp(values=parts) | ast.Dict(values=parts):
                for part in parts:
                    yield from self._parts(part, scopes)
            case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")):
                yield from self._parts(table, scopes)
            case ast.Name(id=name):
                for value in _assigned(name, scopes):
                    yield from self._parts(value, scopes)


def _assigned(name: str, scopes: list[ast.AST]) -> list[ast.expr]:
    """What a name is set to, in the innermost of the scopes that sets it."""
    for scope in reversed(scopes):
        inside = scope.body if isinstance(scope, ast.Module) else list(ast.walk(scope))
        found = [
            node.value
            for node in inside
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            if any(isinstance(one, ast.Name) and one.id == name for one in _targets(node))
        ]
        if found:
            return found
    return []


def _targets(node: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return node.targets if isinstance(node, ast.Assign) else [node.target]


def sources() -> Iterator[Source]:
    """Every file of the program whose errors the console may show."""
    for room in ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not any(part in path for part in ONLY_AT_A_TERMINAL):
                yield Source(path, file.read_text(encoding="utf-8"))
