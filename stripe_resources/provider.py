"""The dynamic provider: a thin front over the handlers.

Pulumi pickles the provider into the state of every resource and compares the pickles. This one pickles to a constant, the call
`stripe_resources.provider.load("stripe:Price")`, which is part of the state's format: this module's path, the name of `load`
and the tokens stay as they are for ever, whatever else moves.
https://www.pulumi.com/docs/iac/concepts/resources/dynamic-providers/
"""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)
from pulumi.output import Unknown as PulumiUnknown

from stripe_client.settings import Settings
from stripe_client.settings import load as load_settings

from . import host
from ._core.handler import Handler, connect
from ._core.register import KINDS
from ._core.values.options import IGNORED
from ._core.values.schema import UNKNOWN
from .commandline import asked_to_replace

PROVIDER_KEY = "__provider"


def load(token: str) -> StripeProvider:
    """What a pickled provider is turned back into."""
    return StripeProvider(token)


class StripeProvider(ResourceProvider):
    """check, diff, create, read, update and delete as the dynamic provider host calls them."""

    serialize_as_secret_always = False

    def __init__(self, token: str) -> None:
        super().__init__()
        self._token = token
        self._settings: Settings | None = None

    def __reduce__(self) -> tuple[Callable[[str], StripeProvider], tuple[str]]:
        return load, (self._token,)

    def configure(self, req: ConfigureRequest) -> None:
        """Takes the stack's configuration; what is wrong with it is said by `check`, or before the first request."""
        self._settings = load_settings(req.config.get, os.environ)
        if host.is_provider_host():  # in the program's own process, a limit on tracebacks hangs the SDK
            # The host reports every exception with its traceback; users need the last line of it.
            sys.tracebacklimit = 0
            host.widen()

    @property
    def _handler(self) -> Handler:
        settings = self._settings or load_settings(lambda _: None, os.environ)
        return _handlers(settings)(self._token)

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """The inputs in their one form; everything that is wrong with them."""
        inputs, failures = self._handler.check(_plain(_olds), _plain(news))
        # The engine puts an unnamed failure as "resource 'x' has a problem: ...", and a named one with the value of the
        # property as Go prints it; the text has the full path and the value already.
        return CheckResult(_pulumi(inputs), [CheckFailure("", str(f)) for f in failures])

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Whether Stripe's object, as last seen, differs from the inputs."""
        found = self._handler.diff(_id, _plain(_olds), _with_ignored(_plain(_news)))
        return DiffResult(
            changes=bool(found),
            replaces=found.replaces or None,
            delete_before_replace=found.delete_before_replace or None,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Creates the object."""
        id_, outputs = self._handler.create(_plain(props))
        return CreateResult(id_, outputs)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """What Stripe has now; an empty id where the object is gone."""
        found = self._handler.read(id_, _plain(props))
        if found is None:
            return ReadResult("", {})
        outputs, inputs = found
        return ReadResult(id_, outputs, inputs)

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Brings the object in line with the inputs."""
        return UpdateResult(self._handler.update(_id, _plain(_olds), _with_ignored(_plain(_news))))

    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Retires the object."""
        self._handler.delete(_id, _plain(_props))


@functools.lru_cache(maxsize=8)
def _handlers(settings: Settings) -> Callable[[str], Handler]:
    """One client and one set of handlers for all resources of a process that have the same settings."""
    return connect(settings, KINDS, asked_to_replace)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without the pickled provider, and with the core's own unknown."""
    return {k: _known(v) for k, v in values.items() if k != PROVIDER_KEY}


def _with_ignored(news: dict[str, Any]) -> dict[str, Any]:
    """The inputs with what the engine says of `ignore_changes`, which knows what transforms add."""
    paths = dict.fromkeys([*(news.get(IGNORED) or ()), *host.ignored()])
    return {**news, IGNORED: list(paths)} if paths else news


def _known(value: Any) -> Any:
    if isinstance(value, PulumiUnknown):
        return UNKNOWN
    if isinstance(value, float) and value.is_integer():
        return int(value)  # Pulumi carries every number as a double; Stripe refuses 4.0
    if isinstance(value, Mapping):
        return {k: _known(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_known(v) for v in value]
    return value


def _pulumi(value: Any) -> Any:
    if value is UNKNOWN:
        return PulumiUnknown()  # type: ignore[no-untyped-call]
    if isinstance(value, Mapping):
        return {k: _pulumi(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_pulumi(v) for v in value]
    return value
