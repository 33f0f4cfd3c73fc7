"""Which pickled providers of a state are let through to a provider host; nothing of a hostile one is ever run."""

from __future__ import annotations

import base64
import json
import os
import pathlib
import pickle
import pickletools
from collections.abc import Callable
from typing import Any

import pytest

from pulumi_local.engine import pickles
from pulumi_local.engine.values import Secret
from tests.pulumi_local.engine.lab import Lab


class Call:
    """Pickled as a call."""

    def __init__(self, function: Callable[..., Any], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[object, ...]]:
        return self.call


def known(token: str = "stripe:Price", protocol: int = 4) -> bytes:
    """The pickle that `stripe_resources` makes, which `test_it_is_what_resources_store` compares."""
    body = b"".join((text(b"stripe_resources.provider"), text(b"load"), b"\x93\x94", text(token.encode()), b"\x85\x94R\x94."))
    return bytes([0x80, protocol, 0x95]) + len(body).to_bytes(8, "little") + body


def text(value: bytes) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value + b"\x94"


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.mark.parametrize("protocol", [4, 5])
def test_the_known_call_in_either_protocol(protocol: int) -> None:
    assert pickles.is_call(encoded(known(protocol=protocol)), "stripe:Price")
    assert pickles.is_call(Secret(encoded(known(protocol=protocol))), "stripe:Price")
    assert pickles.is_call(encoded(pickletools.optimize(known(protocol=protocol))), "stripe:Price")


def test_it_is_what_resources_store() -> None:
    import dill

    from stripe_resources import provider

    for protocol in (4, 5):
        stored = dill.dumps(provider.load("stripe:Price"), protocol=protocol, recurse=True)
        assert pickles.is_call(encoded(stored), "stripe:Price")
        assert stored == known(protocol=protocol)


@pytest.mark.parametrize(
    "hostile",
    [
        pickle.dumps(Call(os.system, "touch /tmp/owned"), 4),
        pickle.dumps(Call(eval, "1"), 4),
        pickle.dumps([Call(os.getcwd), "stripe_resources.provider", "load", "stripe:Price"], 4),
        known("stripe:Customer"),
        known().replace(b"load", b"host"),
        known().replace(b"stripe_resources.provider", b"stripe_resources.providex"),
        known(protocol=3),
        known()[:-1],
        known() + b"x",
        known()[:-1] + known()[2:],
        known()[:-1] + b"0" + pickle.dumps(Call(os.getcwd), 4)[2:],
        pickle.dumps(Call(os.getcwd), 4)[:-1] + b"0" + known()[11:],
        b"cstripe_resources.provider\nload\n(S'stripe:Price'\ntR.",
        b"",
        b"\xff" * 20,
    ],
    ids=range(15),
)
def test_anything_else_is_refused(hostile: bytes) -> None:
    assert not pickles.is_call(encoded(hostile), "stripe:Price")


@pytest.mark.parametrize("value", [None, 5.0, "not base64!", "", {"a": "b"}])
def test_what_is_no_pickle_is_refused(value: Any) -> None:
    assert not pickles.is_call(value, "stripe:Price")


@pytest.mark.parametrize("which", ["inputs", "outputs"])
def test_a_hostile_state_runs_nothing(lab: Lab, tmp_path: pathlib.Path, which: str) -> None:
    lab.up('Box("a")')
    mark = tmp_path / "owned"
    state = json.loads(lab.state.path.read_text())
    box = next(r for r in state["resources"] if r["urn"].endswith("::a"))
    box["type"] = "pulumi-python:dynamic/stripe:Price"
    box["urn"] = box["urn"].replace(box["urn"].split("::")[2], box["type"])
    box["inputs"]["__provider"] = box["outputs"]["__provider"] = encoded(known())
    box[which]["__provider"] = encoded(pickle.dumps(Call(os.system, f"touch {mark}"), 4))
    lab.state.path.write_text(json.dumps(state))
    for operation in ("update", "refresh", "destroy"):
        result = lab.run(operation=operation)
        assert not result.ok
        assert f"{box['urn']}: `__provider` of its {which} is not the call " in result.bailed
        assert "stripe_resources.provider.load('stripe:Price')" in result.bailed
    assert not mark.exists()
