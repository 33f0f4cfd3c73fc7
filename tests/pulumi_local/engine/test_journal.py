"""What is on disk while a run goes on, whether a state is saved as a whole or what changed of it is added to a log."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.changelog import replayed
from pulumi_local.engine.commits import GroupCommit
from pulumi_local.engine.journal import Journal
from pulumi_local.engine.notes import Notes
from pulumi_local.engine.references import drop_dangling
from pulumi_local.engine.state import Previous, ResourceState, StateCodec
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import Deployment, Rendered, deployment_json
from tests.pulumi_local.engine.lab import Sealing


class Disk:
    """What would be on disk."""

    def __init__(self) -> None:
        self.saved: Deployment = {}
        self.log = b""
        self.notes = 0

    def load(self) -> Deployment | None:
        return (replayed(self.saved, self.log) if self.log else None) or self.saved

    def save(self, deployment: Deployment) -> None:
        self.saved, self.log = json.loads(deployment_json(deployment)), b""

    def note(self, changes: bytes) -> None:
        self.log += changes
        self.notes += 1

    @property
    def there(self) -> tuple[Any, Any]:
        found = self.load() or {}
        return found.get("resources"), found.get("pending_operations")


def state(name: str, **more: Any) -> ResourceState:
    return ResourceState(f"urn:pulumi:s::p::t::{name}", "t", True, id=name, **more)


class Both:
    """The same steps in two journals: one with a log from the first save on, one that always saves the whole."""

    def __init__(self) -> None:
        self.olds = [state(f"old{i}") for i in range(4)]
        pending = [{"type": "creating", "resource": {"urn": "urn:pulumi:s::p::t::left", "type": "t"}}]
        self.disks = [Disk(), Disk()]
        self.journals = [
            Journal(disk, Sealing(), StateCodec(Sealing()), Previous({}, list(self.olds), list(pending), True), Notes(small))
            for disk, small in zip(self.disks, (0, 10**9), strict=True)
        ]

    def tell(self, method: str, *args: Any, **more: Any) -> int:
        first, _ = (getattr(j, method)(*args, **more) for j in self.journals)
        assert self.disks[0].there == self.disks[1].there
        return int(first or 0)


STEPS = st.lists(
    st.sampled_from(["create", "update", "delete", "replace", "same", "fail", "left hanging", "outputs"]), max_size=25
)


@given(STEPS)
def test_a_log_says_what_a_whole_save_would(steps: list[str]) -> None:
    both = Both()
    living = list(both.olds)
    for i, what in enumerate(steps):
        new = state(f"new{i}", inputs={"step": float(i)})
        old = living[i % len(living)] if living else None
        if what == "left hanging":
            both.tell("begin", "creating", new)
        elif what == "fail":
            both.tell("end", both.tell("begin", "creating", new))
        elif what == "create" or old is None:
            both.tell("end", both.tell("begin", "creating", new), new=new)
            living.append(new)
        elif what == "outputs":
            old.outputs = {"step": float(i)}
            both.tell("outputs", old)
        elif what == "delete":
            both.tell("end", both.tell("begin", "deleting", old), remove=old)
            living.remove(old)
        elif what == "replace":
            both.tell("end", both.tell("begin", "creating", new), new=new, mark_delete=old)
            living.append(new)
        else:
            number = both.tell("begin", "updating", new) if what == "update" else 0
            both.tell("end", number, new=new, remove=old)
            living[living.index(old)] = new
    both.tell("close")
    assert both.disks[0].log == b"", "at the end of a run the state is whole"


def test_the_log_is_used_and_is_never_larger_than_the_state() -> None:
    both = Both()
    for i in range(200):
        made = state(f"n{i}")
        both.tell("end", both.tell("begin", "creating", made), new=made)
        assert len(both.disks[0].log) < 2 * len(deployment_json(both.disks[0].saved))
    assert both.disks[0].notes > 300


def test_a_line_that_was_cut_off_is_left_out() -> None:
    both = Both()
    for name in ("a", "b"):
        made = state(name)
        both.tell("end", both.tell("begin", "creating", made), new=made)
    disk = both.disks[0]
    whole = disk.there
    for cut in range(1, len(disk.log.splitlines(keepends=True)[-1])):
        found = replayed(disk.saved, disk.log[:-cut])
        assert found is not None
        assert (found["resources"], found.get("pending_operations")) != whole


def test_a_log_of_another_save_is_not_applied() -> None:
    both = Both()
    made = state("a")
    both.tell("end", both.tell("begin", "creating", made), new=made)
    disk = both.disks[0]
    assert disk.log
    assert replayed({**disk.saved, "manifest": {"time": "another"}}, disk.log) is None
    assert replayed(disk.saved, b"") is None


def test_references_to_what_is_gone_are_dropped_and_others_stay() -> None:
    gone = "urn:gone"
    kept = Rendered({"urn": "urn:a", "dependencies": []})
    user = Rendered(
        {
            "urn": "urn:b",
            "parent": gone,
            "deletedWith": gone,
            "dependencies": [gone, "urn:a"],
            "propertyDependencies": {"x": [gone], "y": [gone, "urn:a"], "z": []},
        }
    )
    found = drop_dangling([kept, user])
    assert found[0] is kept
    assert found[1] == {"urn": "urn:b", "dependencies": ["urn:a"], "propertyDependencies": {"y": ["urn:a"], "z": []}}


# -- many at once


def test_those_who_wait_share_a_save_and_nobody_goes_on_before_it() -> None:
    reported: list[int] = []
    on_disk: set[int] = set()
    saves = 0

    def prepare() -> Any:
        now = set(reported)

        def save() -> None:
            nonlocal saves
            saves += 1
            threading.Event().wait(0.002)
            on_disk.update(now)

        return save

    commits = GroupCommit(prepare, lambda: False)
    wrong: list[int] = []

    def step(number: int) -> None:
        with commits.lock:
            reported.append(number)
        commits.commit()
        if number not in on_disk:
            wrong.append(number)

    threads = [threading.Thread(target=step, args=(i,)) for i in range(200)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not wrong
    assert on_disk == set(range(200))
    assert saves <= 200


def test_after_a_save_failed_nobody_goes_on() -> None:
    def prepare() -> Any:
        def save() -> None:
            raise OSError(28, "No space left on device")

        return save

    commits = GroupCommit(prepare, lambda: False)
    for _ in range(2):
        with pytest.raises(EngineError, match=r"the state could not be saved: .*No space left on device"):
            commits.commit()
    assert commits.over


def test_after_a_stop_nothing_is_saved() -> None:
    commits = GroupCommit(lambda: pytest.fail("it was saved"), lambda: False)
    commits.stop()
    commits.commit()
    assert commits.over
    assert not commits.any
