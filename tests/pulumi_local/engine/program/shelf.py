"""A dynamic provider for tests: boxes on a shelf, which is a folder; every call is written down beside it.

Inputs: `name`, and anything else. `fixed` cannot be changed (the box is replaced), `first`: the old box goes before the new one
comes. `fail` names a method that raises, `hang` one that waits (before its work) until a file `go` is on the shelf.
The output `label` is `NAME/SIZE`; `secret_label` is the same, marked as a secret.
"""

import json
import os
import pathlib
import time

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, ResourceProvider, UpdateResult
from pulumi.output import Unknown
from pulumi.runtime import rpc

SHELF = pathlib.Path(os.environ.get("SHELF", "."))


def plain(value):
    """A copy fit for JSON: unknowns as "?", the serialised provider left out."""
    if isinstance(value, Unknown):
        return "?"
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items() if k != "__provider"}
    return [plain(v) for v in value] if isinstance(value, list) else value


class BoxProvider(ResourceProvider):
    serialize_as_secret_always = False

    def _call(self, method, name, props):
        with open(SHELF / "calls", "a") as f:
            f.write(json.dumps([method, name, plain(props)]) + "\n")
        if props.get("fail") == method:
            raise RuntimeError(f"{method} of {name} is broken")
        if props.get("hang") == method:
            while not (SHELF / "go").exists():
                time.sleep(0.02)

    @staticmethod
    def _outputs(props):
        label = f"{props['name']}/{props.get('size', 0)}"
        return {**props, "label": label, "secret_label": rpc.wrap_rpc_secret(label)}

    def configure(self, req):
        with open(SHELF / "configured", "a") as f:
            f.write(json.dumps(dict(req.config._props)) + "\n")

    def check(self, olds, news):
        self._call("check", news["name"], news)
        failures = [CheckFailure("size", "it is too big")] if news.get("size") == 999 else []
        return CheckResult({"colour": "red", **news}, failures)

    def diff(self, id_, olds, news):
        self._call("diff", news["name"], news)
        made = {"label", "secret_label"}
        changed = {k for k in {*olds, *news} - made if k != "__provider" and plain(olds).get(k) != plain(news).get(k)}
        return DiffResult(
            None if news.get("undecided") else bool(changed),
            ["fixed"] if "fixed" in changed else [],
            delete_before_replace=bool(news.get("first")),
        )

    def create(self, props):
        self._call("create", props["name"], props)
        number = len(list(SHELF.glob(f"{props['name']}-*"))) + 1
        id_ = f"{props['name']}-{number}"
        (SHELF / id_).write_text(json.dumps(plain(props)))
        return CreateResult(id_, self._outputs(props))

    def update(self, id_, olds, news):
        self._call("update", id_, news)
        (SHELF / id_).write_text(json.dumps(plain(news)))
        return UpdateResult(self._outputs(news))

    def read(self, id_, props):
        self._call("read", id_, props)
        text = (SHELF / id_).read_text() if (SHELF / id_).exists() else ""
        if not text:
            return ReadResult("", {})
        found = {**json.loads(text), "__provider": props["__provider"]}
        return ReadResult(id_, self._outputs(found))

    def delete(self, id_, props):
        self._call("delete", id_, props)
        (SHELF / id_).write_text("")


class Box(pulumi.dynamic.Resource, module="shelf", name="Box"):
    label: pulumi.Output[str]
    secret_label: pulumi.Output[str]

    def __init__(self, resource_name, opts=None, **props):
        super().__init__(
            BoxProvider(), resource_name, {"name": resource_name, "label": None, "secret_label": None, **props}, opts
        )


class Rack(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("shelf:index:Rack", name, {}, opts)
