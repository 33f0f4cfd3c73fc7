"""Makes a crash happen exactly where a point says."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.crash.points import Point
from tests.crash.rig import PATIENCE_SECONDS, Command
from tests.stripe_local.server import LocalStripe

_GLANCE_SECONDS = 0.01


def crash(point: Point, server: LocalStripe, begin: Callable[[], Command]) -> Command:
    """Begins a command, and has the point's victim die at the point; the command has ended.

    A local Stripe that was killed is started again at once, so that the command can go on.
    """
    if point.victim == "connection":
        server.fault(match=point.match, lose_connection=point.moment.replace("-", "_"))
        command = begin()
        command.wait()
        assert struck(server), f"{command.text}\n{sent(server)}"
        return command
    if point.moment == "before-work":
        # The connection is cut when the request is let go: it was lost on its way.
        server.fault(match=point.match, hold="before_work", lose_connection="before_work")
    else:
        server.fault(match=point.match, hold="after_work")
    command = begin()
    wait_until_held(server, command)
    if point.moment == "after-answer":
        server.clear_faults()
        wait_until(lambda: all(r["status"] is not None for r in struck(server)), lambda: sent(server))
    if point.victim == "stripe":
        server.kill()
        server.start()
    else:
        command.kill(point.victim)
        server.clear_faults()
    command.wait()
    return command


def wait_until_held(server: LocalStripe, command: Command) -> None:
    """Waits until a request of the command is held. Fails if the command ends without it."""

    def held() -> bool:
        assert command.running, f"it ended without such a request:\n{command.text}\n{sent(server)}"
        return any(request["held"] for request in struck(server))

    wait_until(held, lambda: sent(server))


def struck(server: LocalStripe) -> list[dict[str, Any]]:
    """The requests that met a fault."""
    return [request for request in server.requests() if request["fault"] is not None]


def sent(server: LocalStripe) -> list[str]:
    """All requests so far, for a message."""
    return [f"{r['method']} {r['path']}" for r in server.requests()]


def wait_until(condition: Callable[[], bool], situation: Callable[[], object]) -> None:
    """Waits for something that another process does. Fails, and says how things are, if it does not."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, situation()
        time.sleep(_GLANCE_SECONDS)
