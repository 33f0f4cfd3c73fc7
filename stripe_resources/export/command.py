"""The command line of `export`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from stripe_client.client import Client
from stripe_client.errors import ConfigurationError
from stripe_client.project import add_stack, stack_of
from stripe_resources.register import KINDS

from .exportable import catalogue, exportable
from .import_file import import_file
from .names import named
from .program import program
from .reading import chosen, everything
from .selection import Selection, select

PROGRAM, IMPORT = "__main__.py", "import.json"

EXPORTABLE = exportable(KINDS)
_CATALOGUE = catalogue(KINDS)
_NAMES = {schema.kind: token for token, (schema, _) in EXPORTABLE.items()}
_DEFAULT = ",".join(kind for kind, token in _NAMES.items() if token in _CATALOGUE)

DESCRIPTION = f"""\
Reads an account at Stripe (with GET requests only) and writes two files into a folder:

  {PROGRAM:<12} a Pulumi program that declares what is there
  {IMPORT:<12} for `pulumi import --file`, which takes it into the stack's state

After the import, a preview of the program shows no changes, and neither does a refresh.
The key is STRIPE_API_KEY, the address STRIPE_API_BASE or Stripe's own; what Pulumi.<stack>.yaml
says of stripe:livemode, stripe:account and the like holds here too.
"""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the command."""
    parser = commands.add_parser(
        "export",
        help="write an existing account as a Pulumi program, and the file that imports it",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_stack(parser)
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="the folder to write into; made if it does not exist"
    )
    parser.add_argument("--kinds", default=_DEFAULT, metavar="KIND,…", help=f"of {', '.join(_NAMES)} (default: {_DEFAULT})")
    parser.add_argument(
        "--product", action="append", default=[], metavar="ID", help="only this product, its prices and their meters; repeatable"
    )
    parser.add_argument(
        "--price", action="append", default=[], metavar="ID", help="only this price, its product and its meter; repeatable"
    )
    parser.add_argument("--include-archived", action="store_true", help="also products and prices that are out of use")
    parser.add_argument("--force", action="store_true", help="overwrite existing files")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> str:
    """Exports; what to tell the user. Raises `StripeError`, before anything is written."""
    folder: Path = arguments.out
    files = [folder / PROGRAM, folder / IMPORT]
    there = [str(f) for f in files if f.exists() and not arguments.force]
    if there:
        raise ConfigurationError(f"{' and '.join(there)} would be overwritten; give another --out, or --force")
    tokens = _tokens(arguments.kinds)
    wanted = {token: kind for token, kind in EXPORTABLE.items() if token in tokens}
    to = stack_of(Path.cwd(), arguments.project, arguments.stack)
    client = Client(to.settings(os.environ))
    ids = [*arguments.product, *arguments.price]
    others = [schema.kind for token, (schema, _) in wanted.items() if token not in _CATALOGUE]
    if ids and others:
        raise ConfigurationError(f"--product and --price choose from the catalogue; leave {', '.join(others)} out of --kinds")
    seen = (
        chosen(client, wanted, KINDS, arguments.product, arguments.price)
        if ids
        else everything(client, wanted, arguments.include_archived)
    )
    selection = select(seen, KINDS, arguments.include_archived, ids)
    if not selection.found:
        raise ConfigurationError("; ".join(("there is nothing to export", *_left_out(selection))))
    resources = named(selection.found)
    content = import_file(resources, {token: behaviour for token, (_, behaviour) in KINDS.items()}, to.project, to.stack)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        files[0].write_text(program(resources, to.stack, IMPORT), encoding="utf-8")
        files[1].write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    except OSError as e:
        raise ConfigurationError(f"{e.filename}: {e.strerror}; give another --out") from None
    return report(selection, files, to.stack)


def _tokens(kinds: str) -> list[str]:
    names = [k.strip() for k in kinds.split(",") if k.strip()]
    wrong = [k for k in names if k not in _NAMES]
    if wrong or not names:
        raise ConfigurationError(
            f'--kinds: "{", ".join(wrong)}" is not a kind that can be exported; give some of {", ".join(_NAMES)}'
        )
    return [_NAMES[k] for k in names]


def report(selection: Selection, files: list[Path], stack: str) -> str:
    """What was exported, what was not and why, and what to do next."""
    kinds = [f.schema.kind for f in selection.found]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(kinds))
    parts = [f"Exported {counts}: {files[0]}, {files[1]}."]
    for title, lines in (("Left out", _left_out(selection)), ("Not in the program", selection.incomplete)):
        if lines:
            parts.append(f"\n{title}:\n" + "\n".join(f"  {line}" for line in lines))
    parts.append(
        f"\nNext, with {files[0]} as the project's program:\n"
        f"  pulumi import --stack {stack} --file {files[1]} --yes --generate-code=false --protect=false\n"
        f"  pulumi preview --stack {stack} --expect-no-changes\n"
        f"  pulumi up --stack {stack}  (changes nothing; from then on the state knows what depends on what)"
    )
    return "\n".join(parts)


def _left_out(selection: Selection) -> list[str]:
    archived = f"{selection.archived} out of use (--include-archived takes them in)"
    return [*selection.left_out, *([archived] if selection.archived else [])]
