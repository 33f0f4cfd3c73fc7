"""`Pulumi.<stack>.yaml`: values come back, comments and order stay."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.project.config import keys, values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.config.settings import StackSettings

TEXT = """\
# The stack for trying things out.
encryptionsalt: v1:abc
config:
  # cents
  shop:size: "4"   # a comment behind

  stripe:apiKey:
    secure: v1:x:y
  note: bare  # not namespaced
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    return path


def test_comments_order_and_spelling_survive(file: Path) -> None:
    StackSettings(file, "shop").set(Key("shop", "size"), "5", path=False)
    StackSettings(file, "shop").set(Key("shop", "note"), "full", path=False)
    StackSettings(file, "shop").set(Key("shop", "new"), "true", path=False)
    text = file.read_text()
    assert text == TEXT.replace('"4"', '"5"').replace("bare", "full").replace(
        "not namespaced\n", 'not namespaced\n  shop:new: "true"\n'
    )


def test_the_salt_comes_first_in_a_new_file(tmp_path: Path) -> None:
    made = StackSettings(tmp_path / "Pulumi.dev.yaml", "shop")
    made.set(Key("shop", "a"), "1", path=False)
    made.set_salt("v1:abc")
    assert made.path.read_text() == 'encryptionsalt: v1:abc\nconfig:\n  shop:a: "1"\n'


def test_a_file_of_comments_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text("# Only a comment.\n")
    StackSettings(path, "shop").set_salt("v1:abc")
    assert path.read_text() == "# Only a comment.\nencryptionsalt: v1:abc\n"


def test_removing_the_last_value_removes_the_section(file: Path) -> None:
    for key in (Key("shop", "size"), Key("stripe", "apiKey"), Key("shop", "note")):
        StackSettings(file, "shop").remove(key, path=False)
    assert StackSettings(file, "shop").config == {}
    assert "config" not in file.read_text()


def test_only_true_and_false_are_booleans(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(
        "config:\n  shop:a: yes\n  shop:b: on\n  shop:c: true\n  shop:d: 2020-01-01\n  shop:e: 1_000\n  shop:f: 1.5\n  shop:g:\n"
    )
    config = StackSettings(path, "shop").config
    texts = {k.name: values.text(v, str) for k, v in config.items()}
    assert texts == {"a": "yes", "b": "on", "c": "true", "d": "2020-01-01", "e": "1_000", "f": "1.5", "g": ""}


def test_what_is_not_supported_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    for text, named in (("environment: [a]\n", "`environment`"), ("secretsprovider: awskms://alias/x\n", "'awskms://alias/x'")):
        path.write_text(text)
        settings = StackSettings(path, "shop")
        with pytest.raises(Unsupported, match=named.replace("[", r"\[")):
            settings.refuse_unsupported()


@pytest.mark.parametrize("text", ["config: [", "- a\n", "config: 5\n", "config:\n  a:b:c:d: 1\n"])
def test_a_damaged_file_is_one_readable_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    with pytest.raises(EngineError):
        StackSettings(path, "shop")


plain_texts = st.text(alphabet=string.printable, max_size=40)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=plain_texts)
def test_every_text_is_read_as_it_was_set(tmp_path: Path, value: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(TEXT)
    StackSettings(path, "shop").set(Key("shop", "size"), value, path=False)
    again = StackSettings(path, "shop")
    assert values.text(again.config[Key("shop", "size")], str) == value
    assert again.config[Key("stripe", "apiKey")] == {"secure": "v1:x:y"}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        st.one_of(st.integers(0, 2), st.text(string.ascii_letters + ". ", min_size=1, max_size=5)), min_size=1, max_size=4
    ),
    value=plain_texts,
)
def test_a_value_set_at_a_path_is_found_there(tmp_path: Path, parts: list[int | str], value: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.unlink(missing_ok=True)
    parts = [0 if isinstance(p, int) else p for p in parts]
    text = "top" + "".join(f"[{p}]" if isinstance(p, int) else f'["{p}"]' for p in parts)
    made = StackSettings(path, "shop")
    key = keys.parse(text, "shop", path=True)
    made.set(key, value, path=True)
    assert keys.split_path(key) == (Key("shop", "top"), parts)
    assert values.get_path(StackSettings(path, "shop").config[Key("shop", "top")], parts) == (value, True)
    made.remove(key, path=True)
    assert not values.get_path(StackSettings(path, "shop").config.get(Key("shop", "top")), parts)[1]


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("true", True),
        ("5", 5),
        ("-5", -5),
        ("007", "007"),
        ("0", 0),
        ("1.5", "1.5"),
        ("yes", "yes"),
        ("12345678901234567890123", "12345678901234567890123"),
    ],
)
def test_values_inside_objects_are_typed_as_the_cli_types_them(text: str, typed: object) -> None:
    assert values.coerced(text) == typed


@pytest.mark.parametrize("text", ["a:b:c:d", "", ":"])
def test_keys_that_are_none(text: str) -> None:
    if text in ("", ":"):
        assert keys.parse(text or "x", "shop").namespace in ("shop", "")
        return
    with pytest.raises(EngineError, match="invalid configuration key"):
        keys.parse(text, "shop")


@pytest.mark.parametrize("text", ["[0]", "a[", "a..b", 'a["b', "a[-1]", "a[x]"])
def test_paths_that_are_none(text: str) -> None:
    with pytest.raises(EngineError, match="path"):
        keys.split_path(Key("shop", text))
