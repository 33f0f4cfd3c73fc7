"""Whatever happens, one refresh and one up make Stripe what the program says: on the local engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given

from tests.e2e.project import Project
from tests.sampling import THOROUGH
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.convergence.programs import SLOTS, Program, Ref
from tests.stripe_resources.convergence.settings import examples
from tests.stripe_resources.convergence.stories import Step, stories, tell

PROGRAM = """
import json
import pathlib

from stripe_resources import Customer, Meter, Price, Product, Subscription

KINDS = {kind.__name__: kind for kind in (Customer, Meter, Price, Product, Subscription)}
made = {}


def with_ids(value):
    if isinstance(value, dict):
        return made[value["ref"]].id if "ref" in value else {k: with_ids(v) for k, v in value.items()}
    return [with_ids(v) for v in value] if isinstance(value, list) else value


for slot, args in json.loads(pathlib.Path("declared.json").read_text()).items():
    kind, _, name = slot.partition("/")
    made[slot] = KINDS[kind](name, **with_ids(args))
"""


class EngineStack:
    """A stack on the local engine, whose program declares what a file says."""

    owner = "hypernian/dev"

    def __init__(self, project: Project) -> None:
        self._project = project
        project.program(PROGRAM)

    def up(self, program: Program) -> str:
        self._declare(program)
        up = self._project.up()
        return "" if up.code == 0 else up.errors

    def refresh(self) -> None:
        refresh = self._project.refresh()
        assert refresh.code == 0, refresh.text

    def ids(self) -> dict[str, str]:
        resources = self._project.state()["deployment"].get("resources") or []
        found = {r["urn"].partition("stripe:")[2].replace("::", "/"): r for r in resources if not r.get("delete")}
        return {slot: r["id"] for slot, r in found.items() if slot in SLOTS}

    def unsettled(self, program: Program) -> list[str]:
        previews = [self._project.preview("--expect-no-changes", *flags) for flags in ([], ["--refresh"])]
        return [preview.text for preview in previews if preview.code != 0]

    def _declare(self, program: Program) -> None:
        (self._project.folder / "declared.json").write_text(json.dumps(_with_refs(program)))


def _with_refs(value: Any) -> Any:
    if isinstance(value, Ref):
        return {"ref": value.slot}
    if isinstance(value, Mapping):
        return {k: _with_refs(v) for k, v in value.items()}
    return [_with_refs(v) for v in value] if isinstance(value, list) else value


@pytest.mark.timeout(0)
@examples(2 if THOROUGH else 1, of=10, shrinks=False)
@given(story=stories(length=3))
def test_everything_converges_on_the_local_engine(
    tmp_path_factory: pytest.TempPathFactory,
    shared_server: LocalStripe,
    record_property: Callable[[str, object], None],
    story: list[Step],
) -> None:
    record_property("counted: sequences of events", 1)
    shared_server.reset()
    tell(story, EngineStack(Project("local", tmp_path_factory.mktemp("stack"), shared_server.url)), shared_server)
