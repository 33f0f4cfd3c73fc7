"""`ci-preview`, `ci-comment`, `ci-deploy`, `ci-drift` and `ci-issue`, as subcommands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from stripe_client.reading import quoted, visible
from stripe_project import children, settings

from . import commands
from .commands import Failed

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

OF_A_STACK = {
    "preview": (commands.preview, "preview under the policies, save the plan, say what it does to bills; into ci-out/"),
    "deploy": (commands.deploy, "deploy the plan that ci-preview saved, and nothing else"),
    "drift": (commands.drift, "fail if what is at Stripe is not what is declared, or is in no state"),
}


def add_to(parsers: Subparsers) -> None:
    """Adds the subcommands."""
    for name, (run, says) in OF_A_STACK.items():
        _add(parsers, name, says, _of_stack(run)).add_argument("--stack", default="dev")
    comment = _add(
        parsers,
        "comment",
        "make one comment of all previews in ci-out/, and put it at a pull request",
        lambda given: commands.comment(_out(given), given.pull_request, given.stacks.split()),
    )
    comment.add_argument("--pull-request", default="", help="its number; without it the comment is written, and not posted")
    says = (
        "those that were to be previewed, such as 'staging prod': one that left nothing is told of as failed (default: CI_STACKS)"
    )
    comment.add_argument("--stacks", default=os.environ.get("CI_STACKS", ""), help=says)
    _add(
        parsers,
        "issue",
        "open, change or close an issue for each stack that ci-drift looked at",
        lambda given: commands.issue(_out(given)),
    )


def _of_stack(run: Callable[[Path, str], None]) -> Callable[[argparse.Namespace], None]:
    return lambda given: run(_out(given), given.stack)


def _add(parsers: Subparsers, name: str, says: str, run: Callable[[argparse.Namespace], None]) -> argparse.ArgumentParser:
    parser = parsers.add_parser(f"ci-{name}", help=says, description=says)
    parser.add_argument("--out", type=Path, default=os.environ.get("CI_OUT"), help="default: CI_OUT, else ci-out/ of the project")
    parser.set_defaults(run=lambda given, _more: _answer(run, given), passes_on=False)
    return parser


def _out(given: argparse.Namespace) -> Path:
    return given.out or settings.root() / "ci-out"


def _answer(run: Callable[[argparse.Namespace], None], given: argparse.Namespace) -> int:
    """The exit code: 1 if something is wrong, after saying so on standard error."""
    try:
        with children.saying("nothing was changed at Stripe"):
            run(given)
    except Failed as e:
        return _failed(str(e))
    except OSError as e:
        return _failed(f"{quoted(str(e.filename))}: {e.strerror}")
    return 0


def _failed(why: str) -> int:
    sys.stderr.write(visible(f"error: {why}\n"))
    return 1
