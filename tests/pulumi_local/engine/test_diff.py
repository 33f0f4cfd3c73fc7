"""Paths and diffs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.engine import paths
from pulumi_local.engine.diff import DiffResult, PropertyDiff, apply_replace_on_changes, compare, of_inputs
from pulumi_local.engine.values import Secret, Value, copy_map, equal, equal_maps, plain_map
from tests.pulumi_local.engine.test_values import KNOWN


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a", ("a",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('a["x.y"].z', ("a", "x.y", "z")),
        ('["q\\"uote"]', ('q"uote',)),
        ("a[*].b", ("a", "*", "b")),
        ("*", ("*",)),
    ],
)
def test_paths(text: str, path: tuple[str | int, ...]) -> None:
    assert paths.parse(text) == path


@pytest.mark.parametrize("text", [".a", "a.", "a[1", 'a["x', "a[x]"])
def test_malformed_paths(text: str) -> None:
    with pytest.raises(ValueError):
        paths.parse(text)


@given(
    st.lists(st.one_of(st.integers(0, 99), st.text(min_size=1).filter(lambda s: s != "*" and not s.endswith("\\"))), min_size=1)
)
def test_a_path_is_read_as_it_was_written(elements: list[str | int]) -> None:
    assert paths.parse(paths.render(tuple(elements))) == tuple(elements)


@pytest.mark.parametrize(
    ("path", "other", "inside"),
    [("a", "a.b", True), ("a.b", "a", False), ("*", "x", True), ("a[*].c", "a[3].c.d", True), ("a[0]", "a[1]", False)],
)
def test_containment(path: str, other: str, inside: bool) -> None:
    assert paths.contains(paths.parse(path), paths.parse(other)) is inside


RESETS: list[tuple[str, Any, Any, bool, Any]] = [
    ("a", {"a": 1}, {"a": 2}, True, {"a": 1}),
    ("a", {}, {"a": 2}, True, {}),
    ("a.b", {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}, True, {"a": {"b": 1, "c": 2}}),
    ("a.b", {"a": {"b": 1}}, {"x": 1}, False, {"x": 1}),
    ("a.b", {}, {}, True, {}),
    ("a[1]", {"a": [1, 2]}, {"a": [3, 4]}, True, {"a": [3, 2]}),
    ("a[1]", {"a": [1]}, {"a": [3, 4]}, False, {"a": [3, 4]}),
    ("a[*]", {"a": [1, 2]}, {"a": [3, 4]}, True, {"a": [1, 2]}),
    ("a[*].b", {"a": [{"b": 1}]}, {"a": [{"b": 2, "c": 3}]}, True, {"a": [{"b": 1, "c": 3}]}),
    ("*", {"a": 1, "b": 2}, {"a": 3, "c": 4}, True, {"a": 1, "b": 2}),
    ("a.b", {"a": Secret({"b": 1})}, {"a": {"b": 2}}, True, {"a": {"b": Secret(1)}}),
]


@pytest.mark.parametrize(("path", "old", "new", "possible", "result"), RESETS)
def test_reset(path: str, old: Any, new: Any, possible: bool, result: Any) -> None:
    changed = copy_map(new)
    assert paths.reset(paths.parse(path), old, changed) is possible
    assert changed == result


@given(KNOWN, KNOWN)
def test_a_diff_is_empty_for_equal_maps_only(a: dict[str, Value], b: dict[str, Value]) -> None:
    assert (compare(a, b) == {}) == equal_maps(a, b)
    assert compare(a, a) == {}


@given(KNOWN, KNOWN)
def test_a_diff_says_where(a: dict[str, Value], b: dict[str, Value]) -> None:
    for path, kind in compare(a, b).items():
        old, new = _at(a, path), _at(b, path)
        assert not equal(old, new) or (old is None and new is None)  # an element that is null is there all the same
        assert kind != "update" or (old is not None and new is not None)


def _at(value: Any, path: paths.Path) -> Any:
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and step < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    return value


@given(KNOWN, KNOWN)
def test_whether_something_is_secret_is_no_change_of_inputs(a: dict[str, Value], b: dict[str, Value]) -> None:
    assert of_inputs(a, plain_map(a)).changes == "none"
    result = of_inputs(a, b)
    assert (result.changes == "none") == equal_maps(plain_map(a), plain_map(b))


def test_the_detailed_diff() -> None:
    old: dict[str, Value] = {"a": 1.0, "gone": "x", "l": [1.0, {"k": 1.0}], "o": {"p": True}}
    new: dict[str, Value] = {"a": 2.0, "l": [1.0, {"k": 2.0}, 3.0], "o": {"p": True, "q.r": 1.0}, "none": None}
    diff = of_inputs(old, new)
    assert diff.changed_keys == ("a", "gone", "l", "o")
    kinds = {k: d.kind for k, d in (diff.detailed or {}).items()}
    assert kinds == {"a": "update", "gone": "delete", "l[1].k": "update", "l[2]": "add", 'o["q.r"]': "add"}
    assert {k: d.kind for k, d in (diff.inverted().detailed or {}).items()}["gone"] == "add"


def test_replace_on_changes() -> None:
    diff = DiffResult("some", changed_keys=("a", "b"), detailed={"a.x": PropertyDiff("update", True), "b": PropertyDiff("add")})
    changed = apply_replace_on_changes(diff, ("a.x",), False)
    assert changed.replaces
    assert (changed.detailed or {})["a.x"].kind == "update-replace"
    assert changed.replace_keys == ()
    assert apply_replace_on_changes(diff, ("*",), False).replace_keys == ("a", "b")
    assert apply_replace_on_changes(diff, ("c",), False) == diff
    assert apply_replace_on_changes(DiffResult("none"), ("*",), False) == DiffResult("none")
    assert apply_replace_on_changes(DiffResult("none"), ("#initerror",), True).replaces
