"""How two environments differ: settings, with defaults, and what the program declares for each. Secrets are compared, and never
shown; those of settings need the stack's passphrase for that.

stripe-project diff staging prod
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_local.errors import EngineError
from pulumi_local.project.config import keys, schema
from pulumi_local.project.file import ProjectFile
from stripe_client.errors import ConfigurationError
from stripe_client.project import configured

from . import settings as files

SECRET = "[secret]"
UNSET = "(not set)"
ABSENT = "(not declared)"
STRIPE_DEFAULTS = {"stripe:apiBase": "https://api.stripe.com", "stripe:livemode": "false"}
"""Those of docs/keys.md and README.md that have a value when nothing is configured."""

Row = tuple[str, str, str]
"""What, the first environment's value, the second's."""


@dataclass(frozen=True)
class Setting:
    """One setting in force."""

    value: str = field(repr=False)
    default: bool = False
    secret: bool = False
    opened: bool = True
    """Whether `value` is what it says: no secret, or one that could be decrypted."""

    @property
    def shown(self) -> str:
        """The value, and whether it is the default."""
        if self.secret:
            return SECRET
        return f"{self.value} (default)" if self.default else self.value


@dataclass(frozen=True)
class Secret:
    """What the program makes a secret of, or of a secret: it can be compared, and is not shown."""

    value: str = field(repr=False)

    def __str__(self) -> str:
        return SECRET


Field = str | Secret


@dataclass(frozen=True)
class Difference:
    """What differs, and how much is the same."""

    settings: list[Row]
    uncompared: list[str]
    """Settings that are secret in both, of which one cannot be decrypted."""
    same_settings: int
    declared: list[tuple[str, list[Row]]]
    """By resource (`Price tokens-monthly`)."""
    same_resources: int

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.settings or self.declared)


# -- reading


def settings_of(project: ProjectFile, stack: str) -> dict[str, Setting]:
    """The settings in force, by key: as an engine reads them, over the defaults of the resources. Raises SystemExit for such as
    an engine refuses."""
    own = project.settings(stack)
    decrypt = _decrypt(own.encryption_salt)
    try:
        found = configured(project.path, stack, decrypt=decrypt)
        closed = {key for key, value in found.items() if value.secret and not value.opened}
        judged = {name: d for name, d in project.config.items() if str(keys.split_path(d.key)[0]) not in closed}
        schema.validate(judged, schema.with_defaults(judged, own.config), project.name, stack, decrypt or str)
    except (ConfigurationError, EngineError) as e:
        raise SystemExit(str(e)) from None
    defaults = {key: Setting(value, default=True) for key, value in STRIPE_DEFAULTS.items()}
    return defaults | {k: Setting(v.text, v.default, v.secret, v.opened or not v.secret) for k, v in found.items()}


def _decrypt(salt: str) -> Callable[[str], str] | None:
    """What opens the secrets of the stack with this salt; None where the environment has not their passphrase."""
    from pulumi_local.state import secrets  # with its cryptography, which few need

    try:
        # A stack on the local Stripe has an empty one, see stack.py.
        return secrets.unlock(secrets.passphrase_from(os.environ) or "", salt).decrypt if salt else None
    except EngineError:
        return None


def declared(stack: str, settings: Mapping[str, Setting]) -> dict[str, dict[str, Field]]:
    """What the program declares: `Kind name` → field (`recurring.interval`) → value. Raises SystemExit where it refuses.

    It runs under mocks, with a mark in place of every secret setting that cannot be decrypted.
    """
    from stripe_resources.testing import run  # with Pulumi's SDK, which takes longer to load than the rest

    hidden = {key: s.value if s.opened else SECRET for key, s in settings.items() if s.secret}
    try:
        deployment = run(stack, files.root(), secrets=hidden)
    except Exception as e:  # a program can raise anything
        closed = ", ".join(key for key, s in settings.items() if not s.opened)
        hint = f" ({closed} cannot be decrypted: set PULUMI_CONFIG_PASSPHRASE)" if closed else ""
        raise SystemExit(f"The program refuses the settings of {stack}: {_masked(str(e), hidden)}{hint}") from None
    resources = [d for d in deployment.declared if not d.component]
    shown = {f"{d.kind} {d.name}": {**d.inputs, **({"options.protect": True} if d.protect else {})} for d in resources}
    return {name: {k: _kept(v, hidden) for k, v in _leaves(fields) if v != "null"} for name, fields in shown.items()}


def _masked(text: str, hidden: Mapping[str, str]) -> str:
    """Without what is in the secret settings; words of up to two characters stay, as in Pulumi's own output."""
    words = [word for value in hidden.values() for word in _words(value) if len(word) > 2]
    return re.sub("|".join(map(re.escape, sorted(words, key=len, reverse=True))), SECRET, text) if words else text


def _words(value: str) -> list[str]:
    """The text, and if it is JSON, the texts in it."""
    try:
        found = json.loads(value)
    except ValueError:
        return [value]
    return [value, *(str(text) for _, text in _leaves(found))]


def _kept(value: Field, hidden: Mapping[str, str]) -> Field:
    """A secret where a text has one of these in it."""
    return Secret(value) if isinstance(value, str) and _masked(value, hidden) != value else value


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _leaves(value: Any, path: str = "") -> list[tuple[str, Field]]:
    from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret

    if is_rpc_secret(value):
        return [(path, Secret(_text(unwrap_rpc_secret(value))))]
    if isinstance(value, dict) and value:
        return [leaf for key, v in value.items() for leaf in _leaves(v, f"{path}.{key}" if path else key)]
    if isinstance(value, list) and value:
        return [leaf for i, v in enumerate(value) for leaf in _leaves(v, f"{path}[{i}]")]
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # the wire knows floats only
    return [(path, _text(value))]


# -- comparing


def compare(
    settings: tuple[Mapping[str, Setting], Mapping[str, Setting]],
    resources: tuple[Mapping[str, Mapping[str, Field]], Mapping[str, Mapping[str, Field]]],
) -> Difference:
    """The differences between two environments, sorted."""
    a, b = settings
    rows, uncompared = [], []
    for key in sorted({*a, *b}):
        x, y = a.get(key, Setting(UNSET)), b.get(key, Setting(UNSET))
        if x.secret and y.secret and not (x.opened and y.opened):
            uncompared.append(key)
        elif (x.secret, x.value) != (y.secret, y.value):
            rows.append((key, x.shown, y.shown))
    left, right = resources
    changed = []
    for name in sorted({*left, *right}):
        if name not in left or name not in right:
            changed.append((name, [("", *(("declared", ABSENT) if name in left else (ABSENT, "declared")))]))
            continue
        fields = sorted({*left[name], *right[name]})
        pairs = [(f, left[name].get(f, UNSET), right[name].get(f, UNSET)) for f in fields]
        if different := [(f, str(x), str(y)) for f, x, y in pairs if x != y]:
            changed.append((name, different))
    return Difference(rows, uncompared, len({*a, *b}) - len(rows) - len(uncompared), changed, len({*left, *right}) - len(changed))


# -- showing


def render(first: str, second: str, difference: Difference) -> str:
    """The differences as a table for people."""
    declared_rows: list[Row] = []
    for name, rows in difference.declared:
        if rows[0][0] == "":
            declared_rows.append((name, *rows[0][1:]))
        else:
            declared_rows += [(name, "", ""), *((f"  {f}", x, y) for f, x, y in rows)]
    lines = _table(("setting", first, second), difference.settings)
    lines.append(f"{difference.same_settings} more settings are the same.")
    if difference.uncompared:
        lines.append(
            f"Secret in both, and not compared, for which PULUMI_CONFIG_PASSPHRASE is needed: {', '.join(difference.uncompared)}."
        )
    lines += ["", *_table(("declared", first, second), declared_rows)]
    lines.append(f"{difference.same_resources} more resources are the same.")
    return "\n".join(lines)


def _table(head: Row, rows: list[Row]) -> list[str]:
    widths = [max(len(row[i]) for row in (head, *rows)) for i in (0, 1)]
    return [f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}".rstrip() for a, b, c in (head, *rows)]


def as_json(first: str, second: str, difference: Difference) -> str:
    """The differences for machines: lists of {"setting" or "field", <first>, <second>}."""

    def pair(what: str, row: Row) -> dict[str, str]:
        return {what: row[0], first: row[1], second: row[2]}

    document = {
        "settings": [pair("setting", row) for row in difference.settings],
        "secret": difference.uncompared,
        "declared": {name: [pair("field", row) for row in rows] for name, rows in difference.declared},
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand `diff`."""
    says = "show how the settings and resources of two environments differ"
    parser = parsers.add_parser("diff", help=says, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("first", help="the name of a stack, such as staging")
    parser.add_argument("second", help="the name of another")
    parser.add_argument("--json", action="store_true", help="for machines")
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if anything differs")
    parser.set_defaults(run=_run, passes_on=False)


def _run(arguments: argparse.Namespace, _more: Sequence[str]) -> int:
    first, second = arguments.first, arguments.second
    project = files.project()
    for stack in (first, second):
        files.of_stack(stack)  # which has to be there
    a, b = settings_of(project, first), settings_of(project, second)
    difference = compare((a, b), (declared(first, a), declared(second, b)))
    sys.stdout.write((as_json if arguments.json else render)(first, second, difference) + "\n")
    return int(arguments.exit_code and difference.any)
