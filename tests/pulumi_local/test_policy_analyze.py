"""`policy analyze`: what packs say of a state that is there, in the words of the Pulumi CLI."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pulumi_local.shop import TYPE, Shop

PACK = str(Path(__file__).parent / "pack")
ANALYZE = ("policy", "analyze", "--policy-pack", PACK)
FAILED = "error: one or more mandatory policy violations were found\n"


@pytest.fixture
def state(dev: Shop) -> Path:
    """The exported state of a stack that was deployed without policies."""
    dev.ok("config", "set", "--secret", "password", "s3cret")
    dev.wants({"a": {"size": 9}, "b": {"size": 1}, "options": {"b": {"depends_on": ["a"]}}})  # in this order in the state
    dev.ok("up", "--yes", "--skip-preview")
    path = dev.folder / "state.json"
    dev.ok("stack", "export", "--file", str(path))
    return path


@pytest.mark.thorough
def test_a_file_and_a_stack_without_running_anything(dev: Shop, state: Path) -> None:
    before = state.read_text()
    (dev.folder / "__main__.py").write_text("raise SystemExit(9)")
    of_file = dev.run(*ANALYZE, "--file", str(state))
    assert (of_file.code, of_file.err) == (1, FAILED)
    assert sorted(set(of_file.lines[: of_file.lines.index("Policies:")])) == [
        f"    {TYPE} a  ",
        f"    {TYPE} b  ",
        "    pulumi:pulumi:Stack shop-dev  ",
    ]
    assert of_file.out.partition("Policies:\n")[2] == (
        "    ❌ shelf-rules@v2.0.0\n"
        f"        - [remediate]  tagged  ({TYPE}: a) [diff: +tag]\n"
        f"        - [remediate]  tagged  ({TYPE}: b) [diff: +tag]\n"
        f"        - [mandatory]  small  ({TYPE}: a)\n"
        "          Shelves are short.\n"
        "          a is 9 long, more than 5: make it shorter\n"
        "\n"
    )
    of_stack = dev.run(*ANALYZE, "--stack", "dev")
    assert (of_stack.code, of_stack.out, of_stack.err) == (1, of_file.out, FAILED)
    dev.ok("stack", "export", "--file", str(state))
    assert state.read_text() == before


@pytest.mark.thorough
def test_events_and_differences(dev: Shop, state: Path) -> None:
    ended = dev.run(*ANALYZE, "--file", str(state), "--json")
    assert (ended.code, ended.err) == (1, FAILED)
    events = [json.loads(line) for line in ended.lines]
    assert [next(k for k in event if k.endswith("Event")) for event in events] == [
        "policyRemediationEvent",
        "policyEvent",
        "policyRemediationEvent",
        "summaryEvent",
    ]
    assert [event["sequence"] for event in events] == [0, 1, 2, 3]
    assert events[1]["policyEvent"]["message"] == "Shelves are short.\na is 9 long, more than 5: make it shorter"
    assert events[3]["summaryEvent"] | {"durationSeconds": 0} == {
        "maybeCorrupt": False,
        "durationSeconds": 0,
        "resourceChanges": {},
        "PolicyPacks": {"shelf-rules": "2.0.0"},
        "isPreview": False,
        "result": "failed",
    }
    assert "s3cret" not in ended.out
    of_diff = dev.run(*ANALYZE, "--file", str(state), "--diff")
    assert (of_diff.code, of_diff.err) == (1, FAILED)
    assert f"    shelf-rules@v2.0.0 [mandatory]  small  ({TYPE}: a)Shelves are short.\n" in of_diff.out


@pytest.mark.thorough
def test_a_configuration_that_allows_it(dev: Shop, state: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"small": {"max": 9}, "tagged": "disabled"}')
    ended = dev.ok(*ANALYZE, "--file", str(state), "--policy-pack-config", str(config))
    assert ended.out.endswith("Policies:\n    ✅ shelf-rules@v2.0.0\n\nResources:\n\nDuration: 0s\n\n")
    config.write_text('{"small": {"max": "nine"}}')
    refused = dev.run(*ANALYZE, "--file", str(state), "--policy-pack-config", str(config))
    assert (refused.code, refused.out) == (1, "")
    assert refused.err == (
        'error: loading policy packs: validating policy config for "shelf-rules": small: max: Invalid type. Expected: number, '
        "given: string\n"
    )


@pytest.mark.thorough
def test_secrets_that_cannot_be_opened_are_redacted(dev: Shop, state: Path) -> None:
    for passphrase in (None, "wrong"):
        dev.env.pop("PULUMI_CONFIG_PASSPHRASE", None)
        if passphrase:
            dev.env["PULUMI_CONFIG_PASSPHRASE"] = passphrase
        ended = dev.run(*ANALYZE, "--file", str(state))
        assert ended.code == 1
        assert ended.err == (f"warning: could not decrypt secrets in {state}; analyzing with secret values redacted\n" + FAILED)


def test_a_file_without_resources(dev: Shop, tmp_path: Path) -> None:
    path = tmp_path / "empty.json"
    path.write_text('{"version": 3, "deployment": {}}')
    ended = dev.ok(*ANALYZE, "--file", str(path))
    assert (ended.out, ended.err) == ("", f"File {path} has no resources; nothing to analyze.\n")
    assert dev.ok(*ANALYZE).err == "Stack dev has no resources; nothing to analyze.\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "could not open file: open state.json: no such file or directory"),
        ("x", "reading deployment from state.json: "),
        ("[]", "deserializing deployment from state.json: "),
        (
            '{"deployment": {"resources": [{"urn": "shelf", "type": "t"}]}}',
            'state file state.json contains a resource with an invalid URN "shelf"',
        ),
    ],
)
def test_files_that_are_no_state(dev: Shop, content: str | None, says: str) -> None:
    if content is not None:
        (dev.folder / "state.json").write_text(content)
    ended = dev.run(*ANALYZE, "--file", "state.json")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"error: {says}")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--file", "state.json"), "at least one --policy-pack path must be specified"),
        (
            ("--policy-pack", PACK, "--policy-pack", PACK, "--policy-pack-config", "x", "--file", "x"),
            "the number of --policy-pack-config paths must match the number of --policy-pack paths",
        ),
        (
            ("--policy-pack", PACK, "--file", "x", "--stack", "dev"),
            "if any flags in the group [file stack] are set none of the others can be; [file stack] were all set",
        ),
        (
            ("--policy-pack", PACK, "--file", "x", "--json", "--diff"),
            "if any flags in the group [json diff] are set none of the others can be; [diff json] were all set",
        ),
    ],
)
def test_command_lines_that_make_no_sense(dev: Shop, arguments: tuple[str, ...], says: str) -> None:
    ended = dev.run("policy", "analyze", *arguments)
    assert (ended.code, ended.err) == (1, f"error: {says}\n")


@pytest.mark.thorough
def test_what_is_not_there(dev: Shop, state: Path) -> None:
    ended = dev.run("policy", "analyze", "--policy-pack", "nowhere", "--file", str(state))
    assert ended.code == 1
    assert ended.err.startswith('error: loading policy packs: failed to load Pulumi policy project located at "nowhere"')
    assert dev.run(*ANALYZE, "--stack", "nobody").code == 6
    assert "pulumi_local does not support `policy publish`" in dev.run("policy", "publish").err
