"""The command line: reads a preview, asks Stripe, writes the report."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from stripe_client import settings
from stripe_client.client import Client
from stripe_client.errors import StripeError
from stripe_client.reading import text as contents
from stripe_client.reading import visible
from stripe_client.version import version

from .computing.impact import impact
from .errors import ImpactError
from .reading import account, logs, usage_file
from .reading.changes import Changes, changes
from .reading.facts import Facts
from .reading.preview import Preview, read
from .rendering import data, markdown, picture, text

FORMATS = ("text", "markdown", "json")

DESCRIPTION = """\
Says what a change to the catalogue does to bills: what each price was and will be, who is on it, who moves,
and what each customer pays for the current period's usage, before and after.

  pulumi preview --json > preview.json
  python -m stripe_impact preview.json

Stripe is only read, and only where a bill can change. The key is STRIPE_API_KEY, the address STRIPE_API_BASE or
the stack's stripe:apiBase; a key of another account or mode than the stack's is refused.
"""


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        "stripe_impact", description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    result.add_argument("--version", action="version", version=version())
    result.add_argument("preview", help="what `pulumi preview --json` printed: a file, or - for standard input")
    result.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    usage = result.add_mutually_exclusive_group()
    usage.add_argument(
        "--usage",
        metavar="FILE",
        help="the period's usage (NDJSON or CSV: customer; price, event_name or meter; value); no request is made",
    )
    usage.add_argument(
        "--source",
        metavar="FILE",
        help="a source of usage (YAML), whose logs of a month are the period's usage; no request is made",
    )
    result.add_argument("--month", metavar="YYYY-MM", help="which month of the source, UTC (default: the last one that is over)")
    result.add_argument("--output", type=Path, metavar="FILE", help="write the report there (default: print it)")
    result.add_argument("--svg", type=Path, metavar="FILE", help="write a picture of the changes there")
    result.add_argument("--svg-url", metavar="URL", help="where readers of the Markdown can fetch the picture, to show it there")
    return result


def main(arguments: list[str] | None = None) -> int:
    """Runs the command. Returns 0 if the report was written, whatever it says, else 1."""
    given = parser().parse_args(arguments)
    try:
        _run(given)
    except (ImpactError, StripeError) as e:
        print(visible(f"error: {e}"), file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _run(given: argparse.Namespace) -> None:
    preview = read(_text(given.preview), "the preview" if given.preview == "-" else given.preview)
    wanted = changes(preview)
    facts = _facts(given, preview, wanted)
    found = impact(preview, wanted, facts)
    if given.svg:
        _write(given.svg, picture(found))
    report = markdown(found, given.svg_url) if given.format == "markdown" else {"text": text, "json": data}[given.format](found)
    if given.output:
        _write(given.output, report)
    else:
        sys.stdout.write(report)


def _facts(given: argparse.Namespace, preview: Preview, wanted: Changes) -> Facts:
    if given.month and not given.source:
        raise ImpactError("--month says which logs of --source count; give --source too, or leave it out")
    if given.source:
        found, problems = logs.rows(given.source, given.month, datetime.now(UTC))
        facts = usage_file.facts(found, preview, wanted, given.source)
        facts.strangers += [f"Not in the figures: {problem}." for problem in problems]
        return facts
    return _from_file(given.usage, preview, wanted) if given.usage else _from_stripe(preview, wanted, os.environ)


def _from_file(path: str, preview: Preview, wanted: Changes) -> Facts:
    try:
        with open(0 if path == "-" else path, "rb", closefd=path != "-") as stream:
            found = usage_file.rows(stream, "standard input" if path == "-" else path)
    except OSError as e:
        raise ImpactError(f"{path}: {e.strerror}") from None
    return usage_file.facts(found, preview, wanted, path)


def _from_stripe(preview: Preview, wanted: Changes, environment: Mapping[str, str]) -> Facts:
    if not wanted.ask_stripe:
        return Facts()
    config = {k: v for k, v in preview.config.items() if k != "stripe:apiKey"}
    loaded = settings.load(config.get, environment)
    if not loaded.api_key:
        raise ImpactError(
            "STRIPE_API_KEY is not set, and the change touches prices that somebody may pay; set it to a key that can read "
            "(restricted, rk_…, is enough), or give the usage with --usage or --source"
        )
    return account.facts(preview, wanted, Client(loaded), lambda line: print(line, file=sys.stderr))  # noqa: T201


def _text(path: str) -> str:
    try:
        return contents(path)
    except ValueError as e:
        raise ImpactError(f"{path}: {e}; give what `pulumi preview --json` printed") from None


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as e:
        raise ImpactError(f"{path}: {e.strerror}; give another place") from None
