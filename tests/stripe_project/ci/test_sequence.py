"""All that CI does, on a fresh checkout: preview, comment, staging, production from the saved plan, drift, issue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.checkout import ROOT, Checkout, blocks
from tests.e2e.project import ENGINE_PARAMS, written
from tests.stripe_local.server import LIVE_KEY, LocalStripe
from tests.stripe_project.ci.conftest import GitHub

pytestmark = pytest.mark.timeout(500)
"""A dozen runs of an engine."""

[PAGE] = blocks("docs/ci.md", "sh")
BASE, PREVIEW_STAGING, PREVIEW_PROD, COMMENT, DEPLOY_STAGING, DEPLOY_PROD, DRIFT_PROD = PAGE.splitlines()
"""The sequence as docs/ci.md has it."""


class Ci:
    """A checkout, and a service that runs the targets in it."""

    def __init__(self, checkout: Checkout, github: GitHub, server: LocalStripe) -> None:
        self.checkout, self.server = checkout, server
        self.out = checkout.folder / "ci-out"
        self.outputs = checkout.folder / "outputs"
        self.environment = {
            **github.environment,
            "STRIPE_API_BASE": server.url,
            "GITHUB_OUTPUT": str(self.outputs),
            "GITHUB_STEP_SUMMARY": str(checkout.folder / "summary.md"),
        }

    def sh(self, script: str, *, fails: bool = False) -> str:
        done = self.checkout.sh(script, **self.environment)
        assert (done.returncode != 0) == fails, done.stdout
        # The CLI interrupts a program that is refused half-way, and shows how that one takes it.
        assert "Traceback" not in done.stdout or (fails and self.checkout.environment["PULUMI_ENGINE"] == "cli")
        return done.stdout

    def changed(self) -> list[dict[str, Any]]:
        """The requests that changed something since this was asked last."""
        found = written(self.server.requests())
        self.server.forget_requests()
        return found


@pytest.fixture(params=ENGINE_PARAMS)
def ci(request: pytest.FixtureRequest, tmp_path: Path, github: GitHub, shared_server: LocalStripe) -> Iterator[Ci]:
    shared_server.reset()
    shared_server.forget_requests()
    with Checkout(tmp_path, request.param) as checkout:
        yield Ci(checkout, github, shared_server)


@pytest.mark.thorough
def test_from_the_pull_request_to_the_drift(ci: Ci, github: GitHub) -> None:
    assert BASE.startswith("export STRIPE_API_BASE=http://127.0.0.1:")

    # The pull request: both stacks from nothing, and one comment, which the second run changes.
    assert "staging: 3 to create; the plan is " in ci.sh(PREVIEW_STAGING)
    assert "prod: 3 to create; the plan is " in ci.sh(PREVIEW_PROD)
    assert ci.changed() == []
    assert not list(ci.checkout.folder.rglob("stacks/**/staging.json")), "no stack is made"
    assert set(ci.outputs.read_text().split()) == {"changes=true"}
    assert "ci-out/comment.md; give PR=<number> to post it" in ci.sh(COMMENT)
    github.comment_of_another("<!-- pulumi: what this pull request does to hypernian -->\nnot ours")
    for said in ("Posted the comment", "Changed the comment"):
        assert said in ci.sh(f"{COMMENT} PR=7")
    _, posted = github.store["comments"]
    comment = posted["body"]
    assert comment == (ci.out / "comment.md").read_text()
    assert "- **prod**: 3 to create\n- **staging**: 3 to create" in comment
    assert re.findall(r"^<!-- billing-impact: (\w+) -->$", comment, re.M) == ["prod", "staging"]
    assert "0.04 USD per 100 tokens" in comment
    assert comment.count("+ pulumi-python:dynamic/stripe:Price: (create)") == 2
    assert "Policy Packs run:" in comment
    assert "--plan=" not in comment

    # The merge: staging, then production, each from its plan. What changes in between is not deployed.
    assert "5 created" in ci.sh(DEPLOY_STAGING)
    settings = ci.checkout.folder / "Pulumi.prod.yaml"
    approved = settings.read_text()
    settings.write_text(approved.replace("  hypernian:protect", "  hypernian:unitAmount: 6\n  hypernian:protect"))
    ci.changed()
    refused = ci.sh(DEPLOY_PROD, fails=True)
    assert re.search(r"violates plan: properties changed: .*hypernian:unitAmount", refused)
    assert "prod was not deployed as planned" in refused
    assert ci.changed() == []
    settings.write_text(approved)
    ci.sh(DEPLOY_PROD)
    assert sorted(r["path"] for r in ci.changed()) == ["/v1/billing/meters", "/v1/prices", "/v1/products"]

    # The night: nothing, then an edit at Stripe, which an issue tells of.
    assert "prod: no drift" in ci.sh(DRIFT_PROD)
    stripe = ci.server.client(LIVE_KEY)
    lost = stripe.v1.customers.create({"name": "John", "metadata": {"pulumi_resource": "hypernian/prod/Customer/john"}}).id
    assert "prod: at Stripe there are objects of this stack in no state" in ci.sh(DRIFT_PROD, fails=True)
    assert "Opened an issue" in ci.sh("make ci-issue")
    assert f"Customer {lost}  hypernian/prod/Customer/john" in github.store["issues"][0]["body"]
    listed = ci.sh("STRIPE_API_KEY=sk_live_local make orphans STACK=prod")
    assert f"Customer {lost}  hypernian/prod/Customer/john" in listed
    stripe.v1.customers.delete(lost)
    [product] = stripe.v1.products.list().data
    stripe.v1.products.update(product.id, {"name": "Hyperion"})
    assert "prod: what is at Stripe is not what is declared" in ci.sh(DRIFT_PROD, fails=True)
    assert "Changed issue 1" in ci.sh("make ci-issue")
    [issue] = github.store["issues"]
    assert issue["title"] == "Drift in prod of hypernian"
    assert re.search(r'"Hyperion"\s+=>\s+"Hypernian"', issue["body"])

    listed = set(
        re.findall(r"[a-z]+\.(?:txt|json|md|svg)", (ROOT / "docs" / "ci.md").read_text().split("```\nci-out/")[1].split("```")[0])
    )
    assert listed == {path.name for path in ci.out.rglob("*") if path.is_file()} - {"issue.md"}


@pytest.mark.thorough
def test_what_violates_a_policy_makes_no_plan_and_says_so_in_the_comment(ci: Ci) -> None:
    program = ci.checkout.folder / "__main__.py"
    text = program.read_text()
    assert 'tax_behavior="exclusive",' in text
    program.write_text(text.replace('tax_behavior="exclusive",', ""))
    assert "staging: preview failed" in ci.sh(PREVIEW_STAGING, fails=True)
    ci.sh(COMMENT)
    comment = (ci.out / "comment.md").read_text()
    assert "- **staging**: ❌ preview failed" in comment
    assert "tax-behavior-is-declared" in comment
    assert "there is no " in ci.sh(DEPLOY_STAGING, fails=True)
    assert ci.changed() == []
