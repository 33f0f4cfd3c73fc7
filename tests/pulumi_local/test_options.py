"""Options on the command line and in the environment, as the Pulumi CLI reads them."""

from __future__ import annotations

from typing import Any

import click
import pytest

from pulumi_local.cli.base import Command
from pulumi_local.cli.options import option, switch
from tests.pulumi_local.shop import Shop


def read(*words: str, **variables: str) -> dict[str, Any]:
    """What a command finds: its options, and what else is on the command line."""
    found: dict[str, Any] = {}

    @click.command(cls=Command)
    @click.argument("rest", nargs=-1)
    @option("-s", "--stack")
    @option("-t", "--target", multiple=True)
    @option("--link", bare="false", default="")
    @switch("-y", "--yes")
    @switch("-f", "--skip-preview")
    @switch("-r", "--refresh", default=None)
    def command(**values: Any) -> None:
        """Notes what it is given."""
        found.update(values)

    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        command.main(list(words), standalone_mode=False)
    return {name: value for name, value in found.items() if value not in (None, False, "", ())}


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("--yes", {"yes": True}),
        ("--yes=true --skip-preview=1", {"yes": True, "skip_preview": True}),
        ("--yes=T -f=false", {"yes": True}),
        ("--yes --yes=false", {}),
        ("-y=true", {"yes": True}),
        ("-yf", {"yes": True, "skip_preview": True}),
        ("-yfs dev", {"yes": True, "skip_preview": True, "stack": "dev"}),
        ("-yf=false", {"yes": True}),
        ("-s=dev", {"stack": "dev"}),
        ("-sdev", {"stack": "dev"}),
        ("-s dev", {"stack": "dev"}),
        ("--stack --yes", {"stack": "--yes"}),
        ("--stack=a=b", {"stack": "a=b"}),
        ("-t a -t=b --target=c,d", {"target": ("a", "b", "c,d")}),
        ("--yes dev", {"yes": True, "rest": ("dev",)}),
        ("--refresh dev --link dev", {"refresh": True, "link": "false", "rest": ("dev", "dev")}),
        ("--link=true", {"link": "true"}),
        ("dev -y -- -f --stack=x", {"yes": True, "rest": ("dev", "-f", "--stack=x")}),
        ("- -y", {"yes": True, "rest": ("-",)}),
    ],
)
def test_a_command_line_is_read_as_pflag_reads_it(line: str, meant: dict[str, Any]) -> None:
    assert read(*line.split()) == meant


@pytest.mark.parametrize(
    ("variables", "line", "meant"),
    [
        ({"YES": "true"}, "", {"yes": True}),
        ({"YES": "TRUE", "SKIP_PREVIEW": "1"}, "", {"yes": True, "skip_preview": True}),
        ({"YES": "false"}, "", {}),
        ({"YES": "true"}, "--yes=false", {}),
        ({"YES": "", "STACK": "", "TARGET": ""}, "", {}),
        ({"STACK": "dev"}, "", {"stack": "dev"}),
        ({"STACK": "dev"}, "--stack prod", {"stack": "prod"}),
        ({"TARGET": 'a,"b,c"'}, "", {"target": ("a", "b,c")}),
        ({"LINK": "true", "REFRESH": "true"}, "", {"link": "true", "refresh": True}),
    ],
)
def test_a_variable_means_its_flag(variables: dict[str, str], line: str, meant: dict[str, Any]) -> None:
    assert read(*line.split(), **{f"PULUMI_OPTION_{name}": value for name, value in variables.items()}) == meant


def test_what_a_switch_cannot_be_is_refused(shop: Shop) -> None:
    ended = shop.run("up", "--yes=maybe")
    assert (ended.code, ended.err) == (1, "error: Invalid value for '-y' / '--yes': 'maybe' is neither true nor false\n")
    ended = shop.run("up", env={"PULUMI_OPTION_YES": "maybe"})
    assert (ended.code, ended.err) == (1, "error: PULUMI_OPTION_YES: 'maybe' is neither true nor false\n")


@pytest.mark.thorough
def test_variables_of_flags_hold_in_a_run(dev: Shop) -> None:
    dev.wants({"a": {"size": 1}, "b": {"size": 1}})
    urn = "urn:pulumi:dev::shop::pulumi-python:dynamic/shop:Shelf::a"
    ended = dev.run("preview", env={"PULUMI_OPTION_STACK": "elsewhere"})
    assert (ended.code, ended.err) == (6, "error: no stack named 'elsewhere' found\n")
    assert dev.run("preview", env={"PULUMI_OPTION_EXPECT_NO_CHANGES": "true"}).code == 7
    dev.ok("up", env={"PULUMI_OPTION_TARGET": urn, "PULUMI_OPTION_YES": "true", "PULUMI_OPTION_SKIP_PREVIEW": "true"})
    assert len(dev.live()) == 1


def test_the_folder_that_a_variable_names_is_gone_to_once(dev: Shop) -> None:
    above = dev.folder.parent
    assert dev.ok("config", "get", "size", cwd=above, env={"PULUMI_OPTION_CWD": dev.folder.name}).out == "1\n"


def test_variables_that_are_not_supported_are_refused_all_at_once(shop: Shop) -> None:
    variables = {"PULUMI_OPTION_SHOW_READS": "true", "PULUMI_OPTION_CONFIG": "a=b", "PULUMI_OPTION_MAPPINGS": "of `convert`"}
    ended = shop.run("preview", env=variables)
    first, second = ended.err.splitlines()
    assert ended.code == 1
    assert first.startswith("error: pulumi_local does not support PULUMI_OPTION_CONFIG (`preview --config`); ")
    assert second.startswith("pulumi_local does not support PULUMI_OPTION_SHOW_READS (`preview --show-reads`); ")


def test_a_misspelt_variable_is_a_warning(shop: Shop) -> None:
    assert shop.ok("version", env={"PULUMI_OPTION_TARGTE": "x"}).err == (
        "warning: PULUMI_OPTION_TARGTE has no effect: no command has a flag --targte; did you mean PULUMI_OPTION_TARGET?\n"
    )
