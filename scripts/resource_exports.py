"""Writes what programs import, from the files in stripe_resources/kinds/:

- stripe_resources/__init__.py, the kinds and their arguments;
- stripe_resources/types.py, the shapes of what is inside arguments;
- in each kind's class, its arguments as outputs.

python -m scripts.resource_exports            writes it
python -m scripts.resource_exports --check    fails where it is stale
"""

from __future__ import annotations

import ast
import importlib
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Awaitable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import pulumi

from scripts.generated import run

PACKAGE = Path(__file__).resolve().parents[1] / "stripe_resources"
TARGET = PACKAGE / "__init__.py"
TYPES = PACKAGE / "types.py"
COMMAND = "python -m scripts.resource_exports"
ERRORS = ("ConfigurationError", "Refused", "StripeError", "Unreachable")

TEXT = '''\
"""Stripe billing as Pulumi resources:
{kinds}

Arguments have Stripe's names and shapes. What is wrong with them is said by `pulumi preview`, all at once and before any request.
The account is chosen by configuration: `stripe:apiKey` (or STRIPE_API_KEY, which wins), `stripe:livemode`, `stripe:account`,
`stripe:apiBase` (or STRIPE_API_BASE).

Written by `python -m scripts.resource_exports`.
"""

from stripe_client.errors import {errors}

from .configuration import require_known_settings
{imports}
from .resource import StripeResource

__all__ = [
{names}
]

for _error in ({errors}):
    _error.__module__ = __name__  # users read this name before every error that the provider host reports
'''

TYPES_TEXT = '''\
"""The shapes inside arguments, for what a program builds beside a resource:

    from stripe_resources.types import Tier

    tiers: list[Tier] = [{{"up_to": 1000, "unit_amount": 4}}, {{"up_to": "inf", "unit_amount": 3}}]

What each one has is in docs/resources.md. The arguments of whole resources (`PriceArgs`) are in `stripe_resources`.

Written by `python -m scripts.resource_exports`.
"""

{imports}

__all__ = [
{names}
]
'''

BEGIN = f"    # arguments: begin (written by `{COMMAND}`)\n"
END = "    # arguments: end\n"


def kinds(folder: Path = PACKAGE / "kinds") -> Iterator[tuple[str, str]]:
    """(module, kind) of each file. Raises SystemExit for a file without the two classes that programs import."""
    for path in sorted(folder.glob("[!_]*.py")):
        classes = {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef)}
        kind = path.stem.title().replace("_", "")
        if not {kind, f"{kind}Args"} <= classes:
            raise SystemExit(f"{path.name} needs the classes {kind} and {kind}Args; what several kinds have is in fields.py")
        yield path.stem, kind


def text() -> str:
    """The package's text."""
    found = list(kinds())
    classes = [name for _, kind in found for name in (kind, f"{kind}Args")]
    names = [*sorted([*classes, *ERRORS, "StripeResource"]), "require_known_settings"]
    listed = ", ".join(f"`{kind}`" for _, kind in found) + "."
    return TEXT.format(
        kinds=textwrap.fill(listed, 130),
        errors=", ".join(ERRORS),
        imports="\n".join(f"from .kinds.{module} import {kind}, {kind}Args" for module, kind in found),
        names=_names(names),
    )


def _names(names: list[str]) -> str:
    return "\n".join(f'    "{name}",' for name in names)


def _formatted(path: Path, written: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(path), "-"]
    return subprocess.run(command, input=written, capture_output=True, text=True, check=True).stdout


# -- the shapes inside arguments


def types_text() -> str:
    """The text of `stripe_resources.types`. Raises SystemExit where two shapes have one name."""
    found: dict[str, str] = {}
    for module in ("fields", *(f"kinds.{m}" for m, _ in kinds()), "vocabulary"):
        for name in _types_in(importlib.import_module(f"stripe_resources.{module}")):
            if found.setdefault(name, module) != module:
                raise SystemExit(f"{name} is in {found[name]} and in {module}; give one of them another name")
    modules = sorted(set(found.values()))
    imports = (f"from .{m} import {', '.join(n for n in sorted(found, key=str.lower) if found[n] == m)}" for m in modules)
    return _formatted(TYPES, TYPES_TEXT.format(imports="\n".join(imports), names=_names(sorted(found))))


def _types_in(module: ModuleType) -> Iterator[str]:
    """The names of the types that a module defines, without the arguments of whole resources."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name) if is_typeddict(vars(module)[name]) and not name.endswith("Args"):
                yield name
            case ast.Assign(targets=[ast.Name(id=name)]) if get_origin(vars(module)[name]) in (Literal, Mapping):
                yield name


# -- arguments as outputs


def kind_text(path: Path) -> str:
    """A kind's file with its arguments as outputs. Raises SystemExit where there is no place for them."""
    module = importlib.import_module(f"stripe_resources.kinds.{path.stem}")
    before, begun, rest = path.read_text().partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise SystemExit(f"{path.name} has no place for the outputs, between\n{BEGIN}{END}")
    return _formatted(path, f"{before}{BEGIN}{''.join(_outputs(module, after))}{END}{after}")


def _outputs(module: ModuleType, after: str) -> Iterator[str]:
    """A line for each argument, without those that the class says more about itself."""
    kind = module.__name__.rpartition(".")[2].title().replace("_", "")
    for name, hint in get_type_hints(vars(module)[f"{kind}Args"]).items():
        if f"\n    {name}: " not in f"\n{after}":
            yield f"    {name}: pulumi.Output[{_output(hint, vars(module))}]\n"


def _output(hint: Any, names: Mapping[str, Any]) -> str:
    """What an input comes out as: without what was there later. Objects are of any type, so that they can be inputs again."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_typeddict(hint):
        return "Any"
    if origin is Literal:
        alias = next((n for n, value in names.items() if value == hint), None)
        return alias or f"Literal[{', '.join(map(repr, arguments))}]".replace("'", '"')
    if origin in (Union, UnionType):
        other = (NoneType, Decimal, datetime)  # the last two come out as text and as Unix seconds
        kept = [a for a in arguments if a not in other and get_origin(a) not in (pulumi.Output, Awaitable)]
        return " | ".join(_output(a, names) for a in kept)
    if origin is not None:
        return f"{origin.__name__}[{', '.join(_output(a, names) for a in arguments)}]"
    return str(hint.__name__)


def main() -> int:
    """Writes or checks all files; the package first, without which a new kind cannot be imported."""
    stale = run(__doc__, COMMAND, TARGET, text)
    for module, _ in kinds():
        path = PACKAGE / "kinds" / f"{module}.py"
        stale |= run(__doc__, COMMAND, path, partial(kind_text, path))
    return stale | run(__doc__, COMMAND, TYPES, types_text)


if __name__ == "__main__":
    sys.exit(main())
