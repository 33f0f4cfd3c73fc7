"""Pulumi.yaml: keys that are misspelt, that mean nothing here, and the version that a project asks for."""

from __future__ import annotations

import pytest

from pulumi_local import CLI_VERSION, versions
from pulumi_local.errors import EngineError
from tests.pulumi_local.shop import Shop

HEAD = "name: shop\nruntime: python\n"


def refused(shop: Shop, text: str, *command: str) -> str:
    (shop.folder / "Pulumi.yaml").write_text(text)
    ended = shop.run(*(command or ("preview",)))
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    return ended.err.removeprefix("error: ").rstrip("\n")


def test_unknown_keys_are_refused_where_the_cli_refuses_them_all_at_once(dev: Shop) -> None:
    text = (
        "name: shop\nruntime: {nmae: python, name: python}\nbackend: {uri: x}\noptions: {refesh: always}\ntemplate: {tags: []}\n"
    )
    assert refused(dev, text).replace(str(dev.folder), "") == (
        "could not validate '/Pulumi.yaml': #/backend: additionalProperties 'uri' not allowed; the allowed attributes are url\n"
        "#/options: additionalProperties 'refesh' not allowed; did you mean refresh?\n"
        "#/runtime: additionalProperties 'nmae' not allowed; did you mean name?\n"
        "#/template: additionalProperties 'tags' not allowed; the allowed attributes are config, description, displayName, "
        "important, metadata, quickstart"
    )


def test_unknown_keys_are_a_warning_where_the_cli_ignores_them(dev: Shop) -> None:
    file = dev.folder / "Pulumi.yaml"
    options = "runtime:\n  name: python\n  options: {virtaulenv: env}\n"
    file.write_text(file.read_text().replace("runtime: python\n", options) + "requiredPulumVersion: '>=99.0.0'\nowner: me\n")
    assert dev.ok("config", "get", "size").err == (
        f"warning: {file}: owner has no effect: Pulumi knows no such key\n"
        f"warning: {file}: requiredPulumVersion has no effect: Pulumi knows no such key; did you mean requiredPulumiVersion?\n"
        f"warning: {file}: runtime.options.virtaulenv has no effect: Pulumi knows no such key; did you mean virtualenv?\n"
    )


def test_keys_that_are_not_supported_are_refused_by_name(dev: Shop) -> None:
    text = f"{HEAD}packages: {{aws: aws@1.0.0}}\nplugins: {{providers: [{{name: a, path: b}}]}}\n"
    first, second = refused(dev, text).splitlines()
    assert first.endswith(
        "Pulumi.yaml: pulumi_local does not support packages: leave it out: `pulumi-python` is the only package here"
    )
    assert second.endswith("Pulumi.yaml: pulumi_local does not support plugins: leave it out: no plugins are loaded here")


@pytest.mark.parametrize("command", [("preview",), ("up", "--yes"), ("refresh", "--yes"), ("destroy", "--yes")])
def test_a_project_that_asks_for_another_version_is_refused(dev: Shop, command: tuple[str, ...]) -> None:
    assert refused(dev, f'{HEAD}requiredPulumiVersion: ">=99.0.0"\n', *command) == (
        f'Pulumi CLI version {CLI_VERSION}.0 does not satisfy the version range ">=99.0.0"; pulumi_local stands for that '
        "version: use the Pulumi CLI, or widen the range"
    )


def test_a_program_that_asks_for_another_version_is_refused(dev: Shop) -> None:
    program = dev.folder / "__main__.py"
    program.write_text("import pulumi\npulumi.require_pulumi_version('>=3.0.0 <4.0.0')\n")
    dev.ok("preview")
    program.write_text("import pulumi\npulumi.require_pulumi_version('>=99.0.0')\npulumi.export('a', 1)\n")
    ended = dev.run("up", "--yes", "--skip-preview")
    assert ended.code == 1
    assert f'Pulumi CLI version {CLI_VERSION}.0 does not satisfy the version range ">=99.0.0"' in ended.out
    assert dev.ok("stack", "output", "--json").out == "{}\n"


@pytest.mark.parametrize(
    ("wanted", "holds"),
    [
        (">=3.0.0", True),
        (">= 3.0.0 <4.0.0", True),
        (f"{CLI_VERSION}.0", True),
        (f"={CLI_VERSION}.0", True),
        (f"!{CLI_VERSION}.0", False),
        (">=3.0.0 !=3.10.1", True),
        ("<3.4.0 || >3.8.0", True),
        ("<3.4.0 || >3.8.0 <3.9.0", False),
        (f">{CLI_VERSION}.0-alpha.1", True),
        (f"<{CLI_VERSION}.0-alpha.1", False),
        ("3.x", True),
        (f"{CLI_VERSION}.x", True),
        (">3.x", False),
        ("<=3.x", True),
        ("<3.x", False),
        ("2.x.x", False),
    ],
)
def test_ranges_of_versions(wanted: str, holds: bool) -> None:
    if holds:
        versions.require(wanted)
    else:
        with pytest.raises(EngineError, match="does not satisfy"):
            versions.require(wanted)


@pytest.mark.parametrize("wanted", ["latest", ">=3.1", "~3.1.0", "|| 3.x", "3.0.0 ||", ">=3.0.0,<4.0.0"])
def test_what_is_no_range_is_refused(wanted: str) -> None:
    with pytest.raises(EngineError, match="parsing CLI version range"):
        versions.require(wanted)
