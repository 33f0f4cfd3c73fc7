"""A page on another origin, in a real browser, tries to write, to read and to delete: nothing arrives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.stripe_local.server import TEST_KEY, LocalStripe

_FORM = """
<form method="post" enctype="ENCTYPE" action="ACTION">
  <input name="name" value="Written by another site"><input name="{&quot;status&quot;: 500, &quot;x" value="&quot;: 1}">
</form>
"""
_SCRIPT = """
async () => {
  const told = [];
  for (const [url, options] of REQUESTS)
    try { told.push(`${(await fetch(url, options)).type}`); } catch (error) { told.push("refused"); }
  return told;
}
"""


@pytest.fixture(params=["127.0.0.1", "localhost"], ids=["another port", "another name"])
def elsewhere(request: pytest.FixtureRequest, server: LocalStripe) -> Iterator[str]:
    """The address of a page with forms that post to the server, with a key in the address."""
    address = f"127.0.0.1:{server.port}"
    targets = [f"http://{TEST_KEY}:@{address}/v1/products", f"http://{address}/_local/faults", f"http://{address}/_local/reset"]
    kinds = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data")
    forms = [_FORM.replace("ENCTYPE", kind).replace("ACTION", target) for target in targets for kind in kinds]
    text = f"<!doctype html><title>Elsewhere</title>{''.join(forms)}"

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as page:
        thread = threading.Thread(target=page.serve_forever, daemon=True)
        thread.start()
        yield f"http://{request.param}:{page.server_port}/"
        page.shutdown()
        thread.join()


@pytest.mark.thorough
def test_a_page_elsewhere_can_do_nothing(elsewhere: str, server: LocalStripe, browser: Any) -> None:
    kept = server.http("POST", "/v1/products", data={"name": "Kept"}).json()["id"]
    server.forget_requests()
    base = f"http://127.0.0.1:{server.port}"
    key = {"Authorization": f"Bearer {TEST_KEY}"}
    form = {"method": "POST", "body": "name=Written+by+another+site"}
    requests: list[Any] = [
        [f"{base}{path}", {**options, "mode": mode}]
        for mode in ("cors", "no-cors")
        for path, options in [
            ("/v1/products", {**form, "headers": key}),
            ("/v1/products", {**form, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}),
            (f"/v1/products/{kept}", {"method": "DELETE", "headers": key} if mode == "cors" else {}),
            ("/v1/products", {"headers": key}),
            ("/_local/requests", {"method": "DELETE"} if mode == "cors" else {}),
            ("/_local/reset", {"method": "POST"}),
            ("/_local/overview", {}),
        ]
    ]
    context = browser.new_context()
    page = context.new_page()
    page.goto(elsewhere)
    for number in range(page.locator("form").count()):
        with page.expect_navigation() as sent:
            page.evaluate(f"document.forms[{number}].submit()")
        assert sent.value.status == 403
        page.goto(elsewhere)
    told = page.evaluate(_SCRIPT.replace("REQUESTS", json.dumps(requests)))
    assert set(told) <= {"refused", "opaque"}, "nothing can be read"
    context.close()
    assert {entry["path"] for entry in server.requests()} <= {"/favicon.ico"}, "of the page that says so"
    assert server.faults() == []
    assert [product.name for product in server.client().v1.products.list().data] == ["Kept"]
