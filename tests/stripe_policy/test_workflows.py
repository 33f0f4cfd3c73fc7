"""The GitHub workflows: what they may do, with which secrets, and that linters find nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted((GITHUB / "actions").glob("*/action.yml"))
FILES = [*WORKFLOWS, *ACTIONS]

SECRETS = {"STRIPE_API_KEY", "PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE"}


def load(path: Path) -> dict[str, Any]:
    document = yaml.safe_load(path.read_text())
    # YAML 1.1 reads the key `on` as true.
    return {"on" if key is True else key: value for key, value in document.items()}


def workflow(name: str) -> dict[str, Any]:
    return load(GITHUB / "workflows" / f"{name}.yml")


def jobs() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{path.stem}/{name}", job) for path in WORKFLOWS for name, job in load(path)["jobs"].items()]


def steps(path: Path) -> list[dict[str, Any]]:
    document = load(path)
    bodies = [document["runs"]] if "runs" in document else document["jobs"].values()
    return [step for body in bodies for step in body["steps"]]


def commands(job: dict[str, Any]) -> list[str]:
    """What a job runs, with the project's own actions unfolded, and variables replaced by what they stand for."""
    found = []
    for step in job["steps"]:
        uses = step.get("uses", "")
        if uses.startswith("./"):
            stack = step.get("with", {}).get("stack", "")
            unfolded = commands(load(ROOT / uses / "action.yml")["runs"])
            found += [command.replace("${{ inputs.stack }}", stack) for command in unfolded]
        elif "run" in step:
            command = step["run"].replace('"', "")
            for name, value in step.get("env", {}).items():
                command = command.replace(f"${name}", value)
            found.append(command)
    return found


def test_workflows_are_before_the_merge_after_it_at_night_for_a_tag_and_for_the_documentation() -> None:
    assert [path.stem for path in WORKFLOWS] == ["deploy", "docs", "drift", "nightly", "pull-request", "release"]
    # A pull_request_target would give the secrets to code of a fork.
    assert workflow("pull-request")["on"] == {"pull_request": {"branches": ["main"]}}
    assert workflow("deploy")["on"] == {"push": {"branches": ["main"]}}
    assert workflow("release")["on"] == {"push": {"tags": ["v*"]}}
    assert workflow("docs")["on"] == workflow("pull-request")["on"] | workflow("deploy")["on"]
    for at_night in ("drift", "nightly"):
        assert sorted(workflow(at_night)["on"]) == ["schedule", "workflow_dispatch"]


WRITING = {"pull-request/comment": {"pull-requests": "write"}, "drift/issue": {"issues": "write"}}
PUBLISHING = {
    "docs/publish": {"pages": "write", "id-token": "write"},
    "release/publish": {"id-token": "write"},
    "release/announce": {"contents": "write"},
}
"""Does not even read the code."""


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_permissions_are_reading_the_code_and_for_four_jobs_writing_one_thing(path: Path) -> None:
    document = load(path)
    assert document["permissions"] == {}
    assert {name: job["permissions"] for name, job in document["jobs"].items()} == {
        name: PUBLISHING.get(job := f"{path.stem}/{name}", {"contents": "read", **WRITING.get(job, {})})
        for name in document["jobs"]
    }


def test_what_may_write_has_no_secrets() -> None:
    for name, job in jobs():
        assert ("secrets." in str(job)) <= (name not in WRITING)
        # PyPI takes the job's identity instead.
        assert ("GH_TOKEN" in str(job)) == (name in WRITING or name == "release/announce")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_actions_are_pinned_by_commit_with_their_version_beside(path: Path) -> None:
    references = re.findall(r"uses:\s*(.+)", path.read_text())
    assert len(references) == sum("uses" in step for step in steps(path))
    for reference in references:
        if reference.startswith("./"):
            assert (ROOT / reference / "action.yml").is_file()
        else:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", reference), reference


def test_one_action_has_one_pin() -> None:
    text = "\n".join(path.read_text() for path in FILES)
    pins = dict(re.findall(r"uses: ([^.@][^@]*)@(.+)", text))
    assert set(re.findall(r"uses: ([^.@][^@]*)@(.+)", text)) == set(pins.items())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(GITHUB)))
def test_nothing_is_pasted_into_a_shell_script(path: Path) -> None:
    # A branch's name, say, would be run as code: values reach scripts as environment variables.
    assert not [step["run"] for step in steps(path) if "${{" in step.get("run", "")]


def test_the_checkout_leaves_no_credentials_behind() -> None:
    checkouts = [s for path in FILES for s in steps(path) if s.get("uses", "").startswith("actions/checkout@")]
    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
def test_every_job_ends_by_itself(name: str, job: dict[str, Any]) -> None:
    assert 0 < job["timeout-minutes"] <= {"nightly/test-all": 120, "nightly/test-lowest": 60}.get(name, 30)


@pytest.mark.parametrize(("name", "job"), jobs(), ids=[name for name, _ in jobs()])
def test_secrets_are_those_of_an_environment(name: str, job: dict[str, Any]) -> None:
    used = set(re.findall(r"secrets\.(\w+)", str(job)))
    assert used == (SECRETS if "environment" in job and name not in PUBLISHING else set())


def test_no_pull_request_sees_the_secrets_that_deploy() -> None:
    preview = workflow("pull-request")["jobs"]["preview"]
    deploying = {job.get("environment") for job in workflow("deploy")["jobs"].values()} - {None}
    assert deploying == {"staging", "production", "prod-preview"}
    assert {job.get("environment") for job in workflow("pull-request")["jobs"].values()} - {None} == {preview["environment"]}
    assert preview["environment"] == "${{ matrix.stack }}-preview"
    assert "github.event.pull_request.head.repo.full_name == github.repository" in preview["if"]


def test_a_pull_request_is_tested_checked_and_previewed_in_every_environment() -> None:
    pull_request = workflow("pull-request")["jobs"]
    assert commands(pull_request["test"]) == ["make test"]
    assert commands(pull_request["check"]) == ["make check"]
    assert commands(pull_request["package"]) == ["make package"]
    for name in ("preview-local", "preview"):
        assert commands(pull_request[name]) == ["make ci-preview STACK=${{ matrix.stack }}"]
    local = pull_request["preview-local"]
    stacks = {entry["stack"]: entry["key"] for entry in local["strategy"]["matrix"]["include"]}
    assert stacks == {"dev": "sk_test_local", "staging": "sk_test_local", "prod": "sk_live_local"}
    assert local["env"]["STRIPE_API_BASE"].startswith("http://127.0.0.1:")
    assert pull_request["preview"]["strategy"]["matrix"]["stack"] == ["staging", "prod"]


def test_python_versions() -> None:
    versions = workflow("pull-request")["jobs"]["test"]["strategy"]["matrix"]["python"]
    assert versions == ["3.11", "3.12", "3.13", "3.14"]


def test_the_comment_is_made_of_what_the_previews_left_also_when_one_failed() -> None:
    job = workflow("pull-request")["jobs"]["comment"]
    assert (job["needs"], job["if"]) == ("preview", "${{ !cancelled() && needs.preview.result != 'skipped' }}")
    assert commands(job) == ["make ci-comment PR=${{ github.event.pull_request.number }}"]
    [kept] = [s for s in steps(GITHUB / "actions" / "preview" / "action.yml") if "upload-artifact" in s.get("uses", "")]
    [fetched] = [s for s in job["steps"] if "download-artifact" in s.get("uses", "")]
    assert kept["if"] == "always()"
    assert (kept["with"]["name"], fetched["with"]["pattern"]) == ("preview-${{ inputs.stack }}", "preview-*")
    assert kept["with"]["path"] == fetched["with"]["path"] == "ci-out/"


def test_a_merge_goes_out_one_environment_after_the_other_each_from_its_plan() -> None:
    deploy = workflow("deploy")["jobs"]
    assert {name: job.get("needs") for name, job in deploy.items()} == {
        "test": None,
        "dev": "test",
        "staging": "dev",
        "plan": "staging",
        "production": "plan",
    }
    for name, stack in {"dev": "dev", "staging": "staging"}.items():
        assert commands(deploy[name]) == [f"make ci-preview STACK={stack}", f"make ci-deploy STACK={stack}"]
    # What is approved is what another job planned, with a key that can only read.
    assert commands(deploy["plan"]) == ["make ci-preview STACK=prod"]
    assert commands(deploy["production"]) == ["make ci-deploy STACK=prod"]
    [fetched] = [s["with"] for s in deploy["production"]["steps"] if "download-artifact" in s.get("uses", "")]
    assert fetched == {"name": "preview-prod", "path": "ci-out/"}
    assert deploy["production"]["if"] == "needs.plan.outputs.changes == 'true'"


def test_every_night_each_shared_stack_is_looked_at_with_a_key_that_can_only_read() -> None:
    drift = workflow("drift")["jobs"]
    assert drift["drift"]["strategy"]["matrix"]["stack"] == ["staging", "prod"]
    assert drift["drift"]["environment"] == "${{ matrix.stack }}-preview"
    assert commands(drift["drift"]) == ["make ci-drift STACK=${{ matrix.stack }}"]
    assert (drift["issue"]["needs"], drift["issue"]["if"]) == ("drift", "${{ !cancelled() }}")
    assert commands(drift["issue"]) == ["make ci-issue"]


def test_every_night_all_tests_run_each_in_one_part() -> None:
    job = workflow("nightly")["jobs"]["test-all"]
    shards = job["strategy"]["matrix"]["shard"]
    assert shards == [f"{part}/{len(shards)}" for part in range(1, len(shards) + 1)]
    assert commands(job) == ["make test-all SHARD=${{ matrix.shard }}"]


def test_what_is_published_was_built_by_a_job_without_secrets_that_publishes_nothing() -> None:
    release = workflow("release")["jobs"]
    assert {name: job.get("needs") for name, job in release.items()} == {"build": None, "publish": "build", "announce": "publish"}
    assert commands(release["build"]) == ["make release TAG=${{ github.ref_name }}"]
    assert "secrets" not in str(release)
    assert release["publish"]["environment"] == "pypi"
    fetched, published = release["publish"]["steps"]
    [kept] = [s["with"] for s in release["build"]["steps"] if "upload-artifact" in s.get("uses", "")]
    assert (fetched["with"], kept["name"], kept["path"]) == ({"name": "dist", "path": "dist/"}, "dist", "dist/")
    assert published["uses"].startswith("pypa/gh-action-pypi-publish@")
    assert published["with"] == {"packages-dir": "dist/packages/", "attestations": True}


def test_the_site_is_built_and_looked_at_for_every_pull_request_and_published_from_main() -> None:
    docs = workflow("docs")["jobs"]
    assert commands(docs["build"]) == ["make docs", "make test-thorough ARGS=tests/docs/test_site.py"]
    assert commands(docs["publish"]) == []
    assert (docs["publish"]["needs"], docs["publish"]["if"]) == ("build", "github.event_name == 'push'")
    [kept] = [s["with"] for s in docs["build"]["steps"] if "upload-pages-artifact" in s.get("uses", "")]
    assert kept == {"path": ".local/site"}


def test_one_deployment_of_a_stack_at_a_time_and_none_is_cut_off() -> None:
    deploy = workflow("deploy")["jobs"]
    for name, stack in {"dev": "dev", "staging": "staging", "production": "prod"}.items():
        assert deploy[name]["concurrency"] == {"group": f"stack-{stack}", "cancel-in-progress": False}
    assert workflow("pull-request")["concurrency"]["cancel-in-progress"] is True


def test_the_targets_are_in_the_makefile() -> None:
    used = {target for _, job in jobs() for run in commands(job) for target in re.findall(r"make ([\w-]+)", run)}
    assert used == {
        "test",
        "test-all",
        "test-lowest",
        "test-thorough",
        "check",
        "advisories",
        "docs",
        "package",
        "release",
        "ci-preview",
        "ci-comment",
        "ci-deploy",
        "ci-drift",
        "ci-issue",
    }
    rules = re.findall(r"^([\w -]+):(?!=)", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert used <= {target for targets in rules for target in targets.split()}


def test_the_cli_is_of_the_version_of_the_sdk() -> None:
    [step] = [s for s in steps(GITHUB / "actions" / "setup" / "action.yml") if "pulumi/actions@" in s["uses"]]
    [pinned] = re.findall(r"^pulumi==([\d.]+)", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    assert step["with"] == {"pulumi-version": pinned}


def lint(*command: str) -> None:
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_zizmor_finds_nothing() -> None:
    zizmor = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if zizmor is None:
        pytest.skip("zizmor is not installed: pip install zizmor")
    lint(zizmor, "--offline", "--quiet", "--color=never", "--min-severity=medium", str(GITHUB))


def test_actionlint_finds_nothing() -> None:
    actionlint = shutil.which("actionlint") or shutil.which("actionlint", path=str(Path.home() / "go" / "bin"))
    if actionlint is None:
        pytest.skip(
            "actionlint is not installed: go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12, and put it on PATH"
        )
    lint(actionlint, "-no-color", *map(str, WORKFLOWS))
