"""Each command as a process, in a folder where a file holds what it must not: it ends with an error that names the file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.hostile.inputs import ESCAPES
from tests.pulumi_local.shop import Shop
from tests.stripe_local.server import ROOT, LocalStripe

DEEP = b'{"a":' * 5000
BINARY = b"\x7fELF\x02\x01\x01" + bytes(range(256))
TWICE = b"customer,customer,value\ncus_1,cus_2,3\n"


@dataclass(frozen=True)
class Case:
    """A command, which file of the folder holds what, and what its error says of it."""

    command: str
    file: str
    holds: bytes
    says: tuple[str, ...] = ()
    code: int = 1
    also: dict[str, str] = field(default_factory=dict)


SETTINGS = {"Pulumi.yaml": "name: shop\nruntime: python\n"}
METER = "--event-name tokens"
CASES = [
    Case(f"stripe_usage record {METER} rows.csv", "rows.csv", TWICE, ("customer", "twice")),
    Case(f"stripe_usage record {METER} rows.ndjson", "rows.ndjson", DEEP, ("rows.ndjson.rejects.ndjson",), code=3),
    Case(f"stripe_usage record {METER} --checkpoint c.db --customer cus_1 --value 1", "c.db", b"SQLite format 3\0" + bytes(84)),
    Case("stripe_usage aggregate source.yaml", "source.yaml", b"rows: [*a]\n"),
    Case("stripe_usage ledger show --ledger l.db", "l.db", BINARY),
    Case(f"stripe_usage cancel {METER} --checkpoint c.db id-1", "c.db", BINARY),
    Case("stripe_usage summary --outputs o.json", "o.json", DEEP),
    Case("stripe_usage invoice --outputs o.json", "o.json", b'{"meter_id": NaN}'),
    Case(f"stripe_usage reconcile {METER} --checkpoint c.db", "c.db", BINARY),
    Case("stripe_usage checkout --outputs o.json", "o.json", b"[" * 5000),
    Case("stripe_usage generate --customers ids.txt --events 1", "ids.txt", b"cus_1\xff\n"),
    Case("stripe_impact preview.json", "preview.json", DEEP),
    Case("stripe_impact preview.json --usage u.csv", "u.csv", TWICE, also={"preview.json": '{"steps": [], "changeSummary": {}}'}),
    Case("stripe_resources orphans --project shop --state s.json --stack dev", "s.json", DEEP),
    Case("stripe_resources take-over --project shop --stack dev --state s.json --yes", "s.json", b"[]"),
    Case("stripe_resources export --stack dev --out out", "Pulumi.dev.yaml", b"config: &a [*a]\n", also=SETTINGS),
    *(
        Case(f"stripe_project {command} --stack dev", "Pulumi.dev.yaml", b'config: {"a": !mine x}\n', also=SETTINGS)
        for command in (
            "preview",
            "up --yes",
            "refresh",
            "destroy --yes",
            "policy",
            "impact",
            "orphans",
            "ci-preview",
            "ci-drift",
        )
    ),
    Case(
        "stripe_project diff staging prod", "Pulumi.prod.yaml", BINARY, also={**SETTINGS, "Pulumi.staging.yaml": "config: {}\n"}
    ),
    Case(
        "stripe_project ci-deploy --stack dev --out out",
        "out/dev/plan.json",
        DEEP,
        also={**SETTINGS, "Pulumi.dev.yaml": "config: {}\n"},
    ),
    Case("stripe_project ci-issue --out out", "out/dev/drift.json", DEEP, also=SETTINGS),
    Case("stripe_project add --yes", "Pulumi.yaml", b"name: &a [*a]\n"),
    Case("stripe_local --db s.db --port 0", "s.db", BINARY),
    Case("pulumi_local preview --stack dev", "Pulumi.yaml", b"name: shop\nruntime: [python\n"),
    Case("pulumi_local up --yes --stack dev", "Pulumi.dev.yaml", b"config: {a: *b}\n"),
    Case("pulumi_local refresh --yes --stack dev", "STATE", DEEP, says=("dev",)),
    Case("pulumi_local destroy --yes --stack dev", "STATE", b"[]", says=("dev",)),
    Case("pulumi_local stack export --stack dev", "STATE", BINARY, says=("dev",)),
    Case("pulumi_local stack ls", "STATE", b"\xff", code=-1),
    Case("pulumi_local state delete urn:x --stack dev --yes", "STATE", b"null", says=("dev",)),
    Case("pulumi_local config --stack dev", "Pulumi.dev.yaml", b"- a\n"),
    Case("pulumi_local import --file i.json --stack dev --yes", "i.json", DEEP),
    Case("pulumi_local up --yes --stack dev --plan p.json", "p.json", b'{"resourcePlans": 1}'),
    Case("pulumi_local stack import --file e.json --stack dev", "e.json", b'{"version": 1e999}'),
]
SMOKE = ("stripe_usage summary", "stripe_impact preview.json", "stripe_local", "pulumi_local config")


@pytest.fixture(scope="module")
def stripe() -> object:
    with LocalStripe() as server:
        chosen = {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        server.client().v1.billing.meters.create(chosen)  # type: ignore[arg-type]
        yield server


@pytest.fixture(scope="module")
def initialised(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("shop"))
    made.ok("stack", "init", "dev")
    return made


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(c, id=c.command, marks=() if c.command.startswith(SMOKE) and c.file != "u.csv" else pytest.mark.thorough)
        for c in CASES
    ],
)
def test_a_file_that_holds_anything_is_named(case: Case, stripe: LocalStripe, initialised: Shop, tmp_path: Path) -> None:
    folder, env = tmp_path / "project", dict(initialised.env)
    if case.command.startswith("pulumi_local"):
        shutil.copytree(initialised.folder, folder)
        shutil.copytree(initialised.backend, tmp_path / "state")
        env["PULUMI_BACKEND_URL"] = f"file://{tmp_path / 'state'}"
    else:
        folder.mkdir()
    for name, text in case.also.items():
        (folder / name).write_text(text)
    (state,) = [*(tmp_path / "state").rglob("dev.json")] or [folder / "none"]
    path = state if case.file == "STATE" else folder / case.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.holds)
    module, *arguments = case.command.split(" ")
    env |= {"STRIPE_API_BASE": stripe.url, "XDG_STATE_HOME": str(tmp_path / "xdg"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env={**env, "HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        timeout=100,
    )
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said[-3000:]
    assert not set(ESCAPES[:1]) & set(said), said
    if case.code >= 0:
        assert (done.returncode != 0, case.code in (1, done.returncode)) == (True, True), (done.returncode, said)
        for word in case.says or (path.name,):
            assert word in said, said
        assert said.count("\n") <= 20, said
    assert path.read_bytes() == case.holds, "it is left as it is"
