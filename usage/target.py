"""Where usage goes: the options, the same for every command, by which a meter and an account are named, and what they come to."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from stripe_resources._core.client import Client
from stripe_resources._core.errors import ConfigurationError
from stripe_resources._core.settings import DEFAULT_API_BASE, Settings
from stripe_resources._core.settings import load as load_settings
from stripe_resources.export.project import target as stack_target
from usage.errors import UsageError

from . import stack as stacks
from .meter import Meter, meter_of
from .sending.http import LOOPBACK

METER_EVENTS_BASE = "https://meter-events.stripe.com"
LOCAL_REQUESTS_PER_SECOND = 2000
"""A local Stripe has no limit unless it was started with one; then its 429s slow us down."""


@dataclass(frozen=True)
class Target:
    """A meter, and the account that it is in."""

    meter: Meter
    settings: Settings
    client: Client
    stream_base: str
    local: bool
    """Whether Stripe is on loopback."""


def add_to(parser: argparse.ArgumentParser) -> None:
    """Adds the options."""
    group = parser.add_argument_group("the meter (default: that of stack PULUMI_STACK)")
    choice = group.add_mutually_exclusive_group()
    choice.add_argument("--stack", help="the stack that declares it, by its outputs meter_id and event_name")
    choice.add_argument(
        "--outputs", metavar="FILE", help="the stack's outputs, written by `pulumi stack output --json`; - is standard input"
    )
    choice.add_argument("--event-name", metavar="NAME", help="the active meter of that event name, whoever declared it")
    group.add_argument(
        "--live", action="store_true", help="with --outputs or --event-name: it is in live mode, and so is the key"
    )


def target_of(arguments: argparse.Namespace, environment: Mapping[str, str] = os.environ) -> Target:
    """What the options name. Raises `UsageError`, `StripeError`; no message shows the key."""
    folder = stacks.project_folder(Path.cwd())
    stack: str = arguments.stack or ("" if arguments.outputs or arguments.event_name else environment.get("PULUMI_STACK", ""))
    config: Mapping[str, str] = {"stripe:livemode": "true" if arguments.live else "false"}
    if stack:
        if arguments.live:
            raise UsageError("--live is for --outputs and --event-name; a stack says stripe:livemode itself")
        found = stacks.outputs(stack, folder, environment)
        try:
            config = stack_target(folder, None, stack, environment).config
        except ConfigurationError:
            config = {}  # no project here: the environment has to say it all
    elif arguments.outputs:
        found = stacks.parsed(_read(arguments.outputs), arguments.outputs)
    elif arguments.event_name:
        found = {"event_name": arguments.event_name}
    else:
        raise UsageError("which meter is it? Give --stack (or set PULUMI_STACK), --outputs or --event-name")
    settings = load_settings(config.get, environment)
    if settings.problems and not stack and not arguments.live:
        raise UsageError("; ".join(settings.problems) + " (for a live key without a stack, give --live)")
    local = _host(settings.api_base) in LOOPBACK
    if local:
        settings = replace(settings, requests_per_second=LOCAL_REQUESTS_PER_SECOND)
    client = Client(settings)
    meter = meter_of(client, found.get("meter_id"), found.get("event_name"))
    return Target(meter, settings, client, _stream_base(settings.api_base, environment), local)


def _read(name: str) -> str:
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, ValueError) as e:
        raise UsageError(f"{name}: {getattr(e, 'strerror', None) or 'is no UTF-8'}") from None


def _stream_base(api_base: str, environment: Mapping[str, str]) -> str:
    """The host of the meter event stream: Stripe has one of its own for it, a local Stripe has not."""
    given = environment.get("STRIPE_METER_EVENTS_BASE", "").rstrip("/")
    return given or (METER_EVENTS_BASE if api_base == DEFAULT_API_BASE else api_base)


def _host(base: str) -> str:
    return urlsplit(base).hostname or ""
