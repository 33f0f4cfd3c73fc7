"""The log beside a large state: what changed since the state was last saved as a whole, one change a line.

Saving a state as a whole costs as much as it is large, however little changed; a line costs as much as the change. The first
line says which save the log goes on from (by the time in its manifest) and how its resources and pending operations are numbered:

    {"after": "2026-01-01T00:00:00.000001Z", "resources": [4, 5, 0, 1], "new": 2, "pending": [7]}

`resources` are the numbers of the saved resources; the first `new` of them were made in this run, and what is new goes behind
those. `pending` are the numbers of the first pending operations; those that are left over from earlier runs have none. Then:

    {"begin": 8, "operation": {...}}    {"end": 7}    {"put": 6, "resource": {...}}    {"drop": 4}

All of it is plain data; nothing here does I/O.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from pulumi_local.interfaces import Deployment, Json, Rendered, encoded


def head(deployment: Deployment, resources: Iterable[int], new: int, pending: Iterable[int]) -> bytes:
    """The first line of the log that continues this save."""
    after = deployment["manifest"]["time"]
    return encoded({"after": after, "resources": list(resources), "new": new, "pending": list(pending)}) + b"\n"


def begin(number: int, operation: Mapping[str, Json]) -> bytes:
    """An operation is under way."""
    return b'{"begin":%d,"operation":%s}\n' % (number, encoded(operation))


def end(number: int) -> bytes:
    """An operation is not under way any more."""
    return b'{"end":%d}\n' % number


def put(number: int, resource: Rendered) -> bytes:
    """A resource is new, or has changed."""
    return b'{"put":%d,"resource":%s}\n' % (number, resource.encoded)


def drop(number: int) -> bytes:
    """A resource is gone."""
    return b'{"drop":%d}\n' % number


def replayed(deployment: Deployment, log: bytes) -> Deployment | None:
    """The deployment with the changes of the log; None if the log continues another save.

    A last line that was cut off in the middle was never relied on, and is left out.
    """
    lines = _lines(log)
    first = next(lines, None)
    if first is None or first.get("after") != (deployment.get("manifest") or {}).get("time"):
        return None
    saved, operations = deployment.get("resources") or [], deployment.get("pending_operations") or []
    numbers, new = first["resources"], first["new"]
    early = dict(zip(numbers[:new], saved[:new], strict=True))
    late = dict(zip(numbers[new:], saved[new:], strict=True))
    pending = dict(zip(first["pending"], operations, strict=False))
    left_over = operations[len(pending) :]
    for line in lines:
        if "put" in line:
            (late if line["put"] in late else early)[line["put"]] = line["resource"]
        elif "drop" in line:
            early.pop(line["drop"], None)
            late.pop(line["drop"], None)
        elif "begin" in line:
            pending[line["begin"]] = line["operation"]
        else:
            pending.pop(line["end"], None)
    result = {**deployment, "resources": [*early.values(), *late.values()], "pending_operations": [*pending.values(), *left_over]}
    return result if result["pending_operations"] else {k: v for k, v in result.items() if k != "pending_operations"}


def _lines(log: bytes) -> Iterator[dict[str, Json]]:
    for line in log.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            return
        try:
            yield json.loads(line)
        except (ValueError, RecursionError):
            return
