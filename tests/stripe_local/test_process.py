"""The server as a process: how it starts, ends, crashes and comes back."""

from __future__ import annotations

import contextlib
import itertools
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

from stripe_local.__main__ import main
from stripe_local.app import build
from stripe_local.serving.protocol import PatientProtocol
from stripe_local.serving.server import Server
from tests.stripe_local.guide import make_guide
from tests.stripe_local.server import ROOT, TEST_KEY, LocalStripe


def test_it_prints_one_line_when_it_is_ready_and_accepts_at_once(tmp_path: Path) -> None:
    server = LocalStripe(tmp_path / "stripe.db")
    command = [sys.executable, "-m", "stripe_local", "--port", "0", "--db", str(tmp_path / "stripe.db")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.rstrip("\n").removeprefix("stripe_local is ready on ")
    assert httpx.get(f"{url}/v1/account", headers={"Authorization": f"Bearer {TEST_KEY}"}).status_code == 200
    process.terminate()
    output, errors = process.communicate(timeout=10)
    assert (process.returncode, output, errors) == (0, "", "")
    server.__exit__(None, None, None)


def test_sigint_ends_it_cleanly(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        assert server.process is not None
        server.process.send_signal(2)
        assert server.process.wait(10) == 0
        assert server.process.stdout is not None
        server.process.stdout.close()
        server.process = None


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stripe_local", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_a_port_in_use_is_one_readable_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("--port", str(port), "--db", str(tmp_path / "stripe.db"))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"stripe_local cannot listen on 127.0.0.1:{port}: Address already in use.")
    assert result.stderr.count("\n") == 1


def test_a_second_server_on_the_same_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to("stripe.db")
    with LocalStripe(tmp_path / "stripe.db") as server:
        assert server.process is not None
        for name in ("stripe.db", "other.db"):
            result = run("--port", "0", "--db", str(tmp_path / name))
            assert result.returncode == 1
            assert f"{tmp_path / 'stripe.db'} is in use by another stripe_local (process {server.process.pid})." in result.stderr
            assert result.stderr.count("\n") == 1
        server.kill()
        server.start()


def test_a_file_that_is_no_store_is_one_readable_line(tmp_path: Path) -> None:
    path = tmp_path / "stripe.db"
    path.write_text("this is no database, and certainly long enough not to be taken for an empty one")
    result = run("--port", "0", "--db", str(path))
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert str(path) in result.stderr


def set_version(path: Path, version: int, *statements: str) -> None:
    with contextlib.closing(sqlite3.connect(path)) as store:
        for statement in (*statements, f"PRAGMA user_version = {version}"):
            store.execute(statement)
        store.commit()


def test_a_store_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        product = server.client().v1.products.create({"name": "a"})
        server.stop()
        set_version(tmp_path / "stripe.db", 1, "DROP TABLE superseded")
        server.start()
        assert server.client().v1.products.update(product.id, {"name": "b"}).name == "b"
        assert [found.name for found in server.client().v1.products.search({"query": "name:'b'"}).data] == ["b"]


def test_a_store_of_a_newer_version_is_one_readable_line(tmp_path: Path) -> None:
    set_version(tmp_path / "stripe.db", 99)
    result = run("--port", "0", "--db", str(tmp_path / "stripe.db"))
    assert result.returncode == 1
    assert "was written by a newer version of stripe_local (schema 99, expected" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("--port", "70000"),
        ("--rate-limit", "0"),
        ("--latency", "-1"),
        ("--event-lag", "-1"),
        ("--search-lag", "-1"),
        ("--host", "0.0.0.0"),
    ],
)
def test_wrong_arguments(arguments: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_it_listens_on_loopback_only(server: LocalStripe) -> None:
    addresses = {found[4][0] for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1", "127.0.1.1"}:
        with pytest.raises(Exception, match=r".*"), socket.create_connection((address, server.port), 1):
            pass


def test_everything_survives_kill_9(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server:
        guide = make_guide(server.client())
        guide.use(3000)
        now = server.clock(advance=3600)
        server.kill()
        server.start()
        assert guide.preview().total == 120
        assert server.client().v1.prices.retrieve(guide.price.id).unit_amount == 4
        assert server.clock() >= now


def test_work_and_saved_answer_survive_together(tmp_path: Path) -> None:
    """Killed at a random moment, a request was done and its answer saved, or neither."""
    with LocalStripe(tmp_path / "stripe.db") as server, httpx.Client(timeout=5) as http:
        for round_ in range(5):
            killer = threading.Timer(0.005 + 0.013 * round_, server.kill)
            killer.start()
            sent = _create_until_it_dies(http, server, round_)
            killer.join()
            server.start()
            for attempt in range(max(sent - 3, 0), sent + 1):
                name = f"{round_}-{attempt}"
                before = _count(http, server, name)
                again = _create(http, server, name)
                assert again.status_code == 200
                assert before == (again.headers.get("idempotent-replayed") == "true")
                assert _count(http, server, name) == 1


@pytest.mark.parametrize("answers_before_the_kill", [1, 40, 150])
def test_killed_amid_many_requests_each_is_done_whole_with_its_answer_or_not_at_all(
    tmp_path: Path, answers_before_the_kill: int
) -> None:
    """Products with a default price, which is three writes, from 16 clients at once."""
    answered: dict[str, dict[str, Any]] = {}
    unanswered: list[str] = []
    numbers = itertools.count()

    def send(http: httpx.Client, key: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {TEST_KEY}", "Idempotency-Key": key}
        data = {"name": key, "default_price_data[currency]": "usd", "default_price_data[unit_amount]": "5"}
        return http.post(f"{server.url}/v1/products", headers=headers, data=data)

    def send_until_it_dies() -> None:
        with httpx.Client(timeout=30) as http:
            while True:
                key = f"key-{next(numbers)}"
                try:
                    answered[key] = send(http, key).json()
                except httpx.HTTPError:
                    unanswered.append(key)
                    return

    with LocalStripe(tmp_path / "stripe.db") as server, httpx.Client(timeout=30) as http:
        clients = [threading.Thread(target=send_until_it_dies) for _ in range(16)]
        for client in clients:
            client.start()
        while len(answered) < answers_before_the_kill:
            time.sleep(0.001)
        server.kill()
        for client in clients:
            client.join()
        assert len(unanswered) == len(clients)
        server.start()
        stripe = server.client()
        stored = {product.name: product for product in stripe.v1.products.list({"limit": 100}).auto_paging_iter()}
        assert set(answered) <= set(stored), "what was answered is there"
        assert {stored[key].id for key in answered} == {product["id"] for product in answered.values()}
        prices = {price.id: price.product for price in stripe.v1.prices.list({"limit": 100}).auto_paging_iter()}
        assert prices == {product.default_price: product.id for product in stored.values()}, "none is half done"
        for key in [*unanswered, *answered]:
            again = send(http, key)
            assert again.status_code == 200
            assert (again.headers.get("idempotent-replayed") == "true") == (key in stored), key
            assert key not in stored or again.json()["id"] == stored[key].id
        names = [product.name for product in stripe.v1.products.list({"limit": 100}).auto_paging_iter()]
        assert sorted(names) == sorted([*answered, *unanswered]), "each is there once"


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits the files of a running process")
def test_a_full_disk_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    with LocalStripe(tmp_path / "stripe.db") as server, httpx.Client(timeout=30) as http:
        assert server.process is not None
        _create(http, server, "first")
        size = max(path.stat().st_size for path in tmp_path.iterdir())
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 50_000, resource.RLIM_INFINITY))
        numbers, answered = itertools.count(), ["first"]
        while (answer := _create(http, server, name := f"full-{next(numbers)}")).status_code == 200:
            answered.append(name)
        assert answer.status_code == 500
        assert f"stripe_local cannot write {tmp_path / 'stripe.db'}: " in answer.json()["error"]["message"]
        assert sorted(_names(server)) == sorted(answered), "what is there can be read"
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        again = _create(http, server, name)
        assert (again.status_code, again.headers.get("idempotent-replayed")) == (200, None)
        server.kill()
        server.start()
        assert sorted(_names(server)) == sorted([*answered, name])


def _names(server: LocalStripe) -> list[str]:
    return [product.name for product in server.client().v1.products.list({"limit": 100}).auto_paging_iter()]


class Hasty(PatientProtocol):
    """Waits for the rest of a request for a moment only."""

    read_seconds = 0.3


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[int]:
    """The port of a server that waits for a moment only."""
    with contextlib.closing(Server(tmp_path / "stripe.db")) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(build(server), http=Hasty, ws="none", lifespan="off", log_level="warning", timeout_keep_alive=1)
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, args=([listener],))
        thread.start()
        yield listener.getsockname()[1]
        running.should_exit = True
        thread.join()


HEAD = b"POST /v1/products HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer sk_test_local\r\n"


def _until_closed(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


UNFINISHED = [
    b"",
    b"POST",
    HEAD,
    HEAD + b"Content-Length: 9\r\n\r\nna",
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nna\r\n",
]


def test_a_request_that_does_not_come_whole_is_not_waited_for(hasty: int) -> None:
    with contextlib.ExitStack() as stack:
        waiting = []
        for before in (b"", HEAD + b"Content-Length: 6\r\n\r\nname=a"):
            for sent in UNFINISHED:
                connection = stack.enter_context(socket.create_connection(("127.0.0.1", hasty), 60))
                if before:
                    connection.sendall(before)
                    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
                connection.sendall(sent)
                waiting.append(connection)
        for connection in waiting:
            assert b"HTTP/1.1" not in _until_closed(connection)
    stats = httpx.get(f"http://127.0.0.1:{hasty}/_local/stats").json()
    assert (stats["statuses"]["2xx"], stats["statuses"]["5xx"], stats["in_flight"], stats["lost"]) == (5, 0, 0, 4)


def test_a_request_that_takes_long_is_waited_for(hasty: int) -> None:
    url = f"http://127.0.0.1:{hasty}"
    httpx.post(f"{url}/_local/faults", json={"delay": 1})
    assert httpx.post(f"{url}/v1/products", data={"name": "a"}, auth=(TEST_KEY, ""), timeout=60).status_code == 200


def test_headers_without_end_are_not_kept(hasty: int) -> None:
    with socket.create_connection(("127.0.0.1", hasty), 60) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(HEAD)
        for number in range(100_000):
            connection.sendall(f"X-{number}: {'x' * 1000}\r\n".encode())
        raise AssertionError("a hundred megabytes of headers were read")


def _create_until_it_dies(http: httpx.Client, server: LocalStripe, round_: int) -> int:
    """The number of the request that got no answer."""
    for attempt in itertools.count():
        try:
            _create(http, server, f"{round_}-{attempt}")
        except httpx.HTTPError:
            return attempt
    raise AssertionError


def _create(http: httpx.Client, server: LocalStripe, name: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TEST_KEY}", "Idempotency-Key": f"key-{name}"}
    return http.post(f"{server.url}/v1/products", headers=headers, data={"name": name})


def _count(http: httpx.Client, server: LocalStripe, name: str) -> int:
    headers = {"Authorization": f"Bearer {TEST_KEY}"}
    found = http.get(f"{server.url}/v1/products/search", headers=headers, params={"query": f"name:'{name}'"})
    return len(found.json()["data"])


def test_keys_are_neither_stored_nor_printed(tmp_path: Path) -> None:
    key = "sk_test_ThisMustNotBeFoundAnywhere"
    db = tmp_path / "stripe.db"
    command = [sys.executable, "-m", "stripe_local", "--port", "0", "--db", str(db)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().split()[-1]
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "k"}
    assert httpx.post(f"{url}/v1/customers", headers=headers, data={"name": "John Doe"}).status_code == 200
    wrong = httpx.get(f"{url}/v1/account", headers={"Authorization": "Bearer sk_wrong_ThisMustNotBeFoundAnywhere"})
    assert wrong.status_code == 401
    recorded = httpx.get(f"{url}/_local/requests", headers=headers).text
    assert "/v1/customers" in recorded
    process.terminate()
    output, _ = process.communicate(timeout=10)
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for text in (output, recorded, wrong.text, files.decode("latin-1")):
        assert "ThisMustNotBeFound" not in text


def test_time_does_not_stand_still(server: LocalStripe) -> None:
    assert abs(server.clock() - time.time()) < 5


def test_a_server_that_does_not_start_says_why(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    server = LocalStripe(tmp_path / "stripe.db", rate_limit=-1)
    with pytest.raises(RuntimeError, match=r"did not start \(exit code 2\); what it wrote to standard error says why"):
        server.start()
    server.__exit__(None, None, None)
    assert "argument --rate-limit: must be more than 0" in capfd.readouterr().err
