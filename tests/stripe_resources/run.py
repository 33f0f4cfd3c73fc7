"""What an engine does with one provider process, without an engine."""

from __future__ import annotations

from typing import Any

from stripe_client.settings import Settings
from stripe_local.testing import Account
from stripe_resources._core.handler import Handler, connect
from stripe_resources.register import KINDS

from .sample import Values


class Run:
    """What the engine does in one `up`, in one provider process, with the account's key or another one."""

    def __init__(self, server: Account, *, forced: bool = False, key: str | None = None, **settings: Any) -> None:
        self.server = server
        self.waited: list[float] = []
        self.said: list[str] = []

        def say(line: str) -> None:
            self.said.append(line)
            print(line)

        wanted = {"livemode": False, "requests_per_second": 1000, **settings}
        self._handlers = connect(
            Settings(key or server.key, server.url, **wanted), KINDS, lambda owner: forced, self.waited.append, say
        )

    def handler(self, kind: str) -> Handler:
        return self._handlers(f"stripe:{kind}")

    def create(self, kind: str, name: str, args: Values) -> tuple[str, Values]:
        inputs, failures = self.handler(kind).check({}, {**args, "__owner": f"p/dev/{kind}/{name}"})
        assert failures == []
        return self.handler(kind).create(inputs)

    def update(self, kind: str, id_: str, old: Values, args: Values) -> Values | None:
        """The new outputs; None where nothing changed."""
        handler = self.handler(kind)
        inputs, failures = handler.check(old, {**args, "__owner": old["__owner"]})
        assert failures == []
        found = handler.diff(id_, old, inputs)
        assert not found.replaces
        return handler.update(id_, old, inputs) if found else None

    def replace(self, kind: str, id_: str, old: Values, args: Values) -> tuple[str, Values]:
        handler = self.handler(kind)
        news = {**args, "__owner": old["__owner"]}
        found = handler.diff(id_, old, handler.check(old, news)[0])
        assert found.replaces
        inputs, _ = handler.check({}, news)
        if found.delete_before_replace:
            handler.delete(id_, old)
        made = handler.create(inputs)
        if not found.delete_before_replace:
            handler.delete(id_, old)
        return made

    def read(self, kind: str, id_: str, old: Values) -> tuple[Values, Values] | None:
        return self.handler(kind).read(id_, old)

    def sent(self) -> list[tuple[str, str]]:
        return [(r["method"], r["path"]) for r in self.server.requests()]


def unmarked(outputs: Values) -> Values:
    """The outputs of what was found again, as they were when it was made."""
    return {name: value for name, value in outputs.items() if name != "__lineage"}


def read(run: Run, kind: str, id_: str, outputs: Values) -> Values:
    """The outputs of an object that is there."""
    found = run.read(kind, id_, outputs)
    assert found is not None
    return found[0]
