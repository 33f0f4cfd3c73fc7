"""What commands answer: exit codes, and the keys of what they write for programs. Seen by running them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pulumi_local.cli
import stripe_impact.command
import stripe_project.__main__
import stripe_resources.__main__
import stripe_usage.__main__
from pulumi_local import errors
from tests.stripe_impact.previews import METER, PRICE, Change, text
from tests.stripe_local.server import ROOT, LocalStripe

Main = Callable[[list[str]], int]
MAIN: dict[str, Main] = {
    "pulumi-local": pulumi_local.cli.main,
    "stripe-impact": stripe_impact.command.main,
    "stripe-project": stripe_project.__main__.main,
    "stripe-resources": stripe_resources.__main__.main,
    "stripe-usage": stripe_usage.__main__.main,
}
KEPT = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "PULUMI_"))}


def run(command: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """A command in this process: its exit code, and what it printed for programs."""
    out = io.StringIO()
    with (
        mock.patch.dict(os.environ, {**KEPT, **environment}, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        try:
            code = MAIN[command](list(arguments))
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 1
    return code, out.getvalue()


def observed() -> dict[str, dict[str, str]]:
    """Exit codes, and keys of JSON."""
    with tempfile.TemporaryDirectory() as name, LocalStripe() as server:
        seen = Scene(Path(name), server)
        with contextlib.chdir(ROOT):
            documents = dict(seen.documents())
            codes = dict(seen.exit_codes())
    keys = {f"{command} JSON {key}": "key" for command, document in documents.items() for key in paths(document)}
    return {"exit codes": {name: str(code) for name, code in codes.items()}, "JSON": keys}


def paths(document: Any, above: str = "") -> Iterator[str]:
    """The keys in a document, from the top: "bills[].customer"."""
    if isinstance(document, list):
        for item in document:
            yield from paths(item, f"{above}[]")
    elif isinstance(document, dict):
        for key, value in document.items():
            name = f"{above}.{key}" if above else key
            yield name
            yield from paths(value, name)


class Scene:
    """An account with a customer who is billed by a meter, and the files that commands read."""

    def __init__(self, folder: Path, server: LocalStripe) -> None:
        self.folder, self.environment = folder, {"STRIPE_API_BASE": server.url}
        stripe = server.client()
        formula: Any = {"formula": "sum"}
        meter = stripe.v1.billing.meters.create(
            {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": formula}
        )
        recurring: Any = {"interval": "month", "usage_type": "metered", "meter": meter.id}
        made: Any = {"currency": "usd", "unit_amount": 4, "recurring": recurring, "product_data": {"name": "Tokens"}}
        self.price = stripe.v1.prices.create(made).id
        self.customer = stripe.v1.customers.create({}).id
        billed: Any = {"customer": self.customer, "items": [{"price": self.price}], "collection_method": "send_invoice"}
        stripe.v1.subscriptions.create({**billed, "days_until_due": 30})
        self.now = server.clock()
        self.checkpoint = str(folder / "usage.db")

    def file(self, name: str, content: str) -> str:
        path = self.folder / name
        path.write_text(content)
        return str(path)

    def usage(self, command: str, *arguments: str) -> tuple[int, str]:
        return run("stripe-usage", command, *arguments, **self.environment)

    def documents(self) -> Iterator[tuple[str, Any]]:
        """What each command writes for programs, whole."""
        dearer = {**PRICE, "unit_amount": 5}
        changes = [
            Change("replace", "Price", "tokens", "price_old", PRICE, dearer),
            Change("delete", "Meter", "old", "mtr_2", METER),
        ]
        preview = self.file("preview.json", text(*changes))
        used = self.file("usage.csv", "customer,price,value\ncus_1,price_old,3025\n")
        yield "stripe-impact", json.loads(run("stripe-impact", preview, "--usage", used, "--format", "json")[1])
        differences = json.loads(run("stripe-project", "diff", "staging", "prod", "--json")[1])
        # Its keys are the names of stacks and resources, too.
        declared = {"NAME": [row for rows in differences["declared"].values() for row in rows]}
        yield (
            "stripe-project diff",
            json.loads(re.sub('"staging": "|"prod": "', '"STACK": "', json.dumps({**differences, "declared": declared}))),
        )
        rows = [{"customer": self.customer, "value": value, "timestamp": self.now - 100} for value in (3025, "many")]
        events = self.file("events.ndjson", "".join(json.dumps(row) + "\n" for row in rows))
        self.record = self.usage("record", "--event-name", "tokens", "--checkpoint", self.checkpoint, events)[0]
        yield "stripe-usage record", json.loads((self.folder / "events.ndjson.rejects.ndjson").read_text())
        metered = ("--event-name", "tokens", "--customer", self.customer)
        for command, options in {
            "summary": metered,
            "invoice": ("--customer", self.customer),
            "reconcile": ("--event-name", "tokens", "--checkpoint", self.checkpoint),
            "checkout": ("--price", self.price),
        }.items():
            yield f"stripe-usage {command}", json.loads(self.usage(command, *options, "--format", "json")[1])

    def exit_codes(self) -> Iterator[tuple[str, int]]:
        """Of what a script tells apart."""
        yield "exit code of stripe-usage: rows were rejected", self.record
        yield "exit code of stripe-usage: done", self.usage("invoice", "--customer", self.customer)[0]
        yield "exit code of stripe-usage: failed", self.usage("invoice", "--customer", "cus_none")[0]
        for command in ("stripe-impact", "stripe-project", "stripe-resources", "stripe-usage", "pulumi-local"):
            yield f"exit code of {command}: wrong options", run(command, "--nonsense")[0]
        yield "exit code of stripe-impact: failed", run("stripe-impact", str(self.folder / "none.json"))[0]
        yield "exit code of stripe-resources: failed", self._export()
        for option in ("", "--exit-code"):
            name = f"diff {option}".rstrip()
            yield f"exit code of stripe-project: {name} finds differences", _diff("staging", "prod", option)
        yield "exit code of stripe-project: diff --exit-code finds none", _diff("staging", "staging", "--exit-code")
        # To see these takes an engine; its tests do.
        yield "exit code of pulumi-local: something needed is missing", errors.USAGE
        yield "exit code of pulumi-local: no such stack", errors.NO_STACK
        yield "exit code of pulumi-local: --expect-no-changes, and there were some", errors.UNEXPECTED_CHANGES
        yield "exit code of pulumi-local: cancelled", errors.CANCELLED

    def _export(self) -> int:
        arguments = ("--stack", "dev", "--out", str(self.folder / "out"))
        return run("stripe-resources", "export", *arguments, STRIPE_API_BASE="no address")[0]


def _diff(*arguments: str) -> int:
    return run("stripe-project", "diff", *filter(None, arguments))[0]
