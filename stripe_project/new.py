"""A project of one's own, as `pulumi new` makes it of the same template, but for all stacks at once and without the CLI.

stripe-project new shop
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import answers, template

LONGEST_NAME = 100
INVISIBLE = frozenset([".git", ".hg", ".bzr"])
"""A folder that has nothing but these is empty."""

ALLOWED = ("usd", "eur", "gbp")
"""The currencies that the template's policies allow as they are (currencies-are-allowed)."""


def add_to(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand `new`."""
    says = "make a project of your own: a plan, its environments, policies, tests"
    parser = parsers.add_parser("new", help=says, description=says)
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help="where; it is made if need be (default: here)")
    parser.add_argument("--name", help="of the project; default: the folder's")
    parser.add_argument("--description", help=f"of the project; default: {template.for_cli()['description']}")
    answers.add_to(parser)
    parser.add_argument(
        "--force", action="store_true", help="write into a folder that is not empty, over files of the same names"
    )
    parser.set_defaults(run=_run, passes_on=False)


def _run(given: argparse.Namespace, _more: Sequence[str]) -> int:
    folder = Path(given.folder)
    _refuse_full(folder, given.force)
    name = given.name if given.name is not None else _asked(_suggested(folder), given.yes)
    reason = wrong_name(name)
    plan = answers.of_plan(given, [f"--name: {reason}"] if reason else [])
    written = make(folder, name, given.description or template.for_cli()["description"], plan)
    print(f"Made {name} ({answers.said(plan)}): {len(written)} files in {folder.resolve()}")
    print("\nNext:")
    if folder.resolve() != Path.cwd():
        print(f"  cd {shlex.quote(given.folder)}")
    print("  make up      # environment, local Stripe; previews and deploys dev")
    print("  make test    # what each environment declares, and what usage is billed")
    return 0


def _refuse_full(folder: Path, force: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise SystemExit(f"{folder} is a file; name a folder")
    if folder.is_dir() and not force and {path.name for path in folder.iterdir()} - INVISIBLE:
        raise SystemExit(f"{folder} is not empty; name another folder, or add --force to write over files of the same names")


def _suggested(folder: Path) -> str:
    """The folder's name, without what a project's name cannot have."""
    found = re.sub(r"[^A-Za-z0-9_.-]", "", folder.resolve().name)
    return "project" if wrong_name(found) else found


def _asked(suggested: str, yes: bool) -> str:
    if yes or not answers.interactive():
        return suggested
    while True:
        name = answers.line(f"The project's name [{suggested}]: ") or suggested
        reason = wrong_name(name)
        if reason is None:
            return name
        print(f"  {reason}")


def wrong_name(name: str) -> str | None:
    """What is wrong with a project's name, by the CLI's rules; None where all is well."""
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", name):
        return f'is "{name}"; give letters, digits, hyphens, underscores and periods'
    if len(name) > LONGEST_NAME:
        return f"has {len(name)} characters; give {LONGEST_NAME} at most"
    if name.lower() == "pulumi" or name.lower().startswith("pulumi."):
        return f'is "{name}"; give one that is not Pulumi, and does not begin with it'
    return None


def make(folder: Path, name: str, description: str, plan: Mapping[str, str]) -> list[Path]:
    """Writes the project. Returns its files, relative to `folder`."""
    files = {path: _text(path, name, description, plan) for path in template.paths()}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return list(files)


def _text(path: Path, name: str, description: str, plan: Mapping[str, str]) -> str:
    text = template.text(path, name, description)
    if path.name in {f"Pulumi.{stack}.yaml" for stack in template.STACKS}:
        return text + "".join(f"  {line}\n" for line in answers.lines(plan))
    return allowing(plan["currency"], text) if path.parent == Path("policy", "config") else text


def allowing(currency: str, levels: str) -> str:
    """The settings of the policies, with the plan's currency among those that are allowed."""
    if currency in ALLOWED:
        return levels
    rule = {"enforcementLevel": "mandatory", "currencies": [*ALLOWED, currency]}
    return json.dumps({**json.loads(levels), "currencies-are-allowed": rule}, indent=2) + "\n"
