"""Writes the table of docs/keys.md: which of Stripe's permissions each command needs.

python -m scripts.rights_docs                      writes it (minutes: each command runs once for each permission)
python -m scripts.rights_docs "pulumi refresh"     writes the rows of these commands only, as the table names them
python -m scripts.rights_docs --check              fails where it is stale

A command runs against a local Stripe with a restricted key: with all permissions, which tells what it asks for, then with those
alone, and then with one of them less at a time. What it cannot do without makes it fail, by the permission's name.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from scripts.generated import replaced
from stripe_local.testing import Account, LocalStripe
from stripe_local.wire.rights import PERMISSIONS, needed

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "keys.md"
COMMAND = "python -m scripts.rights_docs"
COLUMNS = ["command", "needs", "asks for, and does without"]

_SECONDS = 300
_PREVIEWED = "hypernian:unitAmount"
"""A setting that is changed where there has to be something to preview."""


class World:
    """This project, deployed from a copy with a state of its own, to an account of its own."""

    def __init__(self, folder: Path, account: Account, stack: str) -> None:
        self.folder, self.account, self.stack = folder, account, stack
        for path in (*ROOT.glob("Pulumi*.yaml"), ROOT / "__main__.py"):
            shutil.copy(path, folder)
        shutil.copytree(ROOT / "policy", folder / "policy", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / ".venv").symlink_to(sys.prefix)
        hidden = ("CI", "GITHUB_", "POLICY_", "PULUMI_", "STRIPE_", "XDG_")
        (folder / "state").mkdir()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(hidden)},
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_ENGINE": "local",
            "PULUMI_HOME": f"{folder}/pulumi",
            "PULUMI_STACK": stack,
            "STRIPE_API_BASE": account.url,
        }
        self.must("pulumi_local", "stack", "init", stack)

    def run(self, words: Sequence[str], key: str) -> subprocess.CompletedProcess[str]:
        """A module with its arguments, in the folder; what it prints is in `stdout`."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env={**self._environment, "STRIPE_API_KEY": key},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def must(self, *words: str) -> str:
        """What a command prints that may do everything. Raises SystemExit where it fails."""
        done = self.run(words, self.account.key)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}: {done.stdout}")
        return done.stdout

    def deploy(self) -> None:
        """Everything that the stack declares is there."""
        self.must("pulumi_local", "up", "--yes", "--skip-preview", "--stack", self.stack)


def _of_customer(world: World) -> list[str]:
    return ["--customer", world.must("pulumi_local", "stack", "output", "customer_id", "--stack", world.stack).strip()]


def _nothing(world: World) -> list[str]:
    return []


def _dearer(world: World) -> list[str]:
    """The program has changed, so that there is something to say."""
    world.must("pulumi_local", "config", "set", _PREVIEWED, "5", "--stack", world.stack)
    return []


def _lost(world: World) -> list[str]:
    """There is an orphan: what a run made whose answer was lost."""
    world.account.client().v1.customers.create({"metadata": {"pulumi_resource": f"hypernian/{world.stack}/Customer/jane"}})
    return []


def _sent(world: World) -> list[str]:
    """An event that is there to be canceled, the argument."""
    identifier = f"job-{len(world.account.requests())}"
    world.must("stripe_usage", "record", *_of_customer(world), "--value", "25", "--identifier", identifier)
    return [identifier]


def _used(world: World) -> list[str]:
    _sent(world)
    return []


def _by_hand(world: World) -> list[str]:
    """There is something to export, and nothing was exported before."""
    world.account.client().v1.products.create({"name": "By hand"})
    shutil.rmtree(world.folder / "exported", ignore_errors=True)
    return []


@dataclass(frozen=True)
class Command:
    """A command: its name in the table, and a module with arguments.

    `deployed`: the stack is deployed before. `fresh`: it uses up what it works on, so that each run has a stack of its own.
    `before` is done before each run, and gives further arguments.
    """

    name: str
    words: tuple[str, ...]
    stack: str = "dev"
    deployed: bool = True
    fresh: bool = False
    before: Callable[[World], list[str]] = field(default=_nothing)


def _engine(verb: str, *options: str) -> tuple[str, ...]:
    return ("pulumi_local", verb, *options)


_AT_ONCE = ("--yes", "--skip-preview")

COMMANDS = (
    Command("`pulumi preview` of what is deployed", _engine("preview")),
    Command("`pulumi preview` of what is not deployed yet", _engine("preview"), deployed=False),
    Command("`pulumi up` of a catalogue: meter, product, price", _engine("up", *_AT_ONCE), "staging", deployed=False, fresh=True),
    Command("`pulumi up` with a customer and a subscription", _engine("up", *_AT_ONCE), deployed=False, fresh=True),
    Command("`pulumi refresh`", _engine("refresh", *_AT_ONCE)),
    Command("`pulumi destroy`", _engine("destroy", *_AT_ONCE), fresh=True),
    Command("`stripe-project policy`", ("stripe_project", "policy", "--stack", "dev")),
    Command("`stripe-project impact`", ("stripe_project", "impact", "--stack", "dev"), before=_dearer),
    Command("`stripe-project ci-preview`", ("stripe_project", "ci-preview", "--stack", "dev"), before=_dearer),
    Command("`stripe-project ci-drift`", ("stripe_project", "ci-drift", "--stack", "dev")),
    Command("`stripe-project orphans`", ("stripe_project", "orphans", "--stack", "dev")),
    Command(
        "`stripe-project orphans --retire` of a customer",
        ("stripe_project", "orphans", "--stack", "dev", "--retire", "--yes"),
        before=_lost,
    ),
    Command("`stripe-resources export`", ("stripe_resources", "export", "--stack", "dev", "--out", "exported"), before=_by_hand),
    Command("`stripe-usage record`", ("stripe_usage", "record", "--stack", "dev", "--value", "25"), before=_of_customer),
    Command("`stripe-usage cancel`", ("stripe_usage", "cancel", "--stack", "dev"), before=_sent),
    Command("`stripe-usage summary`", ("stripe_usage", "summary", "--stack", "dev"), before=_used),
    Command("`stripe-usage invoice`", ("stripe_usage", "invoice", "--stack", "dev")),
    Command("`stripe-usage reconcile`", ("stripe_usage", "reconcile", "--stack", "dev"), before=_used),
    Command("`stripe-usage checkout`", ("stripe_usage", "checkout", "--stack", "dev")),
)


class Rights(NamedTuple):
    """The permissions that a command cannot do without, and those that it can."""

    needs: list[str]
    does_without: list[str]

    def row(self, name: str) -> list[str]:
        """As the table has it."""
        needs, does_without = (", ".join(f"`{one}`" for one in each) for each in self)
        return [name, needs or "nothing", does_without]


class _Tried(NamedTuple):
    done: subprocess.CompletedProcess[str]
    asked: set[str]
    """What the requests need, as their paths say."""
    refused: set[str]
    """What the answers say is missing."""


class _Measuring:
    """One command, run again and again."""

    def __init__(self, command: Command, server: LocalStripe, folder: Path) -> None:
        self._command, self._server, self._folder = command, server, folder
        self._worlds: list[World] = []

    def _world(self) -> World:
        command = self._command
        if self._worlds and not command.fresh:
            return self._worlds[0]
        folder = self._folder / str(len(self._worlds))
        folder.mkdir()
        world = World(folder, self._server.account(), command.stack)
        if command.deployed:
            world.deploy()
        self._worlds.append(world)
        return world

    def _try(self, permissions: Iterable[str]) -> _Tried:
        world = self._world()
        words = [*self._command.words, *self._command.before(world)]
        key = world.account.restricted_key(*permissions)
        world.account.forget_requests()
        done = world.run(words, key)
        requests = world.account.requests()
        refused = [request["error"]["message"] for request in requests if request["status"] == 403]
        return _Tried(
            done,
            {needed(request["method"], request["path"]) for request in requests},
            {found[1] for message in refused if (found := re.search(r"\('(\w+)'\)", message))},
        )

    def rights(self) -> Rights:
        """What it needs. Raises SystemExit where it fails with all permissions, or does not name the one that it lacks."""
        name, everything = self._command.name, self._try(PERMISSIONS)
        if everything.done.returncode:
            raise SystemExit(f"{name}: {everything.done.stdout}")
        wanted = _without_implied(everything.asked)
        # What is only needed to expand objects is not told by a path.
        while (tried := self._try(wanted)).refused:
            wanted = _without_implied(wanted | tried.refused)
        if tried.done.returncode:
            raise SystemExit(f"{name}, with {sorted(wanted)}: {tried.done.stdout}")
        needs, does_without = [], []
        for permission in sorted(wanted):
            lowered = {permission.replace("_write", "_read")} if permission.endswith("_write") else set()
            tried = self._try((wanted - {permission}) | lowered)
            if tried.done.returncode and permission not in tried.done.stdout:
                raise SystemExit(f"{name} does not name {permission}, without which it fails: {tried.done.stdout}")
            if tried.done.returncode:
                needs.append(permission)
            elif tried.refused:
                does_without.append(permission)
            else:  # others imply it
                wanted.remove(permission)
        return Rights(needs, does_without)


def _without_implied(permissions: set[str]) -> set[str]:
    """Without those to read what may be written."""
    return {one for one in permissions if one.endswith("_write") or one.replace("_read", "_write") not in permissions}


def measured(commands: Sequence[Command]) -> Iterator[tuple[Command, Rights]]:
    """What each of the commands needs, one after the other."""
    with LocalStripe() as server, ExitStack() as folders:
        for command in commands:
            folder = folders.enter_context(tempfile.TemporaryDirectory(prefix="rights"))
            yield command, _Measuring(command, server, Path(folder)).rights()


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the table that the page has, by the command's name."""
    block = page.partition(f"<!-- rights: begin (written by `{COMMAND}`) -->")[2].partition("<!-- rights: end -->")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines() if line.startswith("| `")]
    return {row[0]: row for row in found}


def written(page: str, found: Iterable[tuple[Command, Rights]]) -> str:
    """The page with what was found in its table; other rows stay."""
    there = rows(page) | {command.name: rights.row(command.name) for command, rights in found}
    listed = [there[command.name] for command in COMMANDS if command.name in there]
    lines = [f"| {' | '.join(cells)} |" for cells in (COLUMNS, ["---"] * len(COLUMNS), *listed)]
    return replaced(page, "rights", COMMAND, "\n".join(lines))


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where the table is stale")
    parser.add_argument("commands", nargs="*", metavar="COMMAND", help="as the table names it (default: all)")
    arguments = parser.parse_args()
    chosen = [command for command in COMMANDS if not arguments.commands or command.name.replace("`", "") in arguments.commands]
    page = TARGET.read_text()
    new = written(page, list(measured(chosen)))
    if not arguments.check:
        TARGET.write_text(new)
    elif new != page:
        print(f"{TARGET.name}: stale; write with `{COMMAND}`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
