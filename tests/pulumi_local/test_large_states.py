"""States too large to be saved as a whole after every step: what a reader, a kill and the next command find."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pulumi_local.changelog import head, put
from pulumi_local.interfaces import Rendered
from pulumi_local.state.backend import FileBackend, StackReference, log
from pulumi_local.state.backend.file import Checkpoint, StackState
from tests.pulumi_local.shop import TYPE, Shop, kill

LARGE = {"text": "x" * 1_200_000}
STACK = StackReference("shop", "dev")


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def checkpoint(shop: Shop) -> Path:
    return shop.backend / ".pulumi" / "stacks" / "shop" / "dev.json"


def on_disk(shop: Shop) -> dict[str, Any]:
    """The deployment in the file itself, as any other program reads it."""
    latest: dict[str, Any] = json.loads(checkpoint(shop).read_bytes())["checkpoint"]["latest"]
    return latest


def names(deployment: dict[str, Any]) -> list[str]:
    return [r["urn"].rpartition("::")[2] for r in deployment["resources"] if r["type"] == TYPE]


def pending(deployment: dict[str, Any]) -> list[str]:
    return [p["resource"]["urn"].rpartition("::")[2] for p in deployment.get("pending_operations", [])]


@pytest.fixture
def working(dev: Shop, tmp_path: Path) -> Any:
    """An update of a large state that has made b, and is making c; and the file that lets c be done."""
    go, go_b = tmp_path / "go", tmp_path / "go_b"
    dev.wants({"a": LARGE})
    dev.up()
    # One after the other: what comes together is saved together; the first save is of the whole file, and so is one with `a` in
    # it, which alone is as large as the file.
    order = {"b": {"depends_on": ["a"]}, "c": {"depends_on": ["b"]}}
    dev.wants({"a": LARGE, "b": {"wait": str(go_b)}, "c": {"wait": str(go)}, "options": order})
    process = dev.start("up", "--yes", "--skip-preview", "--suppress-progress")
    try:
        dev.wait_for_objects(2)
        until(lambda: pending(dev.state()) == ["b"], "what was begun was never recorded")
        go_b.touch()
        dev.wait_for_objects(3)
        until(lambda: log.path_of(checkpoint(dev)).exists() and "b" in names(dev.state()), "what was made was never recorded")
        yield dev, process, go
    finally:
        if process.poll() is None:
            kill(process)


@pytest.mark.thorough
def test_what_was_begun_is_recorded_before_the_call_and_seen_by_other_commands(working: Any) -> None:
    shop, process, go = working
    assert names(on_disk(shop)) == ["a"], "the file itself lags behind"
    assert sorted(names(shop.state())) == ["a", "b"]
    assert pending(shop.state()) == ["c"]
    go.touch()
    assert process.communicate(timeout=60) is not None
    assert process.returncode == 0
    assert not log.path_of(checkpoint(shop)).exists()
    assert sorted(names(on_disk(shop))) == ["a", "b", "c"]


@pytest.mark.thorough
def test_a_killed_engine_leaves_a_whole_file_for_every_program(working: Any) -> None:
    shop, process, _ = working
    kill(process)
    until(lambda: not log.path_of(checkpoint(shop)).exists(), "nobody settled the log")
    assert sorted(names(on_disk(shop))) == ["a", "b"]
    assert pending(on_disk(shop)) == ["c"]
    shop.ok("cancel", "--yes")
    shop.wants({"a": LARGE, "b": {"size": 1}, "c": {}})
    assert "interrupted while creating" in shop.ok("up", "--yes", "--skip-preview").out
    assert sorted(names(on_disk(shop))) == ["a", "b", "c"]


def test_what_was_left_behind_by_all_is_settled_by_cancel(dev: Shop) -> None:
    left_behind(dev)
    assert names(on_disk(dev)) == []
    assert names(dev.state()) == ["late"]
    dev.ok("cancel", "--yes")
    assert names(on_disk(dev)) == ["late"]
    assert not log.path_of(checkpoint(dev)).exists()


def test_a_log_that_is_still_written_is_left_to_its_writer(dev: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_PATIENCE_SECONDS", 0.1)
    writer = log.ChangeLog(checkpoint(dev))
    writer.append(b"{}\n")
    log.settle(checkpoint(dev))
    assert log.path_of(checkpoint(dev)).exists()
    writer.close()
    log.settle(checkpoint(dev))
    assert not log.path_of(checkpoint(dev)).exists()


def test_an_edit_of_a_state_with_a_log_is_not_overwritten_by_it(dev: Shop) -> None:
    left_behind(dev)
    dev.ok("state", "remove", "--yes", f"urn:pulumi:dev::shop::{TYPE}::late")
    assert names(dev.state()) == []
    assert names(on_disk(dev)) == []


def test_two_who_settle_at_once_write_the_same(dev: Shop) -> None:
    left_behind(dev)
    threads = [threading.Thread(target=log.settle, args=(checkpoint(dev),)) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert names(on_disk(dev)) == ["late"]


def test_a_run_that_is_left_in_the_middle_settles_its_own_log(dev: Shop) -> None:
    backend = FileBackend(f"file://{dev.backend}")
    state = StackState(backend, STACK)
    deployment = {**(state.load() or {}), "resources": []}
    state.save(deployment)
    state.note(head(deployment, [], 0, []) + put(1, late()))
    state.close()
    assert names(on_disk(dev)) == ["late"]


def late() -> Rendered:
    return Rendered({"urn": f"urn:pulumi:dev::shop::{TYPE}::late", "type": TYPE, "custom": True, "id": "x"})


def left_behind(shop: Shop) -> None:
    """A log, as a power cut would leave it."""
    backend = FileBackend(f"file://{shop.backend}")
    found = backend.load(STACK).deployment
    assert found is not None
    deployment = {**found, "resources": []}
    backend.save(STACK, Checkpoint(deployment))
    log.path_of(checkpoint(shop)).write_bytes(head(deployment, [], 0, []) + put(1, late()))
