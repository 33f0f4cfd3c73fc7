"""A dynamic provider that keeps its objects in a file, so that tests see what is there."""

import fcntl
import json
import os
import time
from contextlib import contextmanager

from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult


@contextmanager
def store():
    with open(os.environ["SHELVES_STORE"], "a+", encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        f.seek(0)
        objects = json.loads(f.read() or "{}")
        yield objects
        f.seek(0)
        f.truncate()
        json.dump(objects, f)


class ShelfProvider(ResourceProvider):
    serialize_as_secret_always = False

    def diff(self, id_, olds, news):
        changed = [k for k in {*olds, *news} - {"made", "__provider"} if olds.get(k) != news.get(k)]
        return DiffResult(changes=bool(changed), replaces=["wood"] if "wood" in changed else [])

    def create(self, props):
        if props.get("fail"):
            raise RuntimeError(props["fail"])
        with store() as objects:
            id_ = f"shelf-{len(objects) + 1}"
            objects[id_] = {k: v for k, v in props.items() if k != "__provider"}
        while props.get("wait") and not os.path.exists(props["wait"]):
            time.sleep(0.02)
        return CreateResult(id_, {**props, "made": f"made of {props.get('wood', 'oak')}"})

    def update(self, id_, olds, news):
        with store() as objects:
            objects[id_] = {k: v for k, v in news.items() if k != "__provider"}
        return UpdateResult({**news, "made": olds["made"]})

    def read(self, id_, props):
        with store() as objects:
            live = objects.get(id_)
        return ReadResult(id_, {**props, **live}) if live is not None else ReadResult("", {})

    def delete(self, id_, props):
        with store() as objects:
            objects[id_] = None


class Shelf(Resource, module="shop", name="Shelf"):
    made: str

    def __init__(self, name, props, opts=None):
        super().__init__(ShelfProvider(), name, props, opts)
