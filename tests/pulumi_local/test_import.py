"""`import`: the file, and what a user sees."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.pulumi_local.shop import TYPE, Ended, Shop

BLOB = "gASVIAAAAAAAAACMB3NoZWx2ZXOUjA1TaGVsZlByb3ZpZGVylJOUKYGULg=="
"""`shelves.ShelfProvider`, as the SDK serialises it."""
CI = ("--yes", "--suppress-progress", "--color", "never", "--generate-code=false")


def shelf(name: str, **more: Any) -> dict[str, Any]:
    inputs = {"__provider": BLOB, "size": 3, "wood": "ash"}
    found = {"type": TYPE, "name": name, "id": f"shelf-{name}", "inputs": inputs, "outputs": {**inputs, "made": "made of ash"}}
    return {k: v for k, v in {**found, **more}.items() if v is not None}


def take(shop: Shop, document: Any, *flags: str) -> Ended:
    file = shop.folder / "import.json"
    file.write_text(document if isinstance(document, str) else json.dumps(document))
    return shop.run("import", "--file", str(file), *CI, *flags)


def own(shop: Shop) -> dict[str, Any]:
    return {r["urn"].rpartition("::")[2]: r for r in shop.state().get("resources", []) if r["type"] == TYPE}


@pytest.mark.thorough
def test_what_was_imported_and_declared_needs_no_change(dev: Shop) -> None:
    ended = take(dev, {"resources": [shelf("a")]})
    assert ended.code == 0, ended.err
    assert f" =  {TYPE} a import" in [line.rstrip() for line in ended.lines]
    assert "    = 1 to import" in ended.lines
    assert "    = 1 imported" in ended.lines
    dev.wants({"a": {"size": 3, "wood": "ash"}, "options": {"a": {"protect": True}}})
    preview = dev.run("preview", "--expect-no-changes", "--json")
    assert json.loads(preview.out)["changeSummary"] == {"same": 2}
    assert dev.live() == {}, "no object is touched"


@pytest.mark.thorough
def test_resources_are_protected_unless_told_otherwise(dev: Shop) -> None:
    take(dev, {"resources": [shelf("a")]}, "--skip-preview")
    take(dev, {"resources": [shelf("b")]}, "--skip-preview", "--protect=false")
    assert {n: r.get("protect") for n, r in own(dev).items()} == {"a": True, "b": None}
    history = sorted((dev.backend / ".pulumi" / "history" / "shop" / "dev").glob("*.history.json"))
    assert json.loads(history[-1].read_text())["kind"] == "resource-import"


@pytest.mark.thorough
def test_a_preview_only_imports_nothing_and_code_is_not_generated(dev: Shop) -> None:
    file = dev.folder / "import.json"
    file.write_text(json.dumps({"resources": [shelf("a")]}))
    ended = dev.run("import", "--file", str(file), "--preview-only", "--generate-code=false")
    assert ended.code == 0
    assert "    = 1 to import" in ended.lines
    for generating in ((), ("--generate-code",), ("--generate-code=true",)):
        ended = dev.run("import", "--file", str(file), "--yes", *generating)
        assert ended.code == 1
        assert ended.err.startswith("error: pulumi_local does not support generating code")
        assert "--generate-code=false" in ended.err
    assert dev.run("import", "--file", str(file), "--generate-code=false").code == 2
    assert own(dev) == {}


def test_json(dev: Shop) -> None:
    ended = take(dev, {"resources": [shelf("a")]}, "--skip-preview", "--json")
    events = [json.loads(line) for line in ended.lines]
    steps = [e["resOutputsEvent"]["metadata"] for e in events if "resOutputsEvent" in e]
    (imported,) = [s for s in steps if s["op"] == "import"]
    assert imported["old"]["inputs"] == imported["new"]["inputs"]
    assert events[-2]["summaryEvent"]["resourceChanges"] == {"create": 1, "import": 1}


def test_an_id_alone_is_refused_with_the_remedy(dev: Shop) -> None:
    inline = dev.run("import", TYPE, "a", "shelf-1", *CI)
    listed = take(dev, {"resources": [shelf("a", inputs=None, outputs=None)]})
    for ended in (inline, listed):
        assert ended.code == 1
        assert "Give its `inputs` and `outputs`, both with `__provider`, in a file" in ended.out
        assert "Traceback" not in ended.out
    assert own(dev) == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "an inline resource must be specified if no converter or import file is used, missing type, name, and id"),
        ([TYPE], "an inline resource must be specified if no converter or import file is used, missing name and id"),
        ([TYPE, "a"], "an inline resource must be specified if no converter or import file is used, missing id"),
        ([TYPE, "a", "1", "2"], "only expected at most three arguments"),
        ([TYPE, "a", "1", "-f", "x"], "an inline resource may not be specified in conjunction with an import file"),
        (["-f", "nowhere.json"], "could not read import file: open nowhere.json: no such file or directory"),
    ],
)
def test_what_is_missing_on_the_command_line(dev: Shop, arguments: list[str], message: str) -> None:
    ended = dev.run("import", *arguments, "--yes", "--generate-code=false")
    assert (ended.code, ended.err) == (1, f"error: {message}\n")


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "is not JSON"),
        ([], "the file: expected an object with `resources`"),
        ({"resources": {}}, "`resources`: expected a list"),
        ({"resources": ["a"]}, "resource 0: expected an object"),
        ({"resources": [shelf("a", outputs="x")]}, "resource 0: `outputs`: expected an object"),
        ({"resources": [shelf("a", id=1)]}, "resource 0: `id`: expected a string"),
        ({"resources": [shelf("a", component="yes")]}, "resource 0: `component`: expected true or false"),
        ({"nameTable": ["a"]}, "`nameTable`: expected an object of names and URNs"),
        ({"resources": [shelf("a", outptus={})]}, "resource 0: unknown `outptus`"),
        ({"resource": []}, "the file: unknown `resource`"),
    ],
)
def test_a_malformed_file_is_one_readable_line(dev: Shop, document: Any, message: str) -> None:
    ended = take(dev, document)
    assert ended.code == 1
    assert re.match(r"error: could not read import file:? \S*import\.json", ended.err)
    assert message in ended.err
    assert ended.err.count("\n") == 1


def test_everything_that_is_wrong_is_said_at_once(dev: Shop) -> None:
    resources = [
        {"name": "x"},
        {"type": "y"},
        {"type": TYPE, "name": "z", "component": True, "id": "1"},
        {"type": TYPE, "name": "q"},
    ]
    ended = take(dev, {"resources": resources})
    assert (ended.code, ended.err.splitlines()) == (
        1,
        [
            "error: 6 errors occurred:",
            "    1) resource 'x' has no type",
            "    2) resource 'x' has no ID",
            "    3) resource 1 of type 'y' has no name",
            "    4) resource 1 of type 'y' has no ID",
            f"    5) resource 'z' of type '{TYPE}' has an ID, but is marked as a component",
            f"    6) resource 'q' of type '{TYPE}' has no ID",
        ],
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"resources": [shelf("d"), shelf("d")]}, "has an ambiguous URN, set name (or logical name) to be unique"),
        ({"resources": [shelf("d", parent="x")]}, "the parent 'x' for resource 'd' of type '{TYPE}' has no entry in 'nameTable'"),
        (
            {"resources": [shelf("d", provider="x")]},
            "the provider 'x' for resource 'd' of type '{TYPE}' has no entry in 'nameTable' or 'resources'",
        ),
        (
            {"nameTable": {"x": "urn:pulumi:dev::shop::my:index:Comp::comp"}, "resources": [shelf("d", provider="x")]},
            "the provider 'x' for resource 'd' of type '{TYPE}' is not a provider",
        ),
        (
            {"resources": [shelf("d", parent="e"), shelf("e", parent="d")]},
            "the parents of resource 'd' of type '{TYPE}', resource 'e' of type '{TYPE}' form a cycle",
        ),
        (
            {"resources": [shelf("d", inputs={"a": ["04da6b54-80e4-46f7-96ec-b56ff0331ba9"]})]},
            "the inputs for resource 'd' of type '{TYPE}' contain unknown values; fill them in before importing",
        ),
        (
            {"resources": [{"type": "pulumi:providers:pulumi-python", "name": "p", "id": "1"}]},
            "has an ID, but is a provider, which is created rather than read",
        ),
    ],
)
def test_what_does_not_fit_together_is_named(dev: Shop, document: Any, message: str) -> None:
    ended = take(dev, document)
    assert ended.code == 1
    assert message.replace("{TYPE}", TYPE) in ended.err


@pytest.mark.parametrize("key", ["version", "pluginDownloadUrl", "properties", "remote", "parameterization", "extension"])
def test_what_only_the_cli_can_import_is_refused_by_name(dev: Shop, key: str) -> None:
    ended = take(dev, {"resources": [shelf("a", **{key: "1.2.3"})]})
    assert ended.code == 1
    assert ended.err.startswith(f"error: pulumi_local does not support `{key}` in an import file (resource 0)")
    assert "providerInputs" in take(dev, {"providerInputs": {"a": {}}}).err
