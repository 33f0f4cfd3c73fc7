"""Values on the wire, in state and in events; properties that hold for all of them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.protobuf import struct_pb2
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.engine import wire
from pulumi_local.engine.events import Events, SecretFilter
from pulumi_local.engine.policies import from_policy, to_policy
from pulumi_local.engine.state import ResourceState, StateCodec
from pulumi_local.engine.values import (
    UNKNOWN,
    ResourceReference,
    Secret,
    Value,
    annotate_secrets,
    contains_secrets,
    contains_unknowns,
    copy_map,
    describe,
    equal,
    equal_maps,
    plain,
)
from pulumi_local.errors import Unsupported
from pulumi_local.interfaces import deployment_json
from tests.pulumi_local.engine.lab import Lab, Sealing

KEYS = st.text(max_size=6).filter(lambda k: k != wire.SIGNATURE)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8).filter(lambda s: s not in wire.UNKNOWNS),
    st.builds(ResourceReference, st.text("abc:", min_size=1), st.one_of(st.none(), st.text("xyz", min_size=1))),
)


def nested(leaves: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3), st.builds(Secret, inner)),
        max_leaves=8,
    )


KNOWN = st.dictionaries(KEYS, nested(SCALARS), max_size=4)
ANY = st.dictionaries(KEYS, nested(st.one_of(SCALARS, st.just(UNKNOWN))), max_size=4)


@given(ANY)
def test_the_wire_keeps_everything(properties: dict[str, Value]) -> None:
    struct = wire.write_struct(properties, secrets=True, unknowns=True, references=True)
    back = wire.read_struct(struct_pb2.Struct.FromString(struct.SerializeToString()))
    assert equal_maps(back, properties)
    assert set(back) == set(properties)


@given(ANY)
def test_providers_get_neither_secrets_nor_unknowns(properties: dict[str, Value]) -> None:
    back = wire.read_struct(wire.write_struct(properties))
    assert not contains_unknowns(back)
    assert not contains_secrets(back)


@given(KNOWN)
def test_state_keeps_everything_and_the_ciphertexts(properties: dict[str, Value]) -> None:
    codec = StateCodec(Sealing())
    state = ResourceState("urn:pulumi:s::p::t::n", "t", True, "id", inputs=properties, outputs=copy_map(properties))
    written = json.loads(codec.write(state).encoded)
    back = codec.read(written)
    assert equal_maps(back.inputs, properties)
    assert equal_maps(back.outputs or {}, properties)
    assert json.loads(codec.write(back).encoded) == written
    # Another process, which read the state, writes the same ciphertexts again.
    fresh = StateCodec(Sealing())
    assert json.loads(fresh.write(fresh.read(written)).encoded) == written


def test_equal_secrets_do_not_look_equal_in_state() -> None:
    codec = StateCodec(Sealing())
    states = [ResourceState(f"urn:pulumi:s::p::t::{n}", "t", True, inputs={"a": Secret("x"), "b": Secret("x")}) for n in "mn"]
    sealed = [v["ciphertext"] for s in states for v in codec.write(s)["inputs"].values()]
    assert len(set(sealed)) == 4


def test_whole_numbers_have_no_point() -> None:
    written = StateCodec(Sealing()).write(
        ResourceState("urn:pulumi:s::p::t::n", "t", True, inputs={"a": 1.0, "b": 1.5, "c": 1e22})
    )
    assert '"inputs":{"a":1,"b":1.5,"c":1e+22}' in written.encoded.decode()


@given(ANY)
def test_policies_get_everything_but_internals(properties: dict[str, Value]) -> None:
    seen = json.loads(json.dumps(to_policy({**properties, "__provider": "blob"})))
    assert equal_maps(from_policy(seen), {k: v for k, v in properties.items() if not k.startswith("__")})


@given(nested(st.one_of(SCALARS, st.just(UNKNOWN))), nested(st.one_of(SCALARS, st.just(UNKNOWN))))
def test_equality(a: Value, b: Value) -> None:
    assert equal(a, a)
    assert equal(a, b) == equal(b, a)
    assert not contains_secrets(plain(a))


def test_equality_of_what_looks_alike() -> None:
    assert not equal(True, 1.0)
    assert not equal(Secret("a"), "a")
    assert equal({"a": None}, {})
    assert not equal([None], [])


def test_what_was_secret_stays_so() -> None:
    sent: dict[str, Value] = {"a": Secret("s"), "b": {"in": Secret(1.0), "open": 2.0}, "c": ["x", Secret("y")], "d": "plain"}
    came: dict[str, Value] = {"a": "s", "b": {"in": 1.0, "open": 2.0}, "c": ["x", "y"], "d": "plain", "new": 1.0}
    annotate_secrets(came, sent)
    assert came == {"a": Secret("s"), "b": {"in": Secret(1.0), "open": 2.0}, "c": Secret(["x", "y"]), "d": "plain", "new": 1.0}


@pytest.mark.parametrize(
    ("signature", "what"),
    [
        ("c44067f5952c0a294b673a41bacd8c17", "an asset"),
        ("0def7320c3a5731c473e5ecbe6d01bc7", "an archive"),
        ("who knows", "who knows"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(signature: str, what: str) -> None:
    struct = struct_pb2.Struct()
    struct.update({"a": {wire.SIGNATURE: signature, "text": "x"}})
    with pytest.raises(Unsupported, match=what):
        wire.read_struct(struct)


def test_output_values_come_down_to_what_they_hold() -> None:
    struct = struct_pb2.Struct()
    known = {wire.SIGNATURE: wire.OUTPUT, "value": "x", "secret": True, "dependencies": ["u1"]}
    struct.update({"a": known, "b": {wire.SIGNATURE: wire.OUTPUT, "dependencies": ["u2"]}, "c": [known]})
    assert wire.read_struct(struct) == {"a": Secret("x"), "b": UNKNOWN, "c": [Secret("x")]}
    assert wire.output_dependencies(struct) == {"a": {"u1"}, "b": {"u2"}, "c": {"u1"}}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "{<nil>}"),
        (1.0, "{1}"),
        (1e21, "{1e+21}"),
        ("a", "{a}"),
        (["a", True], "{[{a} {true}]}"),
        ({"b": 1.5, "a": None}, "{map[a:{<nil>} b:{1.5}]}"),
        (Secret("hush"), "{[secret]}"),
        (UNKNOWN, "output<string>{}"),
    ],
)
def test_values_in_diagnostics(value: Value, text: str) -> None:
    assert describe(value) == text


def test_events_mask_secrets_everywhere() -> None:
    sent: list[Any] = []
    events = Events(sent.append, ["top secret", "no", "true"])
    events.error("it is top secret, no, true")
    assert sent[0]["diagnosticEvent"]["message"] == "it is [secret], no, true\n"
    masked = events.masked({"a": Secret({"x": 1.0}), "b": UNKNOWN, "c": ["my top secret"], "d": 2.0})
    assert masked == {
        "a": {wire.SIGNATURE: wire.SECRET, "ciphertext": "[secret]"},
        "b": wire.UNKNOWN_STRING,
        "c": ["my [secret]"],
        "d": 2,
    }
    assert SecretFilter(['a"b'])('{"x": "a\\"b"}') == '{"x": "[secret]"}'


def test_rendered_resources_are_written_as_they_are() -> None:
    rendered = StateCodec(Sealing()).write(ResourceState("urn:pulumi:s::p::t::n", "t", True, inputs={"é": "ü"}))
    deployment = {"manifest": {"time": "t"}, "resources": [rendered, {"urn": "other"}], "metadata": {}}
    assert json.loads(deployment_json(deployment)) == deployment


def test_numbers_that_json_does_not_have_are_kept_as_the_cli_keeps_them(lab: Lab) -> None:
    program = (
        'import math\nBox("a", size=math.inf, s=pulumi.Output.secret(-math.inf))\npulumi.export("low", -math.inf)\n'
        'pulumi.export("list", [math.nan, 1.5])\n'
    )
    lab.up(program)

    def strict(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    json.loads(lab.state.path.read_text(), parse_constant=strict)
    signature = {"4dabf18193072939515e22adb298388d": "8ad145fe-0d11-4827-bfd7-1abcbf086f5c"}
    assert lab.resources["a"]["outputs"]["size"] == {**signature, "value": "7ff0000000000000"}
    assert lab.outputs == {
        "low": {**signature, "value": "fff0000000000000"},
        "list": [{**signature, "value": "7ff8000000000000"}, 1.5],
    }
    json.loads(json.dumps(lab.events), parse_constant=strict)
    assert set(lab.run(preview=True).changes) == {"same"}
