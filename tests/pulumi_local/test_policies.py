"""Policy packs: the unmodified process of a pack, its configuration, what its violations do to a command."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import pytest

from pulumi_local.errors import EngineError
from pulumi_local.policy import config as policy_config
from pulumi_local.policy.config import Declared, PolicyConfig
from tests.pulumi_local.shop import TYPE, Shop

PACK = str(Path(__file__).parent / "pack")


@pytest.mark.thorough
def test_a_mandatory_violation_fails_the_command_and_says_where_and_what(dev: Shop) -> None:
    dev.wants({"a": {"size": 9}, "b": {"size": 1}})
    ended = dev.run("preview", "--policy-pack", PACK)
    assert ended.code == 1
    policies = ended.out.partition("Policies:\n")[2]
    assert policies.splitlines()[1:5] == [
        "        - [remediate]  tagged  (2 resources)",
        f"        - [mandatory]  small  ({TYPE}: a)",
        "          Shelves are short.",
        "          a is 9 long, more than 5: make it shorter",
    ]
    assert "shelf-rules@v2.0.0 (local: " in policies
    assert "error: preview failed" in policies
    assert "Resources:" not in policies
    assert dev.run("up", "--yes", "--policy-pack", PACK).code == 1
    assert dev.live() == {}


@pytest.mark.thorough
def test_a_passing_pack_is_listed_and_its_remediation_is_in_force(dev: Shop) -> None:
    dev.wants({"a": {"size": 1}})
    ended = dev.ok("up", "--yes", "--skip-preview", "--policy-pack", PACK)
    assert "    ✅ shelf-rules@v2.0.0" in ended.out
    assert [o["tag"] for o in dev.live().values()] == ["by policy"]


@pytest.mark.thorough
def test_an_advisory_violation_fails_nothing(dev: Shop) -> None:
    dev.wants({"a": {}, "b": {}, "c": {}})
    ended = dev.ok("preview", "--policy-pack", PACK)
    assert "    ⚠️ shelf-rules@v2.0.0" in ended.out
    assert "        - [advisory]  few  " in ended.out


@pytest.mark.thorough
def test_packs_are_configured_by_files(dev: Shop, tmp_path: Path) -> None:
    config = tmp_path / "policy.json"
    dev.wants({"a": {"size": 9}})
    config.write_text(json.dumps({"small": {"enforcementLevel": "advisory", "max": 8}}))
    advised = dev.ok("preview", "--policy-pack", PACK, "--policy-pack-config", str(config)).out
    assert "[advisory]  small" in advised
    assert "a is 9 long, more than 8" in advised
    config.write_text(json.dumps({"small": {"max": "ten"}}))
    wrong = dev.run("preview", "--policy-pack", PACK, "--policy-pack-config", str(config))
    assert wrong.code == 1
    assert (
        "error: validating policy config: shelf-rules 2.0.0  small: max: Invalid type. Expected: number, given: string"
        in wrong.out
    )
    assert wrong.err == "error: validating policy config\n"


@pytest.mark.thorough
def test_a_pack_that_does_not_start_is_readable(dev: Shop, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    missing = dev.run("preview", "--policy-pack", str(pack))
    assert missing.code == 1
    assert "failed to load Pulumi policy project located at" in missing.err
    pack.mkdir()
    (pack / "PulumiPolicy.yaml").write_text("runtime: python\n")
    (pack / "__main__.py").write_text("import nothing_of_that_name\n")
    broken = dev.run("preview", "--policy-pack", str(pack))
    assert broken.code == 1
    assert f'error: policy pack "{pack}" failed to start:\n' in broken.err
    assert "No module named 'nothing_of_that_name'" in broken.err
    (pack / "PulumiPolicy.yaml").write_text("runtime: nodejs\n")
    assert "does not support policy packs in nodejs" in dev.run("preview", "--policy-pack", str(pack)).err
    assert '"--policy-pack-config" must be specified with "--policy-pack"' in dev.run("preview", "--policy-pack-config", "x").err


@pytest.mark.thorough
def test_the_process_of_a_pack_ends_with_the_engine_even_if_that_is_killed(dev: Shop, tmp_path: Path) -> None:
    dev.wants({"a": {"wait": str(tmp_path / "never")}})
    process = dev.start("up", "--yes", "--skip-preview", "--policy-pack", PACK)
    dev.wait_for_objects(1)
    packs = _processes_with(PACK, dev.folder)
    assert packs
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while any(_alive(pid) for pid in packs):
        assert time.monotonic() < deadline, f"still there: {packs}"
        time.sleep(0.05)


def _processes_with(argument: str, project: Path) -> list[int]:
    """Processes that were given this argument, for this project."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_text().split("\0")
            home = f"HOME={project.parent}\0" in (folder / "environ").read_text()
        except OSError:
            continue
        if argument in command and "pulumi.policy" in command and home:
            found.append(int(folder.name))
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


if not os.path.isdir("/proc/self"):
    _reason = "processes are looked up in /proc; run on Linux to see this one"
    test_the_process_of_a_pack_ends_with_the_engine_even_if_that_is_killed = pytest.mark.skip(reason=_reason)(
        test_the_process_of_a_pack_ends_with_the_engine_even_if_that_is_killed
    )


# -- configuration


DECLARED = [
    Declared("small", "mandatory", {"max": {"type": "number", "default": 5}, "name": {"type": "string"}}, ["name"]),
    Declared("few", "advisory", {}, []),
]


def test_layers_of_configuration() -> None:
    merged = policy_config.reconciled(
        DECLARED, {"all": PolicyConfig("advisory")}, {"small": PolicyConfig("", {"name": "x"}), "few": PolicyConfig("disabled")}
    )
    assert merged == {"small": PolicyConfig("advisory", {"max": 5, "name": "x"}), "few": PolicyConfig("disabled")}
    assert policy_config.problems(DECLARED, merged) == []


def test_all_problems_are_named() -> None:
    merged = policy_config.reconciled(DECLARED, {}, {"small": PolicyConfig("", {"max": [1]})})
    assert sorted(policy_config.problems(DECLARED, merged)) == [
        "small: max: Invalid type. Expected: number, given: array",
        "small: name is required",
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{", "parsing"),
        ("[]", "expected an object"),
        ('{"small": 5}', "must be a string or object"),
        ('{"small": "sometimes"}', '"sometimes" is not a valid enforcement level'),
        ('{"small": {"enforcementLevel": 5}}', "must be a string"),
        ('{"environments": ["x"]}', "ESC environments"),
    ],
)
def test_files_that_are_wrong(tmp_path: Path, document: str, message: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(document)
    with pytest.raises(EngineError) as caught:
        policy_config.read(path)
    assert message in str(caught.value)


def test_an_empty_file_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(" \n")
    assert policy_config.read(path) == {}
    with pytest.raises(EngineError, match="no such file"):
        policy_config.read(tmp_path / "none")
