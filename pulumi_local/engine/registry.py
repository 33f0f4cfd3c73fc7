"""The provider instances of a run, by reference; and what happens to provider resources in a plan.

A provider resource is checked, diffed, created and updated by the engine itself. Checking starts a host, which the following
step configures. The SDK's dynamic provider host does not diff configuration, so it is not asked: changed configuration is an
update, never a replacement.
"""

from __future__ import annotations

import contextlib
import os
import threading
import uuid
from collections.abc import Callable, Mapping

from pulumi_local import urns
from pulumi_local.engine import wire
from pulumi_local.engine.diff import DiffResult
from pulumi_local.engine.errors import ProviderError
from pulumi_local.engine.hosts import Host, HostSettings, Provider
from pulumi_local.engine.state import ResourceState
from pulumi_local.engine.values import PropertyMap, Secret, equal_maps
from pulumi_local.errors import Unsupported
from pulumi_local.interfaces import ConfigValue

DYNAMIC = "pulumi-python"
DEFAULT_TYPE, DEFAULT_NAME = urns.PROVIDER_PREFIX + DYNAMIC, "default"
"""The provider of resources that name none."""
INTERNAL = "__internal"
ENVIRONMENT = "envVarMappings"


def default_inputs(config: Mapping[str, ConfigValue]) -> PropertyMap:
    """What the default provider gets: the whole configuration of the stack."""
    return {k: Secret(v.value) if v.secret else v.value for k, v in config.items()}


def configuration(inputs: PropertyMap) -> PropertyMap:
    """A provider's inputs without what only the engine uses."""
    return {k: v for k, v in inputs.items() if k != INTERNAL}


class Registry:
    """Starts hosts, keeps them, and ends them."""

    def __init__(self, settings: HostSettings, preview: bool) -> None:
        self._settings = settings
        self._preview = preview
        self._lock = threading.RLock()
        self._providers: dict[str, Provider] = {}
        self._unconfigured: dict[str, Provider] = {}
        self._aliases: dict[str, str] = {}
        self._spare: Host | None = None
        self._hosts: list[Host] = []
        self._closed = False

    def warm_up(self) -> None:
        """Starts a host before it is needed, so that it comes up while the program does."""
        self._spare = self._start({})

    def _start(self, env: Mapping[str, str]) -> Host:
        with self._lock:
            if self._closed:
                raise ProviderError("the run is being left", recoverable=True)
            host = Host(self._settings, env)
            self._hosts.append(host)
            return host

    def _load(self, urn: str, inputs: PropertyMap) -> Provider:
        package = urns.package_of(urns.type_of(urn))
        if package != DYNAMIC:
            raise Unsupported(
                f"provider {urn} is of package '{package}'; this engine runs dynamic providers ('{DYNAMIC}') only. "
                "Use the Pulumi CLI for others"
            )
        internal = inputs.get(INTERNAL)
        mappings = internal.get(ENVIRONMENT) if isinstance(internal, dict) else None
        env = {
            str(target): os.environ[source]
            for source, target in (mappings.items() if isinstance(mappings, dict) else ())
            if source in os.environ
        }
        with self._lock:
            host, self._spare = (self._start(env), self._spare) if env or self._spare is None else (self._spare, None)
        return Provider(host)

    def _checked(self, urn: str, inputs: PropertyMap) -> Provider:
        """The instance whose host came up in a check, else a new one."""
        with self._lock:
            earlier = self._unconfigured.pop(urn, None)
        return earlier or self._load(urn, inputs)

    # -- instances

    def get(self, reference: str) -> Provider | None:
        """The configured instance of that reference."""
        with self._lock:
            return self._providers.get(reference)

    def _set(self, urn: str, id_: str, provider: Provider) -> Provider | None:
        with self._lock:
            reference = urns.reference(urn, id_)
            old = self._providers.get(reference)
            self._providers[reference] = provider
            if urn in self._aliases:
                self._providers[urns.reference(self._aliases[urn], id_)] = provider
        return old

    def register_alias(self, urn: str, alias: str) -> None:
        """Makes instances of `urn` known under their former URN, too."""
        with self._lock:
            self._aliases[urn] = alias

    def same(self, state: ResourceState, *, checked: bool) -> None:
        """Makes sure that the instance is there, configured as `state` says. `checked`: its host came up in a check."""
        if not state.id or state.id == wire.UNKNOWN_STRING:
            raise Unsupported(f"provider {state.urn} has no known id")
        if self.get(state.reference) is not None:
            return
        provider = self._checked(state.urn, state.inputs) if checked else self._load(state.urn, state.inputs)
        provider.configure(state.urn, state.id, configuration(state.inputs))
        self._set(state.urn, state.id, provider)

    # -- the life of a provider resource

    def check(self, urn: str, news: PropertyMap) -> PropertyMap:
        """The inputs, unchanged; a host is up afterwards."""
        self._unconfigured[urn] = self._checked(urn, news)
        return dict(news)

    @staticmethod
    def diff(old_outputs: PropertyMap, new_inputs: PropertyMap) -> DiffResult:
        """Whether the configuration changed."""
        return DiffResult("none" if equal_maps(old_outputs, configuration(new_inputs)) else "some")

    def create(self, urn: str, inputs: PropertyMap) -> tuple[str, PropertyMap]:
        """Configures a new instance; its id (unknown in a preview) and outputs."""
        provider = self._checked(urn, inputs)
        id_ = wire.UNKNOWN_STRING if self._preview else str(uuid.uuid4())
        provider.configure(urn, id_, configuration(inputs))
        self._set(urn, id_, provider)
        return id_, configuration(inputs)

    def update(self, urn: str, id_: str, inputs: PropertyMap) -> PropertyMap:
        """Configures an instance again, in a new host; returns its outputs."""
        provider = self._checked(urn, inputs)
        provider.configure(urn, id_, configuration(inputs))
        old = self._set(urn, id_, provider)
        if old is not None and old is not provider:
            old.close()
        return configuration(inputs)

    def delete(self, urn: str, id_: str) -> None:
        """Ends an instance."""
        with self._lock:
            provider = self._providers.pop(urns.reference(urn, id_), None)
        if provider is not None:
            provider.close()

    def close(self) -> None:
        """Ends all hosts."""
        with self._lock:
            self._closed = True
            hosts, self._hosts = self._hosts, []
        threads = [threading.Thread(target=_quietly, args=(h.close,)) for h in hosts]
        for t in threads:
            t.start()
        for t in threads:
            t.join()


def _quietly(close: Callable[[], None]) -> None:
    with contextlib.suppress(OSError, ValueError):
        close()
