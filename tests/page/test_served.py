"""How the page and the control endpoints are served: types, headers, and to whom."""

from __future__ import annotations

import httpx
import pytest

from stripe_local.control.page_files import TYPES
from stripe_local.overview.endpoints import FOLDER
from tests.stripe_local.guide import make_guide
from tests.stripe_local.server import TEST_KEY, LocalStripe

FILES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in TYPES)


@pytest.fixture
def host(server: LocalStripe) -> str:
    return server.url.removeprefix("http://")


@pytest.mark.parametrize("path", ["/", *(f"/_local/page/{name}" for name in FILES)])
def test_files_come_with_their_type_and_a_strict_policy(server: LocalStripe, path: str) -> None:
    answer = server.http("GET", path, key=None)
    assert answer.status_code == 200
    suffix = path[path.rfind(".") :] if "." in path else ".html"
    assert answer.headers["content-type"] == TYPES[suffix]
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; ")
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    for outside in ("http://", "https://", "innerHTML", "eval("):
        assert outside not in answer.text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("path", ["/_local/page/..%2fapp.py", "/_local/page/none.js"])
def test_nothing_else_is_served(server: LocalStripe, path: str) -> None:
    assert server.http("GET", path).status_code == 404


def test_watching_is_cheap_while_nothing_happens_and_leaves_no_trace(server: LocalStripe) -> None:
    make_guide(server.client())
    requests, stats = server.requests(), server.stats()
    server.fault(status=500)
    first = server.http("GET", "/_local/overview", key=None)
    again = server.http("GET", "/_local/overview", key=None, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert (server.requests(), server.stats()) == (requests, stats)
    server.clear_faults()
    assert server.http("GET", "/_local/overview", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_modes_are_apart(server: LocalStripe) -> None:
    server.http("POST", "/v1/products", data={"name": "Tokens"})
    names = [
        [product["name"] for product in server.http("GET", "/_local/overview", params={"livemode": mode}).json()["products"]]
        for mode in ("false", "true")
    ]
    assert names == [["Tokens"], []]


def test_a_wrong_wish_is_refused_by_name(server: LocalStripe) -> None:
    refused = server.http("GET", "/_local/overview", params={"window": "year"})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "window")


PATHS = ["/", "/_local/overview", "/_local/requests", "/_local/page/main.js", "/v1/products", "/v2/core/event_destinations"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example", "", "[::1"])
def test_another_host_name_is_refused(server: LocalStripe, path: str, name: str) -> None:
    """As after DNS rebinding: the site's own name, which now is loopback's."""
    refused = server.http("GET", path, headers={"Host": name})
    assert (refused.status_code, "Host" in refused.json()["error"]["message"]) == (403, True)
    assert server.requests() == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost:9", "LOCALHOST", "[::1]:80"])
def test_every_name_of_loopback_is_served(server: LocalStripe, name: str) -> None:
    for path in ("/", "/v1/products"):
        assert server.http("GET", path, headers={"Host": name}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_change_nothing(server: LocalStripe, headers: dict[str, str]) -> None:
    before = server.clock()
    product = server.http("POST", "/v1/products", data={"name": "a"}).json()["id"]
    server.forget_requests()
    for method, path in (
        ("POST", "/v1/products"),
        ("DELETE", f"/v1/products/{product}"),
        ("POST", "/v2/core/event_destinations"),
    ):
        refused = server.http(method, path, params={"name": "b"}, headers=headers)
        assert (refused.status_code, "another site" in refused.json()["error"]["message"]) == (403, True)
    assert server.requests() == []
    assert [found.name for found in server.client().v1.products.list().data] == ["a"]
    for path, body in (("clock", '{"advance": 86400}'), ("faults", '{"status": 500}'), ("reset", "")):
        refused = server.http("POST", f"/_local/{path}", content=body, headers=headers)
        assert (refused.status_code, "another site" in refused.text) == (403, True)
    assert server.http("DELETE", "/_local/requests", headers=headers).status_code == 403
    assert (server.faults(), server.clock() - before < 3600) == ([], True)


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_pages_of_other_sites_read_nothing_and_may_link_to_the_pages(server: LocalStripe, headers: dict[str, str]) -> None:
    for path in ("/v1/products", "/_local/requests", "/_local/overview", "/v1/nonsense", "/nonsense"):
        assert server.http("GET", path, headers=headers).status_code == 403
        assert server.http("OPTIONS", path, headers=headers).status_code == 403
    for path in ("/", "/c/pay/cs_test_1"):
        assert server.http("GET", path, headers=headers).status_code == 200
    assert server.requests() == []


def test_the_page_itself_and_programs_may(server: LocalStripe, host: str) -> None:
    for headers in ({"Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {}):
        assert server.http("POST", "/_local/clock", json={"advance": 0}, headers=headers).status_code == 200
        assert server.http("POST", "/v1/customers", headers=headers).status_code == 200


def test_a_header_that_comes_twice_counts_as_it_came_first(server: LocalStripe, host: str) -> None:
    for name, foreign, own in (("Origin", "https://evil.example", f"http://{host}"), ("Sec-Fetch-Site", "cross-site", "none")):
        for values, status in (((foreign, own), 403), ((own, foreign), 200)):
            headers = [("Authorization", f"Bearer {TEST_KEY}"), *((name, value) for value in values)]
            assert httpx.post(f"{server.url}/v1/customers", headers=headers).status_code == status
