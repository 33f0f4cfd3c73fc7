"""An account that answers as Stripe itself did: exported, imported, previewed and refreshed without a change.

`answers/stripe.json` has what the real API gave: products to subscriptions of https://github.com/Kiln-AI/stripe_world (MIT; its
recordings of 2026-09-20, version 2026-08-26.dahlia, in test mode), and the rest Stripe publishes as examples, in
https://github.com/stripe/openapi (MIT; openapi/fixtures3.json). What was not asked to be expanded is not in them.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from stripe_resources.export.command import EXPORTABLE
from tests.e2e.project import Project, captured

ANSWERS: dict[str, list[dict[str, Any]]] = json.loads((Path(__file__).parent / "answers" / "stripe.json").read_text())
KINDS = ",".join(schema.kind for schema, _ in EXPORTABLE.values() if schema.path in ANSWERS)


class Recorded(ThreadingHTTPServer):
    """Answers with what is recorded, and nothing else; `asked` are the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, path: str) -> dict[str, Any] | None:
        if path in ANSWERS:
            return {"object": "list", "data": ANSWERS[path], "has_more": False, "url": path}
        below, _, id_ = path.rpartition("/")
        return next((live for live in ANSWERS.get(below, []) if live["id"] == id_), None)


class _Answering(BaseHTTPRequestHandler):
    server: Recorded

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(f"{self.command} {path}")
        found = self.server.answer(path) if self.command == "GET" else None
        body = json.dumps(found or {"error": {"type": "invalid_request_error", "message": f"Unrecognized request URL: {path}"}})
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_DELETE = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def stripe() -> Iterator[Recorded]:
    server = Recorded()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_what_stripe_answered_is_declared_without_a_change(engine: str, stripe: Recorded, tmp_path: Path) -> None:
    project = Project(engine, tmp_path, stripe.url)
    command = [sys.executable, "-m", "stripe_resources", "export", "--stack", "dev", "--out", "exported", "--kinds", KINDS]
    done = captured(command, project.folder, project.environment)
    assert done.returncode == 0, done.stdout
    assert {line.partition(" ")[0] for line in stripe.asked} == {"GET"}
    assert "Left out" not in done.stdout
    untold = "not declared, since Stripe changes it by itself or does not tell how it was set"
    said = done.stdout.partition("Not in the program:\n")[2].partition("\n\n")[0].splitlines()
    assert [line.strip() for line in said] == [
        f'Customer cus_VIVbWIUGT0g3hF "s12@conformance.stripeapi.invalid": {untold}: next_invoice_sequence',
        'Customer cus_VIVbWIUGT0g3hF "s12@conformance.stripeapi.invalid": pm_1UHuaUHIBYZYyePrlEeTRFiW is written as it is: '
        "no resource declares it, so only this account has it",
        "Price price_1UHcVYHIBYZYyePrs7VegI6T: prod_VICvlRdLl6LyXL is written as it is: it is not exported",
        f"Subscription sub_1UHuaVHIBYZYyePrZkQ6kkhb: {untold}: billing_cycle_anchor",
        "WebhookEndpoint we_1Pgc6yB7WZ01zgkWzAudq4eU: secret stays unknown: Stripe tells it only when the object is made",
    ]
    there = json.loads((project.folder / "exported" / "import.json").read_text())["resources"]
    assert sorted({r["id"] for r in there}) == sorted(live["id"] for lives in ANSWERS.values() for live in lives)
    inputs = {r["id"]: {k: v for k, v in r["inputs"].items() if not k.startswith("__")} for r in there}
    assert inputs["sub_1UHuaVHIBYZYyePrZkQ6kkhb"] == {
        "customer": "cus_VIVbWIUGT0g3hF",
        "currency": "cad",
        "items": [{"price": "price_1UHuaUHIBYZYyePrSvejhvVe"}],
    }
    assert inputs["price_1UHcVXHIBYZYyePrLUYHwa3W"] == {
        "product": "prod_VICvBkxKk4uZNk",
        "currency": "usd",
        "recurring": {"interval": "month"},
        "unit_amount": 999,
    }
    project.program((project.folder / "exported" / "__main__.py").read_text())
    flags = ("--yes", "--generate-code=false", "--protect=false")
    project.run("import", "--stack", "dev", "--file", "exported/import.json", *flags, check=True)
    stripe.asked.clear()
    preview = project.preview("--expect-no-changes")
    assert (preview.code, preview.summary) == (0, {"same": len(there) + 1}), preview.text
    assert stripe.asked == []
    refresh = project.refresh("--expect-no-changes")
    assert refresh.code == 0, refresh.text
    assert {line.partition(" ")[0] for line in stripe.asked} == {"GET"}
    again = project.preview("--expect-no-changes")
    assert again.code == 0, again.text
