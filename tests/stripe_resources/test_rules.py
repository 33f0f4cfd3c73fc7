"""Rules across fields: what breaks them, what does not, and what cannot be known yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripe_resources._core.values.schema import UNKNOWN, AnyOf, Field, ListOf, MapOf, Object, Schema, Type
from stripe_resources.register import KINDS
from stripe_resources.rules import (
    AtMostOne,
    Distinct,
    ExactlyOne,
    Later,
    Needs,
    NotOver,
    NotWith,
    OnlyWith,
    OtherCurrencies,
    Rule,
    When,
)

NAMES = ("a", "b", "c")
LIMITED = When("kind", "x", default="y")
RULES: dict[str, Rule] = {
    "at most one": AtMostOne(NAMES, "why"),
    "exactly one": ExactlyOne(NAMES, "why"),
    "exactly one, when": ExactlyOne(NAMES, "why", when=LIMITED),
    "needs": Needs("a", "one"),
    "needs, when another is given": Needs("a", "one", When("b")),
    "needs, when another has a value": Needs("a", "one", LIMITED),
    "only with another": OnlyWith("a", When("b")),
    "only with a value": OnlyWith("a", LIMITED),
    "not with a value": NotWith("a", When("flag", True)),
    "later": Later("begin", "end"),
    "not over": NotOver("begin", "end"),
    "distinct": Distinct("entries", "remove it"),
    "distinct by a field": Distinct("items", "remove it", key="id"),
    "other currencies": OtherCurrencies(),
}
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(NAMES, st.just("given")),
    "kind": st.sampled_from("xy"),
    "flag": st.booleans(),
    "begin": st.integers(0, 3),
    "end": st.integers(0, 3),
    "entries": st.lists(st.sampled_from("pqr"), max_size=3),
    "items": st.lists(st.fixed_dictionaries({"id": st.sampled_from("pqr")}), max_size=3),
    "currency": st.sampled_from(["usd", "eur"]),
    "currency_options": st.dictionaries(st.sampled_from(["usd", "eur"]), st.just({}), max_size=2),
}
VALUES = st.fixed_dictionaries({}, optional=FIELDS)


def said(rule: Rule, values: Mapping[str, Any]) -> list[str]:
    return [str(failure) for failure in rule.failures(values)]


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(data=st.data())
def test_what_is_not_known_yet_is_not_judged(rule: Rule, data: st.DataObject) -> None:
    """What is said of values of which some are not known holds whatever they turn out to be."""
    values = data.draw(VALUES)
    hidden = data.draw(st.sets(st.sampled_from(sorted(values)))) if values else set()
    for reason in said(rule, {name: UNKNOWN if name in hidden else value for name, value in values.items()}):
        assert reason in said(rule, values)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
@given(values=VALUES)
def test_a_rule_of_an_object_inside_says_the_same_with_its_path(rule: Rule, values: dict[str, Any]) -> None:
    at = {"outer": {"inner": [UNKNOWN, {}, values]}}
    inside = type(rule)(**{**vars(rule), "at": "outer.inner[]"})
    own = [f"outer.inner[2].{reason}" for reason in said(rule, values)]
    assert [reason for reason in said(inside, at) if "[2]" in reason] == own
    for elsewhere in ({}, {"outer": UNKNOWN}, {"outer": {"inner": UNKNOWN}}, {"outer": {"inner": [UNKNOWN]}}):
        assert said(inside, elsewhere) == []


def test_a_rule_of_objects_in_a_map_names_their_keys() -> None:
    at = {"options": {"eur": {"begin": 5, "end": 4}, "gbp": UNKNOWN, "jpy": {"begin": 1, "end": 4}}}
    assert said(NotOver("begin", "end", at="options{}"), at) == [
        'options["eur"].begin: 5 is more than `end` (4); give at most that'
    ]
    assert said(NotOver("begin", "end", at="options{}"), {"options": UNKNOWN}) == []


@given(VALUES)
def test_how_many_are_given(values: dict[str, Any]) -> None:
    count = sum(name in values for name in NAMES)
    assert bool(said(RULES["at most one"], values)) == (count > 1)
    assert bool(said(RULES["exactly one"], values)) == (count != 1)
    assert bool(said(RULES["exactly one, when"], values)) == (count != 1 and values.get("kind") == "x")


@given(VALUES)
def test_a_field_that_hangs_on_another(values: dict[str, Any]) -> None:
    there, limited = "a" in values, values.get("kind", "y") == "x"
    assert bool(said(RULES["needs"], values)) == (not there)
    assert bool(said(RULES["needs, when another is given"], values)) == (not there and "b" in values)
    assert bool(said(RULES["needs, when another has a value"], values)) == (not there and limited)
    assert bool(said(RULES["only with another"], values)) == (there and "b" not in values)
    assert bool(said(RULES["only with a value"], values)) == (there and not limited)
    assert bool(said(RULES["not with a value"], values)) == (there and values.get("flag") is True)


@given(VALUES)
def test_values_that_are_compared(values: dict[str, Any]) -> None:
    begin, end = values.get("begin"), values.get("end")
    assert bool(said(RULES["later"], values)) == (begin is not None and end is not None and end <= begin)
    assert bool(said(RULES["not over"], values)) == (begin is not None and end is not None and end < begin)
    entries, ids = values.get("entries", []), [item["id"] for item in values.get("items", [])]
    assert len(said(RULES["distinct"], values)) == len(entries) - len(set(entries))
    assert len(said(RULES["distinct by a field"], values)) == len(ids) - len(set(ids))
    assert bool(said(RULES["other currencies"], values)) == (values.get("currency") in values.get("currency_options", {}))


SENTENCES = {
    "at most one": ({"a": 1, "c": 1}, "c: cannot be given together with `a`: why; remove one of them"),
    "exactly one": ({}, "a: is missing; give exactly one of `a`, `b`, `c`"),
    "needs": ({}, "a: is missing; give one"),
    "needs, when another is given": ({"b": 1}, "a: is missing, which `b` needs; give one"),
    "needs, when another has a value": ({"kind": "x"}, 'a: is missing, which `kind="x"` needs; give one'),
    "only with another": ({"a": 1}, "a: needs `b`; add that, or remove this"),
    "only with a value": ({"a": 1}, 'a: needs `kind="x"`; add that, or remove this'),
    "not with a value": ({"a": 1, "flag": True}, "a: cannot be given together with `flag=True`; remove one of them"),
    "later": ({"begin": 5, "end": 5}, "end: 5 is not after `begin` (5); give a later time"),
    "not over": ({"begin": 5, "end": 4}, "begin: 5 is more than `end` (4); give at most that"),
    "distinct": ({"entries": ["p", "p"]}, 'entries[1]: "p" is in entries[0] already; remove it'),
    "distinct by a field": ({"items": [{"id": "p"}, {"id": "p"}]}, 'items[1].id: "p" is in items[0] already; remove it'),
    "other currencies": (
        {"currency": "usd", "currency_options": {"usd": {}}},
        'currency_options["usd"]: is `currency` itself; remove it here',
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_is_said(name: str) -> None:
    values, sentence = SENTENCES[name]
    assert said(RULES[name], values) == [sentence]


def inside(type_: Type, step: str) -> Mapping[str, Field]:
    """The fields of the object in a type; a step that ends in `[]` leads into a list, one in `{}` into a map."""
    match type_:
        case Object(fields=fields):
            assert not step.endswith(("[]", "{}"))
            return fields
        case ListOf(item=Object(fields=fields)):
            assert step.endswith("[]")
            return fields
        case MapOf(value=Object(fields=fields)):
            assert step.endswith("{}")
            return fields
    raise AssertionError(f"{step} leads into {type_}")


def fields_at(schema: Schema, at: str) -> Mapping[str, Field]:
    fields = schema.fields
    for step in at.split(".") if at else ():
        fields = inside(fields[step.rstrip("[]{}")].type, step)
    return fields


def mentioned(rule: Rule) -> list[str]:
    """The names of the fields that a rule is about."""
    names = [
        *getattr(rule, "names", ()),
        *(getattr(rule, n) for n in ("name", "begin", "end", "low", "high", "options", "currency") if hasattr(rule, n)),
    ]
    when = getattr(rule, "when", None)
    return [*names, when.name] if when else names


@pytest.mark.parametrize("token", [token for token, kind in sorted(KINDS.items()) if kind.schema.rules])
def test_the_rules_of_a_kind_are_about_fields_that_it_has(token: str) -> None:
    schema = KINDS[token].schema
    for rule in schema.rules:
        assert isinstance(rule, Rule)
        fields = fields_at(schema, rule.at)
        assert set(mentioned(rule)) <= set(fields)
        when = getattr(rule, "when", None)
        if when is not None and when.default is not None and fields[when.name].default is not None:
            assert when.default == fields[when.name].default
        if isinstance(rule, Distinct) and rule.key:
            assert rule.key in inside(fields[rule.name].type, f"{rule.name}[]")
        if isinstance(rule, OtherCurrencies):
            assert isinstance(fields[rule.options].type, MapOf | AnyOf)
