"""Stacks, configuration and exit codes, through the command line."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pulumi import automation

from tests.pulumi_local.shop import Shop


def test_version_names_the_engine(shop: Shop) -> None:
    assert shop.ok("version").out.startswith("pulumi_local ")


def test_help_of_a_command_is_what_its_flag_prints(shop: Shop) -> None:
    for words in ([], ["up"], ["stack", "ls"]):
        assert shop.ok("help", *words).out == shop.ok(*words, "--help").out
    assert "does not support `stack graph`" in shop.run("help", "stack", "graph").err


def test_the_automation_api_is_refused_by_name(shop: Shop) -> None:
    """By its first command, whatever that is; and by its check of the version before that, if it makes it."""
    command = shop.folder / "bin" / "pulumi"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec {shlex.join(shop.cli)} "$@"\n')
    command.chmod(0o755)
    with pytest.raises(automation.InvalidVersionError):
        automation.PulumiCommand(str(shop.folder))
    pulumi = automation.PulumiCommand(str(shop.folder), skip_version_check=True)
    options = automation.LocalWorkspaceOptions(pulumi_command=pulumi, env_vars=shop.env)
    with pytest.raises(
        automation.CommandError, match="does not support PULUMI_AUTOMATION_API; Pulumi's Automation API needs the"
    ):
        automation.create_or_select_stack("dev", work_dir=str(shop.folder), opts=options)


def test_what_only_reads_the_state_is_there_at_once() -> None:
    """`stack output` takes a tenth of a second; importing Pulumi's SDK takes three, and only what deploys needs it."""
    loaded = "import sys, pulumi_local.cli; print({'pulumi', 'grpc'} & sys.modules.keys())"
    said = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["watch"], "`watch`"),
        (["state", "rename"], "`state rename`"),
        (["import", "--from", "x"], "`import --from`"),
        (["stack", "rename"], "`stack rename`"),
        (["config", "set-all"], "`config set-all`"),
        (["up", "--strict"], "`up --strict`"),
        (["up", "-c", "a=b"], "`up --config`"),
        (["preview", "--import-file", "x"], "`preview --import-file`"),
        (["login", "s3://bucket"], "s3://bucket"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(shop: Shop, arguments: list[str], named: str) -> None:
    ended = shop.run(*arguments)
    assert ended.code == 1
    assert ended.err.startswith("error: pulumi_local does not support")
    assert named in ended.err


def test_unknown_command(shop: Shop) -> None:
    ended = shop.run("frobnicate")
    assert (ended.code, ended.err.splitlines()[0]) == (1, 'error: unknown command "frobnicate" for "pulumi_local"')


def test_other_backends_are_refused_by_name(shop: Shop) -> None:
    ended = shop.run("stack", "ls", env={"PULUMI_BACKEND_URL": "s3://bucket"})
    assert ended.code == 1
    assert "s3://" in ended.err


@pytest.mark.thorough
def test_a_stack_is_made_listed_selected_and_removed(shop: Shop) -> None:
    assert shop.ok("stack", "init", "dev").err == "Created stack 'dev'\n"
    shop.ok("stack", "init", "prod", "--no-select")
    header, *rows = [line.split() for line in shop.ok("stack", "ls").lines]
    assert header == ["NAME", "LAST", "UPDATE", "RESOURCE", "COUNT"]
    assert [(row[0], row[-1]) for row in rows] == [("dev*", "0"), ("prod", "0")]
    shop.ok("stack", "select", "prod")
    listed = json.loads(shop.ok("stack", "ls", "--json").out)
    assert [(s["name"], s["current"], s["resourceCount"]) for s in listed] == [("dev", False, 0), ("prod", True, 0)]
    assert (shop.folder / "Pulumi.prod.yaml").exists()
    assert shop.ok("stack", "rm", "--yes").out == "Stack 'prod' has been removed!\n"
    assert not (shop.folder / "Pulumi.prod.yaml").exists()
    assert [line.split()[0] for line in shop.ok("stack", "ls").lines] == ["NAME", "dev"]


def test_a_stack_that_has_outputs_and_no_resources_may_be_removed(dev: Shop) -> None:
    dev.wants({"outputs": {"name": "x"}})
    dev.up()
    assert [r["type"] for r in dev.state()["resources"]] == ["pulumi:pulumi:Stack"]
    assert dev.ok("stack", "rm", "--yes").out == "Stack 'dev' has been removed!\n"


def test_a_second_stack_of_the_same_name_is_refused(dev: Shop) -> None:
    ended = dev.run("stack", "init", "dev")
    assert (ended.code, ended.err) == (1, "error: stack 'organization/shop/dev' already exists\n")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a b", "invalid character ' ' at position 1"),
        ("other/dev", "organization name must be 'organization'"),
        ("organization/other/dev", "doesn't match Pulumi.yaml"),
        ("x" * 101, "a stack name cannot exceed 100 characters"),
    ],
)
def test_bad_stack_names(shop: Shop, name: str, message: str) -> None:
    ended = shop.run("stack", "init", name)
    assert ended.code == 1
    assert message in ended.err


def test_a_stack_that_is_not_there_is_exit_code_6(dev: Shop) -> None:
    for command in (["preview"], ["stack", "export"], ["config"], ["cancel"], ["destroy", "--yes"]):
        ended = dev.run(*command, "--stack", "nope")
        assert (ended.code, ended.err) == (6, "error: no stack named 'nope' found\n")


def test_no_stack_selected(shop: Shop) -> None:
    ended = shop.run("preview")
    assert (ended.code, ended.err) == (
        1,
        "error: no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one\n",
    )


def test_pulumi_stack_names_the_stack(dev: Shop) -> None:
    dev.ok("stack", "init", "other")
    dev.ok("config", "set", "size", "7", env={"PULUMI_STACK": "dev"})
    assert dev.ok("config", "get", "size", "--stack", "dev").out == "7\n"


def test_a_project_is_found_above_the_folder_and_cwd_is_followed(dev: Shop, tmp_path: Path) -> None:
    below = dev.folder / "a" / "b"
    below.mkdir(parents=True)
    assert dev.ok("config", "get", "size", cwd=below).out == "1\n"
    assert dev.ok("-C", str(dev.folder), "config", "get", "size", cwd=tmp_path).out == "1\n"
    assert dev.ok("config", "get", "size", "-C", str(dev.folder), cwd=tmp_path).out == "1\n"
    ended = dev.run("config", cwd=tmp_path)
    assert ended.code == 1
    assert "no Pulumi.yaml project file found" in ended.err


def test_a_project_file_that_is_wrong_is_one_readable_line(dev: Shop) -> None:
    for text, message in (
        ("name: [", "could not unmarshal"),
        ("runtime: python\n", "project is missing a 'name' attribute"),
        ("name: shop\nruntime: go\n", "does not support the runtime 'go'"),
        ("name: shop\nruntime: python\nmain: nowhere\n", "could not find the program"),
        (
            "name: shop\nruntime: {name: python, options: {virtualenv: gone}}\n",
            "The 'virtualenv' option in Pulumi.yaml is set to",
        ),
    ):
        (dev.folder / "Pulumi.yaml").write_text(text)
        ended = dev.run("preview", "--stack", "dev")
        assert ended.code == 1
        assert message in ended.err
        assert "Traceback" not in ended.err


def test_without_a_terminal_an_update_wants_to_be_confirmed(dev: Shop) -> None:
    for command in ("up", "refresh", "destroy"):
        ended = dev.run(command)
        assert ended.code == 2
        assert ended.err.startswith(
            "error: --yes or --skip-preview or --preview-only must be passed in to proceed when running in "
        )
    assert dev.run("stack", "rm").err == "error: non-interactive mode requires --yes flag\n"


@pytest.mark.thorough
def test_passphrases(dev: Shop) -> None:
    dev.ok("config", "set", "--secret", "password", "hush")
    wrong = dev.run("config", "get", "password", env={"PULUMI_CONFIG_PASSPHRASE": "wrong"})
    assert (wrong.code, wrong.err) == (1, "error: incorrect passphrase\n")
    assert dev.run("preview", env={"PULUMI_CONFIG_PASSPHRASE": "wrong"}).code == 1
    del dev.env["PULUMI_CONFIG_PASSPHRASE"]
    none = dev.run("config", "get", "password")
    assert none.code == 1
    assert "PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE" in none.err
    file = dev.folder / "passphrase"
    file.write_text("correct horse\n")
    assert dev.ok("config", "get", "password", env={"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}).out == "hush\n"


def test_configuration_is_set_listed_and_removed(dev: Shop) -> None:
    dev.ok("config", "set", "size", "3")
    dev.ok("config", "set", "other:flag", "true")
    dev.ok("config", "set", "--secret", "password", "hush")
    dev.ok("config", "set", "--path", "colors[0]", "blue")
    dev.ok("config", "set", "--path", "colors[1]", "5")
    dev.ok("config", "set", "note", stdin="two\nlines\n")
    assert dev.ok("config").lines == [
        "KEY         VALUE",
        "other:flag  true",
        'colors      ["blue",5]',
        "note        two",
        "            lines",
        "password    [secret]",
        "size        3",
    ]
    assert "hush" in dev.ok("config", "--show-secrets").out
    listed = json.loads(dev.ok("config", "--json").out)
    assert listed["shop:password"] == {"secret": True}
    assert listed["shop:colors"] == {"value": '["blue",5]', "objectValue": ["blue", 5], "secret": False}
    assert dev.ok("config", "get", "--path", "colors[1]").out == "5\n"
    dev.ok("config", "rm", "--path", "colors[0]")
    assert dev.ok("config", "get", "colors").out == "[5]\n"
    dev.ok("config", "rm", "note")
    missing = dev.run("config", "get", "note")
    assert (missing.code, missing.err) == (1, "error: configuration key 'note' not found for stack 'dev'\n")
    assert "hush" not in (dev.folder / "Pulumi.dev.yaml").read_text()


def test_a_plain_value_that_looks_like_a_secret_is_questioned(dev: Shop) -> None:
    ended = dev.run("config", "set", "apiToken", "x8Kd93nQ2LpZ71vT")
    assert ended.code == 1
    assert "looks like a secret" in ended.err
    dev.ok("config", "set", "apiToken", "x8Kd93nQ2LpZ71vT", "--plaintext")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("config:\n  shop:size: big\n", "Stack 'dev' with configuration key 'size' must be of type 'integer'"),
        ("config:\n  shop:colors: [1]\n", "Stack 'dev' with configuration key 'colors' must be of type 'array<string>'"),
        ("config:\n  shop:password: open\n", "Stack 'dev' with configuration key 'password' must be encrypted as it's secret"),
    ],
)
def test_wrong_configuration_is_refused_before_the_program_runs(dev: Shop, settings: str, message: str) -> None:
    dev.wants({"raise": "the program ran"})
    with (dev.folder / "Pulumi.yaml").open("a") as f:
        f.write("  password: {type: string, secret: true}\n")
    dev.ok("config", "set", "--secret", "password", "hush")
    file = dev.folder / "Pulumi.dev.yaml"
    right = {} if "password" in settings else yaml.safe_load(file.read_text())["config"]
    file.write_text(
        yaml.safe_dump({**yaml.safe_load(file.read_text()), "config": {**right, **yaml.safe_load(settings)["config"]}})
    )
    ended = dev.run("preview")
    assert (ended.code, ended.err) == (1, f"error: validating stack config: {message}\n")


def test_missing_values_are_named_all_at_once(dev: Shop) -> None:
    text = (dev.folder / "Pulumi.yaml").read_text()
    (dev.folder / "Pulumi.yaml").write_text(text.replace("    default: 1\n", "").replace("    default: [red]\n", ""))
    ended = dev.run("preview")
    assert (ended.code, ended.err) == (
        1,
        "error: validating stack config: Stack 'dev' is missing configuration values 'colors' and 'size'\n",
    )


def test_an_export_is_checked_before_it_is_imported(dev: Shop) -> None:
    for text, message in (
        ("{", "is not JSON"),
        ("{}", "expected an object with `version` and `deployment`"),
        ('{"version": 9, "deployment": {}}', "version 9"),
        (
            json.dumps({"version": 3, "deployment": {"resources": [{"urn": "nonsense", "type": "t"}]}}),
            "`resources[0].urn` is not a URN: 'nonsense'",
        ),
        (
            json.dumps(
                {"version": 3, "deployment": {"resources": [{"urn": "urn:pulumi:prod::shop::a:b:C::x", "type": "a:b:C"}]}}
            ),
            "is from a different stack (prod != dev)",
        ),
        (
            json.dumps(
                {
                    "version": 3,
                    "deployment": {"resources": [{"urn": "urn:pulumi:dev::shop::a:b:C::x", "type": "a:b:C", "parent": "p"}]},
                }
            ),
            "refers to missing resource p",
        ),
    ):
        ended = dev.run("stack", "import", stdin=text)
        assert ended.code == 1
        assert message in ended.err
    assert "resources" not in dev.state()


def test_pending_operations_do_not_survive_an_import(dev: Shop) -> None:
    urn = "urn:pulumi:dev::shop::a:b:C::x"
    deployment = {"resources": [], "pending_operations": [{"type": "creating", "resource": {"urn": urn, "type": "a:b:C"}}]}
    ended = dev.ok("stack", "import", stdin=json.dumps({"version": 3, "deployment": deployment}))
    assert ended.out == "Import complete.\n"
    assert ended.err == f"warning: removing pending operation 'creating' on '{urn}' from snapshot\n"
    assert "pending_operations" not in dev.state()


def test_state_that_is_damaged_is_one_readable_line(dev: Shop) -> None:
    path = dev.backend / ".pulumi" / "stacks" / "shop" / "dev.json"
    path.write_text(path.read_text()[:40])
    ended = dev.run("preview")
    assert ended.code == 1
    assert "is not valid JSON" in ended.err
    assert "There is no good copy of it" in ended.err
    assert "Traceback" not in ended.err
