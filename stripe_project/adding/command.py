"""`stripe-project add`: shows the differences, asks, writes."""

from __future__ import annotations

import argparse
import difflib
import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from stripe_project import answers

from . import changes, project
from .changes import Change, Wishes
from .project import Existing


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand `add`."""
    says = "add billing to the Pulumi project here, after showing what that changes"
    parser = parsers.add_parser("add", help=says, description=says, epilog="Nothing is installed and nothing is deployed.")
    answers.add_to(parser)
    parser.add_argument("--module", default="billing", help="the name of the module with the plan; default: %(default)s")
    for flag, where, names in (("--local", "the local Stripe", project.LOCAL), ("--live", "live mode", project.LIVE)):
        says = f"a stack that deploys to {where}; may be given again; default: {' or '.join(names)}"
        parser.add_argument(flag, action="append", metavar="STACK", help=says)
    parser.set_defaults(run=_run, passes_on=False)


def _run(given: argparse.Namespace, _more: Sequence[str]) -> int:
    found = project.find(Path.cwd())
    wishes = _wishes(given, found)
    plan = answers.of_plan(given) if changes.stacks_without_plan(found) else {}
    wanted = changes.all_of(found, plan, wishes)
    if not wanted:
        print(f"Nothing is left to do: {found.file.name} has billing in {wishes.module}.py.")
        return 0
    for change in wanted:
        print(_difference(change, found.root), end="")
    if not _agreed(given.yes):
        print("\nNothing was written.")
        return 0
    for change in wanted:
        _write(change)
    print(f"\nWrote {len(wanted)} files. Next:")
    for command in _next(found):
        print(f"  {command}")
    return 0


def _wishes(given: argparse.Namespace, found: Existing) -> Wishes:
    if not given.module.isidentifier():
        raise SystemExit(f'--module: is "{given.module}"; give a name that a program can import, such as billing')
    for flag, stacks in (("--local", given.local), ("--live", given.live)):
        if unknown := [stack for stack in stacks or () if stack not in found.stacks]:
            raise SystemExit(f"{flag}: there is no stack {unknown[0]}; the stacks are {', '.join(found.stacks) or 'none yet'}")
    local, live = tuple(given.local or project.LOCAL), tuple(given.live or project.LIVE)
    if both := set(local) & set(live):
        raise SystemExit(f"--local and --live: {both.pop()} cannot be both")
    return Wishes(given.module, local, live)


def _difference(change: Change, root: Path) -> str:
    """As `git diff` shows it."""
    name = Path(os.path.relpath(change.path, root)).as_posix()
    old = "/dev/null" if change.before is None else f"a/{name}"
    lines = difflib.unified_diff(
        (change.before or "").splitlines(keepends=True), change.after.splitlines(keepends=True), old, f"b/{name}"
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _agreed(yes: bool) -> bool:
    if yes:
        return True
    if answers.interactive():
        return answers.line("\nWrite this? [yes/no] ").lower() in ("yes", "y")
    print("\nThere is nobody to ask; --yes writes this.")
    return False


def _write(change: Change) -> None:
    change.path.parent.mkdir(parents=True, exist_ok=True)
    windows = change.path.exists() and b"\r\n" in change.path.read_bytes()
    change.path.write_text(change.after, encoding="utf-8", newline="\r\n" if windows else "\n")


def _next(found: Existing) -> list[str]:
    """What installs the package, by toolchain, and shows what a stack would become."""
    requirements = shlex.quote(os.path.relpath(found.requirements()))
    python = shlex.quote(os.path.relpath(found.root / found.virtualenv / "bin" / "python")) if found.virtualenv else "python3"
    install = {
        "uv": "uv sync",
        "poetry": "poetry lock && poetry install",
        "pip": f"{python} -m pip install -r {requirements}" if requirements.endswith(".txt") else "pulumi install",
    }
    stack = next((stack for stack in found.stacks if stack in project.LOCAL), next(iter(found.stacks), "STACK"))
    return [install[found.toolchain], f"pulumi preview --stack {stack}"]
