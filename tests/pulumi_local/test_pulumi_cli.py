"""Side by side with the Pulumi CLI, on the same backend folder, the same project and the same passphrase."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.pulumi_local.shop import NEEDS_CLI, Shop
from tests.pulumi_local.test_operations import timeless

pytestmark = NEEDS_CLI


@pytest.fixture
def cli(dev: Shop) -> Shop:
    """The Pulumi CLI in the same project."""
    made = Shop(dev.folder.parent, ["pulumi"])
    made.env["PULUMI_STACK"] = "dev"
    return made


def test_a_stack_goes_back_and_forth_without_changes(dev: Shop, cli: Shop) -> None:
    dev.ok("config", "set", "--secret", "password", "hush")
    shelves = {"a": {"size": 1, "wood": "oak"}, "outputs": {"name": "x"}}
    for maker, other in ((dev, cli), (cli, dev)):
        shelves = {**shelves, "a": {**shelves["a"], "size": shelves["a"]["size"] + 1}}  # type: ignore[dict-item]
        maker.wants(shelves)
        maker.up()
        unchanged = other.run("preview", "--expect-no-changes")
        assert unchanged.code == 0, unchanged.out
        assert json.loads(other.ok("stack", "output", "--json", "--show-secrets").out)["password"] == "hush"
        exported = maker.ok("stack", "export").out
        other.ok("stack", "import", stdin=exported)
        assert other.run("preview", "--expect-no-changes").code == 0


def test_configuration_goes_back_and_forth(dev: Shop, cli: Shop) -> None:
    dev.ok("config", "set", "--secret", "password", "hush")
    assert cli.ok("config", "get", "password").out == "hush\n"
    cli.ok("config", "set", "--secret", "password", "quiet")
    cli.ok("config", "set", "--path", "colors[0]", "blue")
    assert dev.ok("config", "get", "password").out == "quiet\n"
    assert dev.ok("config", "get", "--path", "colors[0]").out == "blue\n"
    for command in (
        ["config"],
        ["config", "--json"],
        ["stack", "ls"],
        ["stack", "output"],
        ["config", "get", "nothing"],
        ["preview", "-s", "nope"],
    ):
        ours, theirs = dev.run(*command), cli.run(*command)
        assert (ours.code, ours.out, ours.err) == (theirs.code, theirs.out, theirs.err)


def test_settings_are_written_alike(dev: Shop, cli: Shop) -> None:
    values = (
        "plain",
        "true",
        "5",
        "007",
        "yes",
        "2020-01-01",
        "a: b",
        "# no comment",
        "",
        " lead",
        "üñ",
        "two\nlines\n",
        "'",
        '"',
        "1e3",
        "null",
        "~",
    )
    for i, value in enumerate(values):
        for who, key in ((dev, "ours"), (cli, "theirs")):
            who.ok("config", "set", "--plaintext", f"{key}{i}", "--", value) if i % 5 == 0 else who.ok(
                "config", "set", f"{key}{i}", "--", value
            )
    for i, value in enumerate(values):
        assert dev.ok("config", "get", f"theirs{i}").out == f"{value}\n"
    listed = json.loads(cli.ok("config", "--json").out)
    assert [listed[f"shop:ours{i}"]["value"] for i in range(len(values))] == list(values)


def test_locks_are_respected_both_ways(dev: Shop, cli: Shop, tmp_path: Path) -> None:
    for holder, other in ((dev, cli), (cli, dev)):
        go = tmp_path / f"go-{holder.cli[0].rpartition('/')[2]}"
        before = len(dev.live())
        dev.wants({f"a{before}": {"wait": str(go)}, **{f"a{i}": {} for i in range(before)}})
        process = holder.start("up", "--yes", "--skip-preview")
        dev.wait_for_objects(before + 1)
        assert "the stack is currently locked by 1 lock(s)" in other.run("up", "--yes", "--skip-preview").err
        go.touch()
        process.communicate(timeout=60)
        assert process.returncode == 0


@pytest.mark.timeout(300)
def test_the_same_program_reads_the_same(dev: Shop, cli: Shop) -> None:
    def run(who: Shop, *args: str) -> tuple[int, list[str], str]:
        ended = who.run(*args, "--suppress-progress", "--color", "never")
        return ended.code, timeless(ended.out), re.sub(r"\d+", "N", ended.err)

    cli.ok("stack", "init", "theirs", "--no-select")
    rounds = (
        ({"a": {"size": 1, "wood": "oak", "tags": {"x": "1"}}, "outputs": {"name": "first", "list": [1, 2]}}, ["preview"]),
        ({"a": {"size": 2, "wood": "oak", "tags": {"x": "2", "y": "3"}}, "outputs": {"list": [2]}}, ["preview", "--diff"]),
        ({"a": {"size": 2, "wood": "ash"}}, ["refresh", "--yes"]),
    )
    for shelves, looking in rounds:
        dev.wants(shelves)
        for command in (looking, ["up", "--yes", "--skip-preview"]):
            ours, theirs = run(dev, *command, "--stack", "dev"), run(cli, *command, "--stack", "theirs")
            assert _alike(ours[1]) == _alike(theirs[1])
            assert ours[0] == theirs[0]
    ours, theirs = run(dev, "destroy", "--yes", "--stack", "dev"), run(cli, "destroy", "--yes", "--stack", "theirs")
    assert _alike(ours[1]) == _alike(theirs[1])


def _alike(lines: list[str]) -> list[str]:
    """Without what must differ: the stack's name, ids that count. And without what may: how often the CLI prints a resource to
    which nothing happens (`    pulumi:pulumi:Stack shop-dev`) is not the same in each of its runs."""
    told = [line for line in lines if not re.fullmatch(r" {4}[\w.-]+:\S+ \S+", line)]
    return [re.sub(r"theirs|dev", "S", re.sub(r"shelf-\d+", "shelf-N", line)) for line in told]
