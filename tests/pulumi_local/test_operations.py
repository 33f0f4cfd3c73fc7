"""Previews, updates, refreshes and destroys of a real program, as a user sees them."""

from __future__ import annotations

import json
import math
import re
import signal
from pathlib import Path

import pytest

from tests.pulumi_local.shop import TYPE, Shop, kill

CI = ("--suppress-progress", "--color", "never")


def timeless(text: str) -> list[str]:
    """The lines without times, passing states and trailing blanks."""
    lines = [re.sub(r"\(\d+(\.\d+)?s\)", "(t)", line).rstrip() for line in text.splitlines()]
    passing = r"\b(creating|running|updating|replacing|deleting|refreshing)\b(?! failed)|^Duration"
    return [line for line in lines if not re.search(passing, line)]


def test_create_update_and_destroy_read_like_pulumi(dev: Shop) -> None:
    dev.wants({"a": {"size": 1, "wood": "oak"}, "outputs": {"name": "first"}})
    preview = dev.ok("preview", *CI)
    assert timeless(preview.out) == [
        "Previewing update (dev):",
        "",
        " +  pulumi:pulumi:Stack shop-dev create",
        f" +  {TYPE} a create",
        " +  pulumi:pulumi:Stack shop-dev create",
        "Outputs:",
        '    name: "first"',
        "    size: 1",
        "",
        "Resources:",
        "    + 2 to create",
        "",
    ]
    assert dev.live() == {}
    up = dev.ok("up", "--yes", "--skip-preview", *CI)
    assert timeless(up.out) == [
        "Updating (dev):",
        "",
        f" +  {TYPE} a created (t)",
        " +  pulumi:pulumi:Stack shop-dev created (t)",
        "Outputs:",
        '    name: "first"',
        "    size: 1",
        "",
        "Resources:",
        "    + 2 created",
        "",
        "",
    ]
    dev.wants({"a": {"size": 2, "wood": "oak"}, "b": {}, "outputs": {"name": "second"}})
    up = dev.ok("up", "--yes", *CI)
    lines = timeless(up.out)
    assert sorted(lines[2:4]) == [f" +  {TYPE} b create", f" ~  {TYPE} a update [diff: ~size]"]
    assert [*lines[:2], *lines[4:13]] == [
        "Previewing update (dev):",
        "",
        "    pulumi:pulumi:Stack shop-dev",
        "Outputs:",
        '  ~ name: "first" => "second"',
        "",
        "Resources:",
        "    + 1 to create",
        "    ~ 1 to update",
        "    2 changes. 1 unchanged",
        "",
    ]
    destroyed = dev.ok("destroy", "--yes", "--skip-preview", *CI)
    assert "    - 3 deleted" in destroyed.lines
    assert destroyed.lines[-1] == "If you want to remove the stack completely, run `pulumi stack rm dev`."
    assert dev.live() == {}


def test_replacement_and_removal(dev: Shop) -> None:
    dev.wants({"a": {"wood": "oak"}, "b": {}})
    dev.up()
    dev.wants({"a": {"wood": "ash"}})
    lines = timeless(dev.up().out)
    rows = [line for line in lines if line.startswith((" ++", " +-", " --", " - "))]
    assert rows == [
        f" ++ {TYPE} a created replacement (t) [diff: ~wood]",
        f" +- {TYPE} a replaced (t) [diff: ~wood]",
        *sorted(rows[2:], key=rows.index),
    ]
    assert f" -- {TYPE} a deleted original (t) [diff: ~wood]" in rows
    assert f" -  {TYPE} b deleted (t)" in rows
    assert [o["wood"] for o in dev.live().values()] == ["ash"]


def test_a_failure_names_the_resource_and_the_cause(dev: Shop) -> None:
    dev.wants({"a": {"fail": "no room"}})
    ended = dev.run("up", "--yes", "--skip-preview", *CI)
    assert ended.code == 1
    assert ended.err == ""
    assert f" +  {TYPE} a **creating failed** error: " in ended.out.replace(" 1 error", "")
    diagnostics = ended.out.partition("Diagnostics:")[2]
    assert f"  {TYPE} (a):" in diagnostics
    assert "no room" in diagnostics
    assert diagnostics.index(f"{TYPE} (a)") < diagnostics.index("error: update failed")
    assert "    2 errored" in ended.lines


def test_what_a_program_prints_is_shown_once(dev: Shop) -> None:
    dev.wants({"print": ["hello", "world"]})
    ended = dev.ok("up", "--yes", "--skip-preview", *CI)
    assert ended.out.partition("Diagnostics:\n")[2].startswith("  pulumi:pulumi:Stack (shop-dev):\n    hello\n    world\n\n")


@pytest.mark.thorough
def test_secrets_are_never_shown(dev: Shop) -> None:
    dev.ok("config", "set", "--secret", "password", "hush")
    dev.wants({"a": {"size": 1}})
    shown = [
        dev.up().out,
        dev.ok("preview", "--json").out,
        dev.ok("stack", "output").out,
        dev.ok("config").out,
    ]
    assert "password: [secret]" in shown[0]
    assert "password  [secret]" in shown[3]
    assert not [text for text in shown if "hush" in text]
    assert json.loads(dev.ok("stack", "output", "--json").out)["password"] == "[secret]"
    assert json.loads(dev.ok("stack", "output", "--json", "--show-secrets").out)["password"] == "hush"
    on_disk = [p.read_text() for p in (*dev.backend.rglob("*.json"), *dev.folder.glob("Pulumi*.yaml"))]
    assert not [text for text in on_disk if "hush" in text]


@pytest.mark.thorough
def test_expect_no_changes_is_exit_code_7_and_history_is_kept(dev: Shop) -> None:
    dev.wants({"a": {}})
    for command in (["preview"], ["up", "--yes", "--skip-preview"]):
        ended = dev.run(*command, "--expect-no-changes")
        operation = "update" if command[0] == "up" else command[0]
        assert (ended.code, ended.err) == (7, f"error: no changes were expected for {operation} but changes were proposed\n")
    again = dev.ok("up", "--yes", "--skip-preview", "--expect-no-changes", "--message", "second")
    assert again.code == 0
    histories = sorted((dev.backend / ".pulumi" / "history" / "shop" / "dev").glob("*.history.json"))
    assert [json.loads(h.read_text())["message"] for h in histories] == ["", "second"]
    assert len(list((dev.backend / ".pulumi" / "backups" / "shop" / "dev").glob("*.json"))) == 2


@pytest.mark.thorough
def test_refresh_sees_drift(dev: Shop) -> None:
    dev.wants({"a": {"size": 1}, "b": {}})
    dev.up()
    (first,) = [k for k, v in dev.live().items() if "size" in v]
    dev.store.write_text(json.dumps({k: {**v, "size": 9.0} if k == first else None for k, v in dev.live().items()}))
    preview = dev.run("refresh", "--preview-only", "--expect-no-changes", *CI)
    assert preview.code == 7
    assert f" ~  {TYPE} a update" in preview.out
    assert f" -  {TYPE} b delete" in preview.out
    assert "Do you want" not in preview.out
    dev.ok("up", "--yes", "--skip-preview", "--refresh")
    assert sorted(o.get("size") for o in dev.live().values() if "size" in o) == [1]
    assert len(dev.live()) == 2


@pytest.mark.thorough
def test_json(dev: Shop) -> None:
    dev.wants({"a": {"size": 1}})
    digest = json.loads(dev.ok("preview", "--json").out)
    assert digest["changeSummary"] == {"create": 2}
    assert [(s["op"], s["urn"].rpartition("::")[2]) for s in digest["steps"]] == [("create", "shop-dev"), ("create", "a")]
    assert digest["steps"][1]["newState"]["inputs"]["size"] == 1
    streamed = dev.ok("preview", "--json", env={"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"})
    applied = dev.ok("up", "--yes", "--skip-preview", "--json")
    for ended in (streamed, applied):
        events = [json.loads(line) for line in ended.lines]
        assert [e["sequence"] for e in events] == list(range(len(events)))
        kinds = [next(k for k in e if k not in ("sequence", "timestamp")) for e in events]
        assert kinds[0] == "preludeEvent"
        assert kinds[-2:] == ["summaryEvent", "cancelEvent"]
        assert events[-2]["summaryEvent"]["resourceChanges"] == {"create": 2}
    steps = [e["resOutputsEvent"]["metadata"] for e in map(json.loads, applied.lines) if "resOutputsEvent" in e]
    created = next(s for s in steps if s["type"] == TYPE)
    assert (created["op"], created["old"], created["new"]["outputs"]["size"]) == ("create", None, 1)


@pytest.mark.thorough
def test_the_detailed_diff(dev: Shop) -> None:
    dev.wants({"a": {"size": 1, "tags": {"x": "1", "y": "2"}, "list": ["a", "b"]}})
    dev.up()
    dev.wants({"a": {"size": 2, "tags": {"x": "1", "y": "3", "z": "4"}, "list": ["a"]}})
    shown = dev.ok("preview", "--diff", "--color", "never").out
    assert shown == (
        "Previewing update (dev):\n"
        "  pulumi:pulumi:Stack: (same)\n"
        "    [urn=urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev]\n"
        f"    ~ {TYPE}: (update)\n"
        "        [id=shelf-1]\n"
        f"        [urn=urn:pulumi:dev::shop::{TYPE}::a]\n"
        "      ~ list: [\n"
        '            [0]: "a"\n'
        '          - [1]: "b"\n'
        "        ]\n"
        "      ~ size: 1 => 2\n"
        "      ~ tags: {\n"
        '            x: "1"\n'
        '          ~ y: "2" => "3"\n'
        '          + z: "4"\n'
        "        }\n"
        "Resources:\n"
        "    ~ 1 to update\n"
        "    1 unchanged\n"
    )


@pytest.mark.thorough
def test_targets_and_replace(dev: Shop) -> None:
    def ids() -> dict[str, str]:
        return {r["urn"].rpartition("::")[2]: r["id"] for r in dev.state()["resources"] if r["type"] == TYPE}

    dev.wants({"a": {"size": 1}, "b": {"size": 1}})
    dev.up()
    before = ids()
    dev.wants({"a": {"size": 2}, "b": {"size": 2}})
    dev.ok("up", "--yes", "--skip-preview", "--target", "**::a")
    assert sorted(o["size"] for o in dev.live().values()) == [1, 2]
    dev.ok("up", "--yes", "--skip-preview", "--target-replace", f"urn:pulumi:dev::shop::{TYPE}::b")
    assert (ids()["a"] == before["a"], ids()["b"] == before["b"]) == (True, False)
    both = dev.run("up", "--yes", "--target", "x", "--exclude", "y")
    assert both.err.startswith("error: if any flags in the group [target exclude] are set none of the others can be")


@pytest.mark.thorough
def test_protected_resources_can_be_left_out_of_a_destroy(dev: Shop) -> None:
    dev.wants({"a": {}, "b": {}, "options": {"a": {"protect": True}}})
    dev.up()
    ended = dev.ok("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert (
        ended.lines[-1]
        == "All unprotected resources were destroyed. There are still 3 protected resources associated with this stack."
    )
    again = dev.ok("destroy", "--yes", "--skip-preview", "--exclude-protected")
    assert again.out.startswith("There were no unprotected resources to destroy. There are still 3 protected resources")
    assert len(dev.live()) == 1
    refused = dev.run("stack", "rm", "--yes")
    assert refused.code == 1
    assert "'dev' still has resources; removal rejected" in refused.err


@pytest.mark.thorough
def test_one_writer_at_a_time(dev: Shop, tmp_path: Path) -> None:
    go = tmp_path / "go"
    dev.wants({"a": {"wait": str(go)}})
    first = dev.start("up", "--yes", "--skip-preview")
    dev.wait_for_objects(1)
    for second in (["up", "--yes", "--skip-preview"], ["stack", "rm", "--yes"], ["stack", "import"]):
        ended = dev.run(*second, stdin='{"version": 3, "deployment": {}}')
        assert ended.code == 1
        assert ended.err.startswith(
            "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or "
        )
        lock = rf"\n  file://\S+/\.pulumi/locks/organization/shop/dev/\S+: created by \S+@\S+ \(pid {first.pid}\) at \S+\n"
        assert re.search(lock, ended.err)
    assert dev.run("preview").code == 0, "looking is allowed"
    go.touch()
    assert first.communicate(timeout=60)[0].count("created") >= 2
    assert first.returncode == 0
    assert not list((dev.backend / ".pulumi" / "locks").rglob("*.json"))


@pytest.mark.thorough
def test_a_lock_left_by_kill_stays_until_cancel(dev: Shop, tmp_path: Path) -> None:
    dev.wants({"a": {"wait": str(tmp_path / "never")}})
    process = dev.start("up", "--yes", "--skip-preview")
    dev.wait_for_objects(1)
    kill(process)
    assert "locked by 1 lock(s)" in dev.run("up", "--yes").err
    assert dev.ok("cancel", "--yes").out == "The currently running update for 'dev' has been canceled!\n"
    dev.wants({})
    warned = dev.ok("up", "--yes", "--skip-preview")
    assert "interrupted while creating" in warned.out
    dev.ok("refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert "interrupted while creating" not in dev.up().out


@pytest.mark.thorough
def test_an_interrupt_lets_what_runs_end(dev: Shop, tmp_path: Path) -> None:
    go = tmp_path / "go"
    dev.wants({"a": {"wait": str(go)}})
    process = dev.start("up", "--yes", "--skip-preview", "--suppress-progress")
    dev.wait_for_objects(1)
    process.send_signal(signal.SIGINT)
    _until(process, "^C received; cancelling")
    go.touch()
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 1
    assert "error: update canceled" in rest
    assert [r["id"] for r in dev.state()["resources"] if r["type"] == TYPE] == ["shelf-1"]


@pytest.mark.thorough
def test_a_second_interrupt_leaves_at_once_with_exit_code_8(dev: Shop, tmp_path: Path) -> None:
    dev.wants({"a": {"wait": str(tmp_path / "never")}})
    process = dev.start("up", "--yes", "--skip-preview", "--suppress-progress")
    dev.wait_for_objects(1)
    process.send_signal(signal.SIGINT)
    _until(process, "^C received; cancelling")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[0]
    assert process.returncode == 8
    assert "^C received; terminating" in rest
    assert "error: update cancelled" in rest
    assert [p["type"] for p in dev.state()["pending_operations"]] == ["creating"]
    assert not list((dev.backend / ".pulumi" / "locks").rglob("*.json"))


def _until(process: object, text: str) -> None:
    stdout = process.stdout  # type: ignore[attr-defined]
    for line in stdout:
        if text in line:
            return
    raise AssertionError(f"it never said {text!r}")


@pytest.mark.thorough
def test_export_and_import_elsewhere(dev: Shop, tmp_path: Path) -> None:
    dev.ok("config", "set", "--secret", "password", "hush")
    dev.wants({"a": {"size": 1}})
    dev.up()
    exported = dev.ok("stack", "export").out
    plain = dev.ok("stack", "export", "--show-secrets").out
    assert "hush" not in exported
    assert '"plaintext": "\\"hush\\""' in plain
    for text in (exported, plain):
        dev.ok("stack", "import", stdin=text)
        assert "hush" not in dev.ok("stack", "export").out
        assert dev.run("preview", "--expect-no-changes").code == 0
    assert json.loads(dev.ok("stack", "output", "--json", "--show-secrets").out)["password"] == "hush"


@pytest.mark.thorough
def test_outputs_stay_after_an_update_that_failed(dev: Shop) -> None:
    dev.wants({"outputs": {"a": 1, "far": [1, math.inf]}})
    assert "    far : [\n        [0]: 1\n        [1]: +Inf\n" in dev.up().out
    program = dev.folder / "__main__.py"
    program.write_text(program.read_text() + "\npulumi.export('a', shelves['b'].id)\n")
    dev.wants({"b": {"fail": "no room"}})
    ended = dev.run("up", "--yes", "--skip-preview")
    assert ended.code == 1
    shown = ended.out.partition("Outputs:\n")[2].partition("Resources:")[0]
    assert [line.strip() for line in shown.splitlines()][:4] == ["a   : 1", "far : [", "[0]: 1", "[1]: +Inf"]
    assert "- a" not in shown
    assert json.loads(dev.ok("stack", "output", "--json").out)["a"] == 1
