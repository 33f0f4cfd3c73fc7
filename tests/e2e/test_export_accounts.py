"""Whole accounts that nobody declared: exported, imported, previewed without a change, and made again in an empty account."""

from __future__ import annotations

import ast
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from stripe_resources.export.command import EXPORTABLE
from tests.e2e.project import Project, captured
from tests.sampling import ALL
from tests.stripe_local.server import LocalStripe
from tests.stripe_resources.export.accounts import KINDS as account_kinds
from tests.stripe_resources.export.accounts import Account
from tests.stripe_resources.export.alike import PART_OF_ANOTHER, differences, over, seen, told, undeclared

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(1500)]

SIZES = [60, pytest.param(2000, marks=pytest.mark.skipif(not ALL, reason="takes minutes; TESTS=all runs it"))]
KIND_OF = {kind: kind.title().replace("_", "") for kind in account_kinds} | {
    "destination": "EventDestination",
    "feature": "EntitlementFeature",
    "payment_methods": "PaymentMethodConfiguration",
    "portal": "PortalConfiguration",
    "webhook": "WebhookEndpoint",
}
"""The kinds by what the generator calls them."""
KINDS = ",".join(schema.kind for schema, _ in EXPORTABLE.values())
Key = tuple[str, str]
"""Kind and name of a resource."""


def export(project: Project) -> str:
    """Exports into the project's folder `exported`; what was said."""
    command = [sys.executable, "-m", "stripe_resources", "export", "--stack", "dev", "--out", "exported", "--kinds", KINDS]
    done = captured(command, project.folder, project.environment, seconds=600)
    assert done.returncode == 0, done.stdout
    return done.stdout


def take_in(project: Project) -> None:
    """Imports what was exported."""
    project.program((project.folder / "exported" / "__main__.py").read_text())
    flags = ("--yes", "--generate-code=false", "--protect=false")
    project.run("import", "--stack", "dev", "--file", "exported/import.json", *flags, check=True)


def elsewhere(program: str, said: str) -> str:
    """The program without what names objects that no other account has, as the export said, and without what needs that."""
    foreign = set(re.findall(r": (\S+) is written as it is", said))
    module = ast.parse(program)
    gone: set[str] = set()
    for statement in list(module.body):
        if isinstance(statement, ast.Assign):
            [target] = statement.targets
            assert isinstance(target, ast.Name)
            inside = list(ast.walk(statement.value))
            names = {node.id for node in inside if isinstance(node, ast.Name)}
            texts = {node.value for node in inside if isinstance(node, ast.Constant)}
            if names & gone or texts & foreign:
                gone.add(target.id)
                module.body.remove(statement)
    return ast.unparse(module)


def ids(project: Project) -> dict[Key, str]:
    return {
        (urn.split("::")[2].rpartition(":")[2], urn.rpartition("::")[2]): resource["id"]
        for resource in project.state()["deployment"]["resources"]
        if "dynamic/stripe:" in (urn := resource["urn"])
    }


def unsaid(account: Account, there: dict[Key, str], said: str) -> list[str]:
    """What was made and is in use, and is neither exported nor left out by name."""
    named = {*there.values(), *re.findall(r"^  \w+ (\S+?):? ", said, re.M)}
    rest = [(KIND_OF[kind], id_) for kind, made in account.ids.items() for id_ in made if id_ not in named]
    return [f"{kind} {id_}" for kind, id_ in rest if not over(seen(account.client, kind, id_))]


@pytest.mark.parametrize("size", SIZES)
def test_an_account_that_nobody_declared(
    size: int, project: Project, stripe_server: LocalStripe, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    project.seconds = 1000
    account = Account(stripe_server.client(), seed=size, size=size)
    stripe_server.forget_requests()
    began = time.monotonic()
    figures = [f"{account.size} objects made"]

    def lap(what: str, server: LocalStripe) -> None:
        nonlocal began
        figures.append(f"{what}: {len(server.requests())} requests, {time.monotonic() - began:.0f} s")
        server.forget_requests()
        began = time.monotonic()

    said = export(project)
    assert {r["method"] for r in stripe_server.requests()} == {"GET"}
    lap("export", stripe_server)
    take_in(project)
    there = ids(project)
    assert stripe_server.requests() == []
    assert unsaid(account, there, said) == []
    lap(f"import of {len(there)}", stripe_server)
    preview = project.preview("--expect-no-changes")
    assert preview.code == 0, preview.errors
    assert preview.summary == {"same": len(there) + 1}
    assert stripe_server.requests() == []
    lap("preview", stripe_server)
    refresh = project.refresh("--expect-no-changes")
    assert refresh.code == 0, refresh.errors
    assert {r["method"] for r in stripe_server.requests()} == {"GET"}
    lap("refresh", stripe_server)

    with LocalStripe() as empty:
        folder = tmp_path / "empty"
        folder.mkdir()
        other = Project(project.engine, folder, empty.url)
        other.seconds = 1000
        other.config("stripe:requestsPerSecond", "1000")
        other.program(elsewhere((project.folder / "__main__.py").read_text(), said))
        began = time.monotonic()
        up = other.up()
        assert up.code == 0, [line for line in up.text.splitlines() if line.startswith("error")]
        here = ids(other)
        lap(f"deployment of {len(here)} into an empty account", empty)
        names = {
            id_: f"{kind} {name}" for both in (there, here) for (kind, name), id_ in both.items() if kind not in PART_OF_ANOTHER
        }
        lines = said.splitlines()
        wrong = [
            f"{kind} {name} ({ours}): {path}"
            for (kind, name), theirs in here.items()
            for ours in [there[kind, name]]
            for path in differences(seen(stripe_server.client(), kind, ours), seen(empty.client(), kind, theirs), names)
            if not told(kind, path, undeclared(lines, ours))
        ]
    assert "\n".join(wrong) == ""
    assert here.keys() <= there.keys()
    assert len(here) > 0.7 * len(there), "most of it can be anywhere"
    for i, line in enumerate((*figures, *reasons(lines))):
        record_property(f"figure {i}", line)
        print(line)


def reasons(said: list[str]) -> list[str]:
    """How often each reason was given, without ids and names."""
    found: Counter[str] = Counter()
    for line in said:
        if match := re.match(r"  (\w+) \S+(?: \".*?\")?: (.*)", line):
            reason = re.sub(r"^(price|prod|pm|cus|mtr)_\w+|other/\S+", "…", match[2])
            found[f"{match[1]}: {reason}"] += 1
    return [f"{count} {reason}" for reason, count in sorted(found.items())]
