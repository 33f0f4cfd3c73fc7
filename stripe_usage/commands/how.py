"""How events are sent, and how fast: the same options of every command that sends."""

from __future__ import annotations

import argparse
import threading
from argparse import _ActionsContainer

from stripe_usage.asking.meter import Meter
from stripe_usage.naming.target import LOCAL_REQUESTS_PER_SECOND, Account
from stripe_usage.sending.http import Http
from stripe_usage.sending.senders import (
    LIVE_EVENTS_PER_SECOND,
    LIVE_STREAM_REQUESTS_PER_SECOND,
    TEST_REQUESTS_PER_SECOND,
    OneByOne,
    Sender,
    Streaming,
)

THREADS, STREAM_THREADS = 32, 8


def add_to(parser: _ActionsContainer) -> None:
    """Adds --stream, --requests-per-second and --threads."""
    parser.add_argument(
        "--stream", action="store_true", help="the meter event stream (v2): 100 events per request, validated afterwards"
    )
    parser.add_argument(
        "--requests-per-second",
        type=positive,
        metavar="N",
        help=f"at most (default: live mode {LIVE_EVENTS_PER_SECOND}, with --stream {LIVE_STREAM_REQUESTS_PER_SECOND}; "
        f"test mode {TEST_REQUESTS_PER_SECOND}; a local Stripe {LOCAL_REQUESTS_PER_SECOND})",
    )
    parser.add_argument(
        "--threads", type=_count, metavar="N", help=f"requests at a time (default: {THREADS}, with --stream {STREAM_THREADS})"
    )


def threads(arguments: argparse.Namespace) -> int:
    """How many requests at a time."""
    return int(arguments.threads or (STREAM_THREADS if arguments.stream else THREADS))


def per_second(arguments: argparse.Namespace, account: Account, meter: Meter) -> float:
    """How many requests a second."""
    given = arguments.requests_per_second
    return float(given or account.requests_per_second(livemode=meter.livemode, stream=arguments.stream))


def sender_of(arguments: argparse.Namespace, account: Account, meter: Meter, now: int, stopped: threading.Event) -> Sender:
    """What sends to that meter. `now` is Stripe's clock: the stream's answers say nothing, so an older one is none."""
    rate, count, settings = per_second(arguments, account, meter), threads(arguments), account.settings
    if arguments.stream:
        return Streaming(Http(account.stream_base, rate, count, stopped, since=now), meter, account.client)
    return OneByOne(Http(settings.api_base, rate, count, stopped), meter, settings.api_key)


def positive(text: str) -> float:
    """The value of an option that must be more than 0."""
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError("must be more than 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be from 1 to 1000")
    return value
