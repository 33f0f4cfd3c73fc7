"""Where usage goes: the options that name a meter and an account for every command, and what they mean."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stripe_client.client import Client
from stripe_client.errors import ConfigurationError
from stripe_client.project import stack_of
from stripe_client.reading import text
from stripe_client.settings import DEFAULT_API_BASE, TEST_REQUESTS_PER_SECOND, Settings, address_problem, is_loopback
from stripe_client.settings import load as load_settings
from stripe_usage.asking.meter import Meter, meter_of
from stripe_usage.errors import UsageError
from stripe_usage.sending.http import Http
from stripe_usage.sending.senders import LIVE_EVENTS_PER_SECOND, LIVE_STREAM_REQUESTS_PER_SECOND
from stripe_usage.sending.senders import TEST_REQUESTS_PER_SECOND as TEST_EVENTS_PER_SECOND

from . import stack as stacks

METER_EVENTS_BASE = "https://meter-events.stripe.com"
LOCAL_REQUESTS_PER_SECOND = 2000
"""A local Stripe has no limit unless it was started with one; then its 429s slow us down."""


@dataclass(frozen=True)
class Account:
    """An account at Stripe, and what the stack that deploys to it says of it."""

    settings: Settings
    client: Client
    local: bool
    """Whether Stripe is on loopback."""
    outputs: Mapping[str, Any]
    """The stack's outputs; none where no stack was named."""
    stream_base: str
    """Where its meter event stream is."""

    def output(self, name: str) -> str | None:
        """An output that is a text."""
        value = self.outputs.get(name)
        return value if isinstance(value, str) and value else None

    def texts(self) -> frozenset[str]:
        """All texts among the outputs, at any depth, such as ids."""
        return frozenset(_texts(self.outputs))

    def requests_per_second(self, *, livemode: bool, stream: bool = False) -> float:
        """How many requests with events it takes a second."""
        if self.local:
            return LOCAL_REQUESTS_PER_SECOND
        if not livemode:
            return TEST_EVENTS_PER_SECOND
        return LIVE_STREAM_REQUESTS_PER_SECOND if stream else LIVE_EVENTS_PER_SECOND

    def now(self) -> int:
        """Stripe's clock (Unix seconds), by an answer of its own; that of this machine where the answer does not say."""
        http = Http(self.settings.api_base, TEST_REQUESTS_PER_SECOND, 1, threading.Event())
        return http.clock("/v1/account", self.settings.api_key)


@dataclass(frozen=True)
class Target:
    """A meter, and the account that it is in."""

    meter: Meter
    account: Account


def add_account_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options by which an account is named."""
    _add_to(parser, "the account (default: that of stack PULUMI_STACK, else that of STRIPE_API_KEY)")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options by which a meter is named."""
    choice = _add_to(parser, "the meter (default: that of stack PULUMI_STACK, by its outputs meter_id and event_name)")
    choice.add_argument("--event-name", metavar="NAME", help="the active meter of that event name, even if no stack declares it")


def _add_to(parser: argparse.ArgumentParser, title: str) -> argparse._MutuallyExclusiveGroup:
    """Adds --stack, --outputs and --live; the group of the first two is for what else may be given in their place."""
    group = parser.add_argument_group(title)
    choice = group.add_mutually_exclusive_group()
    choice.add_argument("--stack", help="the stack that deploys to it")
    choice.add_argument(
        "--outputs", metavar="FILE", help="the stack's outputs, written by `pulumi stack output --json`; - is standard input"
    )
    group.add_argument("--live", action="store_true", help="without --stack: it is in live mode, and so is the key")
    return choice


def account_of(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Account:
    """The account that the options name. Raises `UsageError`; no message shows the key."""
    named = arguments.stack or arguments.outputs
    stack = "" if named else environment.get("PULUMI_STACK", "")
    if not named and not stack and not {"STRIPE_API_KEY", "STRIPE_API_BASE"} & environment.keys():
        raise UsageError("which account is it? Give --stack (or set PULUMI_STACK), or set STRIPE_API_KEY")
    return _account(arguments, stack, (), environment)


def target_of(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ, *, inactive: bool = False) -> Target:
    """What the options name; the meter may be `inactive`, if asked for. Raises `UsageError`, `StripeError`.

    No message shows the key.
    """
    named = arguments.stack or arguments.outputs or arguments.event_name
    stack = "" if named else environment.get("PULUMI_STACK", "")
    if not named and not stack:
        raise UsageError("which meter is it? Give --stack (or set PULUMI_STACK), --outputs or --event-name")
    account = _account(arguments, stack, stacks.METER, environment)
    names = arguments.event_name or account.output("event_name")
    meter = meter_of(account.client, account.output("meter_id"), names, inactive=inactive)
    return Target(meter, account)


def _account(arguments: argparse.Namespace, stack: str, wanted: Sequence[str], environment: Mapping[str, str]) -> Account:
    """`stack` is the one of the environment, `wanted` are outputs of which a stack must have one."""
    folder = stacks.project_folder(Path.cwd())
    stack = arguments.stack or stack
    config: Mapping[str, str] = {"stripe:livemode": "true" if arguments.live else "false"}
    found: Mapping[str, Any] = {}
    if stack:
        if arguments.live:
            raise UsageError("--live is only for use without a stack; a stack says stripe:livemode itself")
        found = stacks.outputs(stack, folder, environment, wanted)
        try:
            config = stack_of(folder, None, stack, environment).config
        except ConfigurationError:
            config = {}  # no project here: the environment has to say it all
    elif arguments.outputs:
        found = stacks.parsed(_read(arguments.outputs), arguments.outputs, wanted)
    settings = load_settings(config.get, environment)
    if settings.problems and not stack and not arguments.live:
        raise UsageError("; ".join(settings.problems) + " (for a live key without a stack, give --live)")
    local = is_loopback(settings.api_base)
    if local:
        settings = replace(settings, requests_per_second=LOCAL_REQUESTS_PER_SECOND)
    return Account(settings, Client(settings), local, found, _stream_base(settings.api_base, environment))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def _read(name: str) -> str:
    try:
        return text(name)
    except ValueError as e:
        raise UsageError(f"{name}: {e}") from None


def _stream_base(api_base: str, environment: Mapping[str, str]) -> str:
    """The host of the meter event stream: Stripe has a separate one for it, a local Stripe does not. Raises `UsageError`."""
    given = environment.get("STRIPE_METER_EVENTS_BASE", "").rstrip("/")
    if given and (problem := address_problem(given, "STRIPE_METER_EVENTS_BASE")):
        raise UsageError(problem)
    return given or (METER_EVENTS_BASE if api_base == DEFAULT_API_BASE else api_base)
