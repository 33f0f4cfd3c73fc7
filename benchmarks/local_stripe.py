"""What the local Stripe costs: its start, memory, requests and code; a hundred tests on it, and a year. On this machine.

Writes docs/local-stripe-benchmarks.md and what it is made from, benchmarks/results/local-stripe.json.

python -m benchmarks.local_stripe --requests 500 --runs 3
python -m benchmarks.local_stripe --project ../other --label before
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from . import entries, hundred, year
from .entries import LABELS, ROOT, Entry
from .server import UNLIMITED, Server

RESULTS = entries.RESULTS / "local-stripe.json"
PAGE = ROOT / "docs" / "local-stripe-benchmarks.md"

_LISTED = 100

Found = dict[str, Any]


# Measuring


class Client:
    """One connection that is kept, and as little work as possible for each request."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc)
        self._headers = {"Authorization": "Bearer sk_test_local", "Content-Type": "application/x-www-form-urlencoded"}

    def ask(self, method: str, path: str, **params: Any) -> bytes:
        """The answer to a request. Names of parameters are as Stripe's, with `__` for brackets: `recurring__interval`."""
        form = urlencode({_bracketed(name): value for name, value in params.items()})
        body, query = (form, "") if method == "POST" else (None, f"?{form}")
        self._connection.request(method, f"/v1/{path}{query}", body, self._headers)
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{method} {path}: {said.decode()}")
        return said

    def make(self, path: str, **params: Any) -> str:
        """The id of what is made."""
        return str(json.loads(self.ask("POST", path, **params))["id"])

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def _bracketed(name: str) -> str:
    first, *rest = name.split("__")
    return first + "".join(f"[{part}]" for part in rest)


OPERATIONS = {
    "customer": "create a customer with a card",
    "retrieve": "retrieve a customer",
    "list": f"list {_LISTED} customers",
    "subscribe": "subscribe, and charge the first invoice",
    "usage": "report usage",
    "preview": "preview an invoice with usage",
}


def _operations(client: Client, count: int) -> Iterator[tuple[str, list[Callable[[], object]]]]:
    """Requests of each kind, one list after the other; what the earlier ones make, the later ones need."""
    meter = client.make("billing/meters", display_name="Tokens", event_name="tokens", default_aggregation__formula="sum")
    price = {"currency": "usd", "recurring__interval": "month"}
    metered = {"recurring__usage_type": "metered", "recurring__meter": meter, "product_data__name": "Tokens"}
    usage = client.make("prices", unit_amount=4, **price, **metered)
    fee = client.make("prices", unit_amount=2000, product_data__name="Fee", **price)
    customers: list[str] = []
    subscriptions: list[str] = []

    def customer() -> None:
        card = {"payment_method": "pm_card_visa", "invoice_settings__default_payment_method": "pm_card_visa"}
        customers.append(client.make("customers", name="Customer", **card))

    def subscribe(id: str) -> None:
        items = {"items__0__price": usage, "items__1__price": fee}
        subscriptions.append(client.make("subscriptions", customer=id, **items))

    def report(id: str) -> None:
        payload = {"payload__stripe_customer_id": id, "payload__value": 250}
        client.ask("POST", "billing/meter_events", event_name="tokens", **payload)

    def preview(id: str) -> None:
        client.ask("POST", "invoices/create_preview", subscription=id)

    yield "customer", [customer] * count
    yield "retrieve", [partial(client.ask, "GET", f"customers/{id}") for id in customers]
    yield "list", [partial(client.ask, "GET", "customers", limit=_LISTED)] * max(1, count // 10)
    yield "subscribe", [partial(subscribe, id) for id in customers]
    yield "usage", [partial(report, id) for id in customers]
    yield "preview", [partial(preview, id) for id in subscriptions]


def cost(checkout: Path, count: int) -> Iterator[Found]:
    """What one server costs: from its start to the last of the requests."""
    with Server(0, UNLIMITED, checkout) as server:
        yield {"what": "start", "seconds": server.start_seconds, "mib": server.mib()}
        client = Client(server.url)
        for what, requests in _operations(client, count):
            cpu, began = server.cpu_seconds(), time.monotonic()
            for request in requests:
                request()
            each = (time.monotonic() - began) / len(requests)
            used = (server.cpu_seconds() - cpu) / len(requests)
            yield {"what": what, "seconds": each, "per_second": 1 / each, "cpu_ms": used * 1000}
        client.close()
        yield {"what": "end", "seconds": 0.0, "mib": server.mib()}


def code(checkout: Path) -> Found:
    """How much code there is: lines of Python that are not blank."""
    files = sorted((checkout / "stripe_local").rglob("*.py"))
    lines = sum(bool(line.strip()) for file in files for line in file.read_text().splitlines())
    return {"what": "code", "files": len(files), "lines": lines}


# The page


HEAD = """\
# What the local Stripe costs

Written by `python -m benchmarks.local_stripe` from what it measured; the same as JSON is in
`benchmarks/results/local-stripe.json`.

```sh
python -m benchmarks.local_stripe                                       # with the tests and the year: a few minutes
python -m benchmarks.local_stripe --requests 100 --runs 1 --no-tests --no-year
python -m benchmarks.local_stripe --project ../other --label before     # another checkout of this project: without tests and year
```

One client sends 500 requests of each kind, one after the other, over one connection. Each figure is that of the fastest of three
runs, since others use the machine too. CPU time is the server's.
"""

TESTS = """\
## A hundred tests

Each has [an account of its own](testing.md#tests-of-your-own-application) on one server, and does what a test does, by Stripe's
client for Python: it sells a metered price, reports usage, previews the bill, has a request fail, lets a month pass, and looks
whether it sees anything of another test. All at once is a hundred threads of one process, on the same machine as the server.

| | seconds | the server's CPU time, seconds | the most memory it had, MiB |
|---|---:|---:|---:|"""

WAYS = {"at_once": "all at once", "one_at_a_time": "one after the other"}

YEAR = """\
## A year of a hundred subscriptions

Of mixed kinds: usage, thresholds, tiers and credits, trials, coupons, taxes, yearly and quarterly prices, sent invoices, one that
ends within a period, one that gets dearer within one, and a card that fails in the fifth month. In three ways, which bill the
same ([test](../tests/stripe_local/test_year.py)). A test clock holds three customers with three subscriptions each, and moves two
intervals at once, as at Stripe; by [the server's own time](local-stripe.md#test-clocks) all move together, as far as one likes.

| by | until all have subscribed, seconds | the year, seconds | invoices |
|---|---:|---:|---:|"""


def add(path: Path, entry: Entry) -> None:
    """Records a result, to three decimals, in place of an older one of the same kind."""
    entry = json.loads(json.dumps(entry), parse_float=lambda text: round(float(text), 3))
    kinds = ["start", *OPERATIONS, "end", "code", *WAYS, *(way.name for way in year.WAYS)]
    entries.add(path, entry, lambda e: (LABELS.index(e["label"]), kinds.index(e["what"])))


def text(results: Iterable[Entry]) -> str:
    """The page."""
    found = {(entry["what"], entry["label"]): entry for entry in results}
    return "\n".join([HEAD, *_figures(found), *_table(found), *_tests(found), *_year(found), *entries.provenance(found.values())])


def _both(found: Mapping[tuple[str, str], Entry], what: str, shown: Callable[[Entry], str]) -> str:
    return " → ".join(shown(found[what, label]) for label in LABELS if (what, label) in found)


def _figures(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    for words, what, shown in (
        ("Seconds until it answers", "start", lambda e: f"{e['seconds']:.2f}"),
        ("MiB when it does", "start", lambda e: f"{e['mib']:.0f}"),
        ("MiB after all of the requests below", "end", lambda e: f"{e['mib']:.0f}"),
        ("Lines of Python that are not blank", "code", lambda e: f"{e['lines']:,} in {e['files']} files"),
    ):
        if both := _both(found, what, shown):
            yield f"- {words}: {both}"
    yield ""


def _table(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    yield "| | requests a second | ms of CPU for each |"
    yield "|---|---:|---:|"
    for what, words in OPERATIONS.items():
        rates, costs = (
            _both(found, what, shown) for shown in (lambda e: f"{e['per_second']:,.0f}", lambda e: f"{e['cpu_ms']:.2f}")
        )
        if rates:
            yield f"| {words} | {rates} | {costs} |"
    yield ""


def _tests(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    yield TESTS
    for what, words in WAYS.items():
        if entry := found.get((what, entries.AFTER)):
            yield f"| {words} | {entry['seconds']:.1f} | {entry['cpu_seconds']:.1f} | {entry['mib']:.0f} |"
    yield ""


def _year(found: Mapping[tuple[str, str], Entry]) -> Iterator[str]:
    yield YEAR
    for way in year.WAYS:
        if entry := found.get((way.name, entries.AFTER)):
            yield f"| {way.name} | {entry['prepared']:.1f} | {entry['seconds']:.1f} | {entry['invoices']:,} |"
    yield ""


# The command line


def main() -> int:
    """Measures; returns 1 where the three ways do not bill the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=500, help="of each kind (default: 500)")
    parser.add_argument("--runs", type=int, default=3, help="of which the fastest counts (default: 3)")
    parser.add_argument("--project", type=Path, default=ROOT, help="another checkout of this project to measure")
    parser.add_argument("--label", choices=LABELS, default=entries.AFTER, help="where in the tables the results go")
    parser.add_argument("--no-tests", action="store_true", help="without the hundred tests")
    parser.add_argument("--no-year", action="store_true", help="without the year")
    parser.add_argument("--results", type=Path, default=RESULTS, help="the JSON file")
    parser.add_argument("--page", type=Path, default=PAGE, help="the page to write")
    arguments = parser.parse_args()
    about = {"label": arguments.label, **_about(arguments.project)}
    fastest: dict[str, Found] = {}
    # Accounts, and what the year needs, are in this checkout's server.
    mine = arguments.project == ROOT
    for _ in range(arguments.runs):
        tests = map(hundred.measured, hundred.WAYS) if mine and not arguments.no_tests else ()
        for found in (*cost(arguments.project, arguments.requests), *tests):
            if found["what"] not in fastest or found["seconds"] < fastest[found["what"]]["seconds"]:
                fastest[found["what"]] = found
    for found in (*fastest.values(), code(arguments.project)):
        print(json.dumps(found), flush=True)
        add(arguments.results, {**about, **found})
    bills = []
    for way in year.WAYS if mine and not arguments.no_year else ():
        found, billed = year.measured(way)
        print(json.dumps(found), flush=True)
        add(arguments.results, {**about, "what": found.pop("way"), **found})
        bills.append(billed)
    entries.write(arguments.page, text(entries.load(arguments.results)))
    return 0 if all(billed == bills[0] for billed in bills) else 1


def _about(checkout: Path) -> Found:
    git = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    commit = subprocess.run(git, capture_output=True, text=True).stdout.strip()
    return {"commit": commit, "python": platform.python_version(), "cpus": os.cpu_count()}


if __name__ == "__main__":
    sys.exit(main())
