"""Checks of the source that no other tool makes: `make check` runs it.

It reports states that are spelled as text, names that stand for two things, words that only insiders know, dataclasses
that can't be the key of a mail, files of more than 300 lines (tests too), functions of more than 40, and files that a
document names and nobody finds.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "digest"
TESTS = ROOT / "tests"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40
# What earlier versions called things; nobody guesses what these words mean here.
PRIVATE_WORDS = re.compile(r"\b(moulds?|newsstand|shelf|shelves|reckoning|pour(s|ed|ing)?)\b", re.IGNORECASE)
PRIVATE_NAMES = frozenset({"told"})
# Several modules of these names are what a reader expects: a store, the models and the states of each stage, and one
# page or command group for each kind of thing.
REPEATED_MODULES = frozenset({"__init__", "models", "store", "states", "forms"})
MAKERS_OF_MAILS = ("deliveries", "mail")  # the packages whose objects are keys of mails (`Mail.key`)
NAMED_FILE = re.compile(r"`((?:digest|tests|tools|benchmarks|docs|templates|migrations)/[\w/.-]+)(?:::\w+)?`")
FACES = ("admin", "api", "cli", "sample", "web")


def state_values() -> frozenset[str]:
    """Every value of a state that is stored, as the stages' `states.py` define them."""
    values = set()
    for path in PACKAGE.glob("*/states.py"):
        module = import_module(f"digest.{path.parent.name}.states")
        for name, member in vars(module).items():
            if isinstance(member, type) and issubclass(member, StrEnum) and name.endswith("State"):
                values |= {state.value for state in member if state.value}
    return frozenset(values)


def bare_states(tree: ast.AST, values: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Line and text of every state that is spelled as text where states are compared, stored or matched."""
    for node in ast.walk(tree):
        for candidate in _state_positions(node):
            yield from _texts_in(candidate, values)


def _state_positions(node: ast.AST) -> Sequence[ast.expr]:
    """The expressions of a node in which a state stands: compared, passed, assigned, matched, or a row's value."""
    match node:
        case ast.Compare(left=left, comparators=comparators) if any(
            map(_names_a_state, (left, *comparators))
        ):
            return (left, *comparators)
        case ast.keyword(arg="state" | "states" | "only_from", value=value):
            return (value,)
        case ast.Assign(targets=[ast.Attribute(attr="state")], value=value) | ast.MatchValue(value=value):
            return (value,)
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="state"), attr="in_"), args=args):
            return args
        case ast.Dict(keys=keys, values=row):
            pairs = zip(keys, row, strict=True)
            return [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "state"]
        case _:
            return ()


def _names_a_state(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name == "state" or name.endswith("_state")


def _texts_in(node: ast.expr, values: frozenset[str]) -> Iterator[tuple[int, str]]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value in values:
            yield part.lineno, part.value


def private_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every variable or parameter with a name that says nothing."""
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else node.arg if isinstance(node, ast.arg) else ""
        if name in PRIVATE_NAMES and not (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            yield getattr(node, "lineno", 0), name


def unhashable_dataclasses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every dataclass without a hash: one that can change, but is compared by its values.

    mypy takes such a class for a `Hashable`.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text.startswith("dataclass") and "frozen=True" not in text and "eq=False" not in text:
                    yield node.lineno, node.name


def long_functions(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and name of every function over `MAX_FUNCTION_LINES`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION_LINES:
                yield node.lineno, f"{node.name} ({lines} lines)"


def long_file(path: Path) -> Iterator[str]:
    """The problem of a file over `MAX_FILE_LINES`."""
    lines = path.read_text(encoding="utf-8").count("\n")
    if lines > MAX_FILE_LINES:
        yield f"{path.relative_to(ROOT)}: {lines} lines; split it (at most {MAX_FILE_LINES})"


def check_file(path: Path, values: frozenset[str]) -> Iterator[str]:
    """What is wrong in one file, a line for each."""
    name = path.relative_to(ROOT)
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    yield from long_file(path)
    for line, function in long_functions(tree):
        yield f"{name}:{line}: {function}; split it (at most {MAX_FUNCTION_LINES} lines)"
    for line, variable in private_names(tree):
        yield f"{name}:{line}: a variable named {variable}; name it after what it holds"
    for line, class_name in unhashable_dataclasses(tree) if name.parts[1] in MAKERS_OF_MAILS else ():
        yield f"{name}:{line}: {class_name} has no hash; make it frozen, or compare it by identity (eq=False)"
    for number, line_text in enumerate(text.splitlines(), 1):
        if (
            found := PRIVATE_WORDS.search(line_text)
        ) and '"reckoning":' not in line_text:  # a JSON key that stayed
            yield f'{name}:{number}: "{found[0]}"; use the word that the field has'
    for line, state in bare_states(tree, values) if path.name != "states.py" else ():
        yield f'{name}:{line}: the state "{state}" as text; use its enum (states.py)'


def repeated_names(paths: Sequence[Path]) -> Iterator[str]:
    """Modules and classes whose name stands for two things."""
    modules, classes = defaultdict(list), defaultdict(list)
    for path in paths:
        parts = path.relative_to(PACKAGE).parts
        if parts[0] not in FACES and "store" not in parts[:-1] and path.stem not in REPEATED_MODULES:
            modules[path.stem].append(path)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes[node.name].append(path)
    for kind, names in (("module", modules), ("class", classes)):
        for name, places in sorted(names.items()):
            if len(places) > 1:
                where = ", ".join(str(place.relative_to(ROOT)) for place in places)
                yield f"two things are a {kind} named {name}: {where}"


def documents() -> list[Path]:
    """Every document that speaks of the present; decisions and the changelog name what was there on their day."""
    written = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    past = ROOT / "docs" / "decisions"
    return sorted(path for path in written if past not in path.parents and path.name != "CHANGELOG.md")


def missing_files(document: Path) -> Iterator[str]:
    """The files that a document names, and that are not there."""
    for number, line in enumerate(document.read_text(encoding="utf-8").splitlines(), 1):
        for name in NAMED_FILE.findall(line):
            if not (ROOT / name).exists():
                yield f"{document.relative_to(ROOT)}:{number}: {name} is not there; was it renamed?"


def main() -> int:
    """Print what is wrong; the exit status is 1 when anything is."""
    paths = sorted(PACKAGE.rglob("*.py"))
    values = state_values()
    problems = [problem for path in paths for problem in check_file(path, values)]
    problems += repeated_names(paths)
    problems += [problem for path in sorted(TESTS.rglob("*.py")) for problem in long_file(path)]
    problems += [problem for path in documents() for problem in missing_files(path)]
    print("\n".join(problems) or f"{len(paths)} files of digest/ pass the checks of names, states and sizes")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
