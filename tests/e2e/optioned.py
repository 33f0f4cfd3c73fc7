"""A program that declares one object of every kind with one of Pulumi's options, and what each verb makes of all of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.project import Project, Run, written
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.sample import Drift
from tests.stripe_resources.samples import SAMPLES
from tests.stripe_resources.test_drift import base_of, schema_of
from tests.stripe_resources.world import World

Values = dict[str, Any]

TEXTS = ("name", "display_name", "nickname", "default_price", "metadata")
"""Fields that change by themselves, the first of them that a kind has."""

TAKEN_FOR_EVER = "EntitlementFeature"
"""Keeps its lookup key when it is out of use, so that there is no second one with the same arguments."""

STAYS = "DefaultPrice"
"""Is a part of its product: it has that one's id, and nothing is retired."""

NOBODYS = "ProductFeature"
"""Has no mark. Where others declare its product and its feature, nothing shows that it is this stack's once the state is lost."""

ONE_AT_A_TIME = ("Meter", "PromotionCode")
"""The old one has to make room for the new one."""

PROGRAM = """
import json
import pathlib

import pulumi
import stripe_resources
from stripe_resources import Product

Opts = pulumi.ResourceOptions
told = json.loads(pathlib.Path("told.json").read_text())
when, ids, refusals = told["when"], told["ids"], []


class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:index:Team", name, None, opts)


BEFORE
for kind, args in told["declared"].items():
    field, trigger = told["fields"].get(kind, "*"), None if kind == "EntitlementFeature" else when
    try:
        getattr(stripe_resources, kind)(f"NAME-{kind}", OPTIONS, **args)
    except pulumi.RunError as e:
        refusals.append(str(e))
if refusals:
    raise pulumi.RunError("\\n".join(refusals))
"""


def _changing(kind: str) -> Drift | None:
    cases = {case.field: case for case in SAMPLES[kind].mutable if not case.along}
    return next((cases[name] for name in TEXTS if name in cases), None)


CHANGING: Mapping[str, Drift] = {kind: case for kind in SAMPLES if (case := _changing(kind))}
"""By kind: a field that an update changes. An alert and a feature of a product have none."""


@dataclass(frozen=True)
class Program:
    """What is declared besides arguments."""

    options: str = "None"
    """An expression, of `kind`, its `field`, the `trigger` of a replacement, `when` and `ids`."""
    before: str = ""
    """Lines before all."""
    name: str = "it"

    @property
    def text(self) -> str:
        return PROGRAM.replace("BEFORE", self.before).replace("NAME", self.name).replace("OPTIONS", self.options)


@dataclass
class Story:
    """One stack that lives through the verbs. Each cell is looked at; what is wrong with it is put down."""

    project: Project
    server: LocalStripe
    program: Program
    kinds: list[str] = field(default_factory=lambda: list(SAMPLES))
    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world = World(self.server)
        self.changed: set[str] = set()
        self.when, self.state_is_lost = "october", False
        self.read: dict[str, str] = {}
        self.declare()

    # -- the program

    def declare(self, program: Program | None = None) -> None:
        """Writes the program and what it declares by now."""
        self.program = program or self.program
        self.project.program(self.program.text)
        declared = {kind: self.arguments(kind) for kind in self.kinds}
        fields = {kind: case.field for kind, case in CHANGING.items()}
        told = {"declared": declared, "fields": fields, "when": self.when, "ids": self.read}
        (self.project.folder / "told.json").write_text(json.dumps(told))

    def arguments(self, kind: str) -> Values:
        adopted = {"adopt": True} if kind == "Meter" and self.state_is_lost else {}  # which says nowhere whose it is
        if kind not in CHANGING:
            return dict(self.world.filled(SAMPLES[kind].args))
        case = CHANGING[kind]
        return dict(self.world.filled({**base_of(kind, case), case.field: self.wanted(kind), **adopted}))

    def wanted(self, kind: str) -> Any:
        """What the program says of the field that changes."""
        case = CHANGING[kind]
        return self.world.filled(case.theirs if kind in self.changed else case.ours)

    # -- cells

    def cell(self, verb: str, kind: str, *facts: tuple[bool, str]) -> None:
        """One cell, and what has to be so in it."""
        self.cells += 1
        self.wrong += [f"{verb} of {kind}: {what}" for so, what in facts if not so]

    def run(self, verb: str, run: Run, *, fails: bool = False) -> Run:
        assert (run.code != 0) == fails, f"{verb}: {run.text}"
        text = without_interrupts(run.text) if fails and self.project.engine == "cli" else run.text
        assert "Traceback" not in text, f"{verb}: {run.text}"
        made_up = () if "lost" in verb or "crash" in verb else (x for x in run.text.splitlines() if "earlier run" in x)
        self.wrong += [f"{verb}: says {line}" for line in made_up]
        self.requests = self.server.requests()
        return run

    def ops(self, run: Run) -> dict[str, list[str]]:
        """The steps of each kind."""
        return {kind: [op for op, name in run.steps if name == f"{self.program.name}-{kind}"] for kind in self.kinds}

    def touching(self, id_: str) -> list[int]:
        """Where among the requests those are that change this object."""
        return [i for i, r in enumerate(written(self.requests)) if id_ in r["path"].split("/")]

    def making(self, kind: str) -> list[int]:
        """Where among the requests those are that make one of this kind."""
        path = SAMPLES[kind].path
        return [i for i, r in enumerate(written(self.requests)) if r["path"] == path and not _another(r)]

    def making_another(self) -> list[int]:
        """Where among the requests those are that make what the program declares beside one of each kind."""
        return [i for i, r in enumerate(written(self.requests)) if r["path"] == "/v1/products" and _another(r)]

    def state(self) -> dict[str, Values]:
        """The resources in the state, by kind."""
        resources = self.project.resources()
        return {kind: found for kind in self.kinds if (found := resources.get(f"{self.program.name}-{kind}"))}

    def live(self, kind: str) -> Any:
        """What Stripe has of the field that changes."""
        case = CHANGING[kind]
        value = self.whole(kind)[schema_of(kind).fields[case.field].stripe_name]
        return {k: v for k, v in value.items() if not k.startswith("pulumi_")} if case.field == "metadata" else value

    def whole(self, kind: str) -> Values:
        """What Stripe has."""
        schema = schema_of(kind)
        path = f"{SAMPLES[kind].path}/{self.ids[kind]}"
        body: Values = self.server.client().raw_request("get", path, **schema.asking(schema.expand)).data
        return body

    def outside(self, kinds: Iterable[str]) -> None:
        """Somebody sets the field that changes to what the program does not say."""
        for kind in kinds:
            case = CHANGING[kind]
            other = case.ours if kind in self.changed else case.theirs
            path = f"{SAMPLES[kind].path}/{self.ids[kind]}"
            self.world.made(path, **{schema_of(kind).fields[case.field].stripe_name: self.world.filled(other)})

    def saved(self) -> None:
        """Puts the state aside."""
        shutil.rmtree(self.project.folder / "aside", ignore_errors=True)
        shutil.copytree(self.project.folder / "state", self.project.folder / "aside")

    def restore(self) -> None:
        """The state is again what it was, as if the run had died before it was written."""
        shutil.rmtree(self.project.folder / "state")
        shutil.copytree(self.project.folder / "aside", self.project.folder / "state")

    def lose(self) -> None:
        """There is no state any more."""
        self.state_is_lost = True
        self.declare()
        shutil.rmtree(self.project.folder / "state")
        (self.project.folder / "state").mkdir()
        self.project.run("stack", "init", self.project.stack, check=True)


INTERRUPT = re.compile(
    r"^info#err: Traceback \(most recent call last\):\n(?:info#err:  .*\n)*info#err: KeyboardInterrupt$", re.MULTILINE
)


def without_interrupts(text: str) -> str:
    """What was printed, without the stack traces of a program that the Pulumi CLI interrupts because a step has failed."""
    return INTERRUPT.sub(lambda trace: "" if "pulumi-language-python-exec" in trace[0] else trace[0], text)


def _another(request: Values) -> bool:
    """Whether it is about what the program declares beside one of each kind."""
    return str((request["parameters"].get("metadata") or {}).get("pulumi_resource")).endswith("/other")
