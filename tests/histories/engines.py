"""A stack on an engine, whose program declares what a file says."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from typing import Any

from stripe_resources.orphans.state import Held, held
from tests.crash.crash import struck, wait_until
from tests.crash.rig import Rig
from tests.histories.accidents import Accident, Between, Died, Kill
from tests.histories.handing import take_over
from tests.histories.programs import SLOTS, Names, Program, Ref
from tests.stripe_local.server import LocalStripe

PROGRAM = """
import json
import pathlib

import pulumi
from stripe_resources import Customer, Meter, Price, Product, Subscription

KINDS = {kind.__name__: kind for kind in (Customer, Meter, Price, Product, Subscription)}
component = pulumi.ComponentResource("histories:Plan", "plan")
made = {}


def with_ids(value):
    if isinstance(value, dict):
        return made[value["ref"]].id if "ref" in value else {k: with_ids(v) for k, v in value.items()}
    return [with_ids(v) for v in value] if isinstance(value, list) else value


def with_resources(value):
    if isinstance(value, list):
        return [with_resources(each) for each in value]
    return made[value["ref"]] if isinstance(value, dict) else value


for slot, args, (name, inside), former in json.loads(pathlib.Path("declared.json").read_text()):
    parents = (component, pulumi.ROOT_STACK_RESOURCE)
    aliases = [pulumi.Alias(name=each, parent=parent) for each in {name, *former} for parent in parents]
    aliases += [pulumi.Alias(parent=parent) for parent in parents]
    given = {key: with_resources(value) for key, value in args.pop("options", {}).items()}
    options = pulumi.ResourceOptions(parent=component if inside else None, aliases=aliases, **given)
    made[slot] = KINDS[slot.partition("/")[0]](name, options, **with_ids(args))
"""


class EngineStack:
    """`rig` is a project on some engine."""

    owner = "hypernian/dev"

    def __init__(self, rig: Rig, server: LocalStripe) -> None:
        self._rig, self._server = rig, server
        self._states = rig.folder / "state"
        rig.program(PROGRAM)

    def up(self, program: Program, names: Names, accident: Accident | None = None) -> str:
        self._declare(program, names)
        self._rig.unlock()
        if isinstance(accident, (Kill, Between)):
            return self._up_to_its_death(accident)
        if accident is not None:
            accident.order(self._server)
        up = self._rig.up()
        self._server.clear_faults()
        return "" if up.code == 0 else up.errors

    def refresh(self) -> str:
        self._rig.unlock()
        refresh = self._rig.refresh()
        return "" if refresh.code == 0 else refresh.text

    def ids(self) -> dict[str, str]:
        resources = self._rig.saved()
        found = {r["urn"].partition("stripe:")[2].replace("::", "/"): r for r in resources if not r.get("delete")}
        return {
            slot.removesuffix("-renamed"): r["id"]
            for slot, r in found.items()
            if slot.removesuffix("-renamed") in SLOTS and r.get("id")
        }

    def known(self) -> set[tuple[str, str]]:
        return {each.key for each in self._held()}

    def unsettled(self, program: Program, names: Names) -> list[str]:
        self._declare(program, names)
        previews = [self._rig.preview("--expect-no-changes", *flags) for flags in ([], ["--refresh"])]
        return [preview.text for preview in previews if preview.code != 0]

    def saved(self) -> dict[str, bytes]:
        """The files of the backend."""
        self._rig.unlock()
        return {str(path): path.read_bytes() for path in self._states.rglob("*") if path.is_file()}

    def restore(self, state: dict[str, bytes]) -> None:
        for path in self._states.rglob("*.json"):
            if str(path) in state:
                path.write_bytes(state[str(path)])

    def take_over(self) -> None:
        take_over(self._server, self._held())

    def unprotect(self) -> None:
        self._rig.run("state", "unprotect", "--all", "--yes", "--stack", self._rig.stack, check=True)

    def _held(self) -> list[Held]:
        return held(json.dumps({"version": 3, "deployment": {"resources": self._rig.saved()}}), "the state")

    def lose(self) -> None:
        shutil.rmtree(self._states)
        self._states.mkdir()
        self._rig.run("stack", "init", self._rig.stack, check=True)

    def _up_to_its_death(self, accident: Kill | Between) -> str:
        """Raises Died, unless it sends no such request."""
        answered = isinstance(accident, Between)
        method, nth = ("POST", accident.step) if isinstance(accident, Between) else (accident.method, accident.nth)
        before = isinstance(accident, Kill) and accident.moment == "before_work"
        # The connection is cut when the request is let go: it was lost on its way.
        lost = {"hold": "before_work", "lose_connection": "before_work"} if before else {"hold": "after_work"}
        self._server.fault(match={"method": method, "nth": nth}, **lost)
        command = self._rig.begin("up")
        try:
            wait_until(lambda: not command.running or any(r["held"] for r in struck(self._server)), lambda: command.text)
            if not command.running:
                return "" if command.wait() == 0 else command.text
            if answered:
                self._server.clear_faults()
                wait_until(lambda: all(r["status"] is not None for r in struck(self._server)), lambda: command.text)
            command.kill(("engine", "host")[nth % 2])
            self._server.clear_faults()
            command.wait()
        finally:
            command.clean()
            self._server.clear_faults()
        raise Died

    def _declare(self, program: Program, names: Names) -> None:
        places = {slot: [(place.name, place.inside) for place in names[slot]] for slot in program}
        declared = [
            (slot, _with_refs(args), places[slot][-1], [name for name, _ in places[slot]]) for slot, args in program.items()
        ]
        (self._rig.folder / "declared.json").write_text(json.dumps(declared))


def _with_refs(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"ref": value.slot}
    if isinstance(value, Mapping):
        return {k: _with_refs(v) for k, v in value.items()}
    return [_with_refs(v) for v in value] if isinstance(value, list) else value
