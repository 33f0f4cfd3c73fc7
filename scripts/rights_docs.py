"""Writes the table of docs/keys.md: which of Stripe's permissions each command needs.

python -m scripts.rights_docs                      writes it (minutes: each command runs once for each permission)
python -m scripts.rights_docs "pulumi refresh"     writes the rows of these commands only, as the table names them
python -m scripts.rights_docs --check              fails where it is stale

A command runs against a local Stripe with a restricted key: with all permissions, which tells what it asks for, then with those
alone, and then with one of them less at a time. What it cannot do without makes it fail, by the permission's name.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
_SOURCE = """\
name: logs
window: hour
rows: {{files: rows.ndjson}}
customer: customer
time: at
duplicates: none
meters: {{{event_name}: tokens}}
"""
_MARK = "pulumi_lineage"
"""The metadata key that says which state an object is in, see docs/two-states.md."""
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


def _named(world: World) -> list[str]:
    """The stack says which account it is deployed to."""
    account = world.account.client().v1.accounts.retrieve_current().id
    world.must("pulumi_local", "config", "set", "stripe:account", account, "--stack", world.stack)
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


def _rows(world: World) -> list[str]:
    """A source has one more row of the hour before the last one, in which the customer was there already."""
    world.account.clock(advance=2 * 3600)
    before = datetime.fromtimestamp(world.account.clock() - 3600, UTC)
    customer, event_name = (
        world.must("pulumi_local", "stack", "output", name, "--stack", world.stack).strip()
        for name in ("customer_id", "event_name")
    )
    with (world.folder / "rows.ndjson").open("a") as rows:
        rows.write(json.dumps({"customer": customer, "at": before.isoformat(), "tokens": 25}) + "\n")
    (world.folder / "usage.yaml").write_text(_SOURCE.format(event_name=event_name))
    return []


def _billed(world: World) -> list[str]:
    """The rows of a source were sent. What is explained: the customer's month."""
    _rows(world)
    world.must("stripe_usage", "aggregate", "usage.yaml", "--stack", world.stack, "--send")
    month = datetime.fromtimestamp(world.account.clock() - 3600, UTC)
    return [_of_customer(world)[1], "--month", f"{month:%Y-%m}"]


def _over(world: World) -> list[str]:
    """A month of which all was sent is over, the argument."""
    *_, month = _billed(world)
    world.account.clock(advance=32 * 86400)
    return [month]


def _planned(world: World) -> list[str]:
    """There is a plan to deploy."""
    world.must("stripe_project", "ci-preview", "--stack", world.stack)
    return []


def _elsewhere(world: World) -> list[str]:
    """The customer is in another state of the stack by now."""
    world.must("pulumi_local", "stack", "export", "--stack", world.stack, "--file", "state.json")
    world.account.client().v1.customers.update(_of_customer(world)[1], {"metadata": {_MARK: "another"}})
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


def _project(verb: str, *options: str) -> tuple[str, ...]:
    return ("stripe_project", verb, "--stack", "dev", *options)


def _usage(verb: str, *words: str) -> tuple[str, ...]:
    return ("stripe_usage", verb, *words, "--stack", "dev")


_AT_ONCE = ("--yes", "--skip-preview")

COMMANDS = (
    Command("`pulumi preview` of what is deployed", _engine("preview")),
    Command("`pulumi preview` with `stripe:account` set", _engine("preview"), before=_named),
    Command("`pulumi preview` of what is not deployed yet", _engine("preview"), deployed=False),
    Command("`pulumi up` of a catalogue: meter, product, price", _engine("up", *_AT_ONCE), "staging", deployed=False, fresh=True),
    Command("`pulumi up` with a customer and a subscription", _engine("up", *_AT_ONCE), deployed=False, fresh=True),
    Command("`pulumi refresh`", _engine("refresh", *_AT_ONCE)),
    Command("`pulumi destroy`", _engine("destroy", *_AT_ONCE), fresh=True),
    Command("`stripe-project preview`", _project("preview")),
    Command("`stripe-project up`", _project("up", "--yes"), deployed=False, fresh=True),
    Command("`stripe-project refresh`", _project("refresh")),
    Command("`stripe-project destroy`", _project("destroy", "--yes"), fresh=True),
    Command("`stripe-project policy`", _project("policy")),
    Command("`stripe-project impact`", _project("impact"), before=_dearer),
    Command("`stripe-project ci-preview`", _project("ci-preview"), before=_dearer),
    Command("`stripe-project ci-deploy`", _project("ci-deploy"), deployed=False, fresh=True, before=_planned),
    Command("`stripe-project ci-drift`", _project("ci-drift")),
    Command("`stripe-project orphans`", _project("orphans")),
    Command(
        "`stripe-project orphans --retire` of a customer",
        _project("orphans", "--retire", "--yes"),
        before=_lost,
    ),
    Command("`stripe-resources export`", ("stripe_resources", "export", "--stack", "dev", "--out", "exported"), before=_by_hand),
    Command(
        "`stripe-resources take-over` of a customer",
        ("stripe_resources", "take-over", "--stack", "dev", "--state", "state.json", "--yes"),
        before=_elsewhere,
    ),
    Command("`stripe-usage record`", _usage("record", "--value", "25"), before=_of_customer),
    Command("`stripe-usage aggregate`", _usage("aggregate", "usage.yaml"), before=_rows),
    Command("`stripe-usage aggregate --send`", _usage("aggregate", "usage.yaml", "--send"), before=_rows),
    Command("`stripe-usage ledger explain`", _usage("ledger", "explain"), before=_billed),
    Command("`stripe-usage ledger close`", _usage("ledger", "close", "--source", "logs"), before=_over),
    Command("`stripe-usage cancel`", _usage("cancel"), before=_sent),
    Command("`stripe-usage summary`", _usage("summary"), before=_used),
    Command("`stripe-usage invoice`", _usage("invoice")),
    Command("`stripe-usage reconcile`", _usage("reconcile"), before=_used),
    Command("`stripe-usage checkout`", _usage("checkout")),
)


class Rights(NamedTuple):
    """The permissions that a command cannot do without, and those that it can."""

    needs: list[str]
    does_without: list[str]

    def row(self, name: str) -> list[str]:
        """As the table has it."""
        needs, does_without = (", ".join(f"`{one}`" for one in each) for each in self)
        return [name, needs or "nothing", does_without]


class Tried(NamedTuple):
    """What came of an attempt with some of the permissions."""

    failed: bool
    said: str
    """What the user reads."""
    asked: set[str]
    """What the requests need, as their paths say."""
    refused: set[str]
    """What the answers say is missing."""


def tried(account: Account, *, failed: bool, said: str) -> Tried:
    """An attempt, with the requests that the account has had since its list was emptied."""
    requests = account.requests()
    answers = [request["error"]["message"] for request in requests if request["status"] == 403]
    asked = {needed(request["method"], request["path"]) for request in requests}
    return Tried(failed, said, asked, {found[1] for answer in answers if (found := re.search(r"\('(\w+)'\)", answer))})


def least(name: str, attempt: Callable[[Iterable[str]], Tried]) -> Rights:
    """What is needed, found by taking away one permission after the other.

    Raises SystemExit where the attempt fails with all permissions, or fails without naming the one that it lacks.
    """
    everything = attempt(PERMISSIONS)
    if everything.failed:
        raise SystemExit(f"{name}: {everything.said}")
    wanted = without_implied(everything.asked)
    # What is only needed to expand objects is not told by a path.
    while (found := attempt(wanted)).refused:
        wanted = without_implied(wanted | found.refused)
    if found.failed:
        raise SystemExit(f"{name}, with {sorted(wanted)}: {found.said}")
    needs, does_without = [], []
    for permission in sorted(wanted):
        lowered = {permission.replace("_write", "_read")} if permission.endswith("_write") else set()
        found = attempt((wanted - {permission}) | lowered)
        if found.failed and permission not in found.said:
            raise SystemExit(f"{name} does not name {permission}, without which it fails: {found.said}")
        if found.failed:
            needs.append(permission)
        elif found.refused:
            does_without.append(permission)
        else:  # others imply it
            wanted.remove(permission)
    return Rights(needs, does_without)


def without_implied(permissions: set[str]) -> set[str]:
    """Without those to read what may be written."""
    return {one for one in permissions if one.endswith("_write") or one.replace("_read", "_write") not in permissions}


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

    def attempt(self, permissions: Iterable[str]) -> Tried:
        """Run it once, with these permissions."""
        world = self._world()
        words = [*self._command.words, *self._command.before(world)]
        key = world.account.restricted_key(*permissions)
        world.account.forget_requests()
        done = world.run(words, key)
        return tried(world.account, failed=done.returncode != 0, said=done.stdout)


def measured(commands: Sequence[Command]) -> Iterator[tuple[Command, Rights]]:
    """What each of the commands needs, one after the other."""
    with LocalStripe() as server, ExitStack() as folders:
        for command in commands:
            folder = folders.enter_context(tempfile.TemporaryDirectory(prefix="rights"))
            yield command, least(command.name, _Measuring(command, server, Path(folder)).attempt)


def rows(page: str, name: str = "rights") -> dict[str, list[str]]:
    """The rows of a table that the page has, by their first cells."""
    block = page.partition(f"<!-- {name}: begin ")[2].partition(f"<!-- {name}: end -->")[0]
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
    found = list(measured(chosen))
    page = TARGET.read_text()
    new = written(page, found)
    if not arguments.check:
        TARGET.write_text(new)
    elif new != page:
        print(f"{TARGET.name}: stale; write with `{COMMAND}`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
