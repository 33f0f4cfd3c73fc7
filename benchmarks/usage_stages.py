"""The stages of an import, one after the other on one thread: the CPU time of each. And the client alone, from memory.

What `benchmarks.usage_stream` runs in a process of its own; prints a JSON object: the seconds that the client took, and
microseconds of CPU for each event.

python -m benchmarks.usage_stages events.ndjson http://127.0.0.1:12111 tokens stages
"""

from __future__ import annotations

import contextlib
import itertools
import json
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from stripe_client.client import Client
from stripe_client.settings import load
from stripe_usage import checkpoint
from stripe_usage.asking.meter import Meter, meter_of
from stripe_usage.events.event import Event, Row
from stripe_usage.events.identifiers import Content, derived
from stripe_usage.events.rows import Rules
from stripe_usage.importing import reading
from stripe_usage.importing.run import CHUNK
from stripe_usage.sending.deciding.schedule import Schedule
from stripe_usage.sending.http import Http
from stripe_usage.sending.senders import EVENTS_A_REQUEST, Streaming

FAST = 1e6
STREAM_THREADS = 8
WINDOW = 10_000


class Stages:
    """The CPU seconds of this thread, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """What is done inside counts for that stage."""
        began = time.thread_time()
        yield
        self.seconds[name] += time.thread_time() - began


def main(file: str, base: str, event_name: str, what: str) -> None:
    """Measures the `client`, or the `stages` too."""
    client = Client(load(lambda name: None, {"STRIPE_API_BASE": base}))
    meter = meter_of(client, None, event_name)
    sender = Streaming(Http(base, FAST, STREAM_THREADS, threading.Event()), meter, client)
    stages = Stages()
    requests = list(_requests(Path(file), meter, stages))
    events = sum(map(len, requests))
    wall, cpu = time.monotonic(), time.process_time()
    with ThreadPoolExecutor(STREAM_THREADS) as pool:
        if any(pool.map(sender.send, requests)):
            raise SystemExit("not every event was taken")
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    found: dict[str, object] = {"seconds": wall, "cpu_us": cpu / events * 1e6}
    if what == "stages":
        some = requests[: max(1, len(requests) // 4)]
        with stages.stage("JSON"):
            for taken in some:
                sender.body(taken)
        with stages.stage("HTTP"):
            for taken in some:
                sender.send(taken)
        share = sum(map(len, some)) / events
        stages.seconds["HTTP"] = (stages.seconds["HTTP"] - stages.seconds["JSON"]) / share
        stages.seconds["JSON"] /= share
        found["stages"] = {name: seconds / events * 1e6 for name, seconds in stages.seconds.items()}
    sys.stdout.write(json.dumps(found))


def _requests(file: Path, meter: Meter, stages: Stages) -> Iterator[list[Event]]:
    """The requests of an import, as `stripe_usage.importing` makes them of the file."""
    now, schedule = int(time.time()), Schedule()
    with (
        tempfile.TemporaryDirectory(prefix="usage") as folder,
        checkpoint.opened(Path(folder) / "checkpoint.db", meter.id, meter.event_name, now=0) as points,
        reading.opened(str(file)) as source,
    ):
        rows = source.rows(Rules(), now)
        more = True
        while more or schedule:
            if more:
                with stages.stage("reading and checking"):
                    chunk = [row for row in itertools.islice(rows, CHUNK) if isinstance(row, Row)]
                more = bool(chunk)
                added = _added(chunk, meter, points, stages)
                with stages.stage("order"):
                    for event in added:
                        schedule.add(event)
            taken: list[list[Event]] = []
            with stages.stage("order"):
                while len(schedule) > (WINDOW if more else 0) and (events := schedule.take(EVENTS_A_REQUEST)):
                    taken.append(events)
            with stages.stage("checkpoint: states"):
                points.sending([event.number for events in taken for event in events], now)
                points.commit()
                points.accepted([event.number for events in taken for event in events])
            with stages.stage("order"):
                for events in taken:
                    schedule.done(events)
            yield from taken
        points.commit()


def _added(chunk: list[Row], meter: Meter, points: checkpoint.Checkpoint, stages: Stages) -> list[Event]:
    with stages.stage("identifiers"):
        identifiers = [derived(Content(meter.id, "", row.customer, row.value, row.timestamp)) for row in chunk]
    events = []
    with stages.stage("checkpoint: events"):
        points.look_up(identifiers)
        for row, identifier in zip(chunk, identifiers, strict=True):
            if points.find(identifier) is None:
                timestamp = row.timestamp or 0
                number = points.add(identifier, row.customer, row.value, timestamp, 1, row.line)
                events.append(Event(number, identifier, row.customer, row.value, timestamp, row))
        points.commit()
    return events


if __name__ == "__main__":
    main(*sys.argv[1:])
