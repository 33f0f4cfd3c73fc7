"""`python -m stripe_local`: serve the local Stripe on loopback."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import signal
import socket
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

try:
    import uvicorn

    from .app import build
    from .serving.protocol import PatientProtocol
    from .serving.server import Server
    from .store.lock import StoreInUse, locked
    from .wire import loopback
except ModuleNotFoundError as e:
    sys.exit(f"stripe_local needs {e.name}: pip install 'pulumi-stripe-billing[local]'")

DEFAULT_PORT = 12111
DEFAULT_DB = Path(".local") / "stripe.db"


def parser() -> argparse.ArgumentParser:
    """The command line."""
    result = argparse.ArgumentParser(
        prog="python -m stripe_local",
        description=f"A local, stateful Stripe for billing. It listens on {loopback.ADDRESS} only.",
    )
    result.add_argument("--version", action="version", version=_version())
    result.add_argument(
        "--port", type=int, default=DEFAULT_PORT, help="port to listen on; 0 takes any free one (default: %(default)s)"
    )
    result.add_argument("--db", type=Path, default=DEFAULT_DB, help="SQLite file (default: %(default)s)")
    result.add_argument("--latency", type=float, default=0, metavar="MS", help="milliseconds added to every request (default: 0)")
    result.add_argument(
        "--rate-limit",
        type=float,
        metavar="PER_SECOND",
        help="requests a second that a mode of an account takes; more are answered with 429 (default: no limit)",
    )
    result.add_argument(
        "--event-lag",
        type=float,
        default=0,
        metavar="SECONDS",
        help="seconds until a meter event shows in summaries and invoices (default: 0)",
    )
    result.add_argument(
        "--search-lag",
        type=float,
        default=0,
        metavar="SECONDS",
        help="seconds until search sees a new or changed object; lists see it at once (default: 0)",
    )
    result.add_argument(
        "--report-lag",
        type=float,
        default=1,
        metavar="SECONDS",
        help="seconds until meter events that were taken and dropped are reported (default: 1; Stripe's about 12)",
    )
    result.add_argument(
        "--advance-lag",
        type=float,
        default=0.5,
        metavar="SECONDS",
        help="seconds for which a test clock is advancing (default: 0.5; Stripe's about 5)",
    )
    return result


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    line = parser()
    arguments = line.parse_args(argv)
    if not 0 <= arguments.port <= 65535:
        line.error(f"argument --port: {arguments.port} is not a port (0 to 65535)")
    for name in ("latency", "event_lag", "search_lag", "report_lag", "advance_lag"):
        if getattr(arguments, name) < 0:
            line.error(f"argument --{name.replace('_', '-')}: must not be negative")
    if arguments.rate_limit is not None and arguments.rate_limit <= 0:
        line.error("argument --rate-limit: must be more than 0")
    return arguments


def _version() -> str:
    try:
        return metadata.version("pulumi-stripe-billing")
    except metadata.PackageNotFoundError:  # a checkout that is not installed
        return "unknown"


class _Uvicorn(uvicorn.Server):
    """Announces itself once it accepts connections, and treats a signal as a request to end, not as a failure."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self.url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        sys.stdout.write(f"stripe_local is ready on {self.url}\n")
        sys.stdout.flush()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield


def _listen(port: int) -> socket.socket:
    # asyncio switches Nagle's algorithm off only where it sees the protocol; with it, each answer takes 40 ms more.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((loopback.ADDRESS, port))
    return listener


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM. Returns the exit code."""
    arguments = _arguments(argv)
    try:
        listener = _listen(arguments.port)
    except OSError as error:
        sys.stderr.write(
            f"stripe_local cannot listen on {loopback.ADDRESS}:{arguments.port}: {error.strerror}. "
            "Stop what uses the port, or choose another with --port (0 takes any free one).\n"
        )
        return 1
    path: Path = arguments.db
    try:
        with contextlib.closing(listener), locked(path):
            server = Server(
                path,
                latency=arguments.latency / 1000,
                rate_limit=arguments.rate_limit,
                event_lag=arguments.event_lag,
                search_lag=arguments.search_lag,
                report_lag=arguments.report_lag,
                advance_lag=arguments.advance_lag,
                base_url=_address(listener),
            )
            with contextlib.closing(server):
                _serve(server, listener)
    except sqlite3.Error as error:
        sys.stderr.write(f"stripe_local cannot use {path}: {error}. Delete the file, or choose another with --db.\n")
        return 1
    except (StoreInUse, ValueError, OSError) as error:
        sys.stderr.write(f"stripe_local: {error}\n")
        return 1
    return 0


def _address(listener: socket.socket) -> str:
    return f"http://{loopback.ADDRESS}:{listener.getsockname()[1]}"


def _serve(server: Server, listener: socket.socket) -> None:
    config = uvicorn.Config(
        build(server),
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,  # answers have the date of the server's own clock
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        backlog=2048,
    )
    gc.freeze()  # What is loaded by now stays: no collection has to look at it.
    asyncio.run(_Uvicorn(config, _address(listener)).serve([listener]))


if __name__ == "__main__":
    sys.exit(main())
