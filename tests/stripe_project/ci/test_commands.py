"""The targets of CI, where something is missing or in the way."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.project import ROOT
from tests.stripe_project.ci.conftest import GitHub


def ci(command: str, *arguments: str, out: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    hidden = ("STRIPE_", "PULUMI_", "GITHUB_", "CI_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    return subprocess.run(
        [sys.executable, "-m", "stripe_project", f"ci-{command}", *arguments, "--out", str(out)],
        cwd=ROOT,
        env={**kept, "PULUMI_ENGINE": "local", **environment},
        capture_output=True,
        text=True,
        timeout=100,
    )


def test_without_previews_there_is_no_comment(tmp_path: Path) -> None:
    done = ci("comment", out=tmp_path)
    assert done.returncode == 1
    assert done.stderr == f"error: there is no */result.json in {tmp_path}; run `make ci-preview STACK=…` first\n"


def test_without_a_plan_nothing_is_deployed(tmp_path: Path) -> None:
    done = ci("deploy", "--stack", "staging", out=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: there is no {tmp_path}/staging/plan.json; run `make ci-preview STACK=staging`")


@pytest.mark.parametrize("url", ["file://{}", ""])
def test_a_state_that_the_machine_takes_with_it_is_refused(tmp_path: Path, url: str) -> None:
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging" / "plan.json").write_text("{}")
    (tmp_path / ".pulumi" / "stacks" / "hypernian").mkdir(parents=True)
    (tmp_path / ".pulumi" / "meta.yaml").write_text("version: 1\n")
    (tmp_path / ".pulumi" / "stacks" / "hypernian" / "staging.json").write_text('{"version": 3, "checkpoint": {"latest": null}}')
    done = ci("deploy", "--stack", "staging", out=tmp_path, HOME=str(tmp_path), PULUMI_BACKEND_URL=url.format(tmp_path))
    assert done.returncode == 1, done.stdout
    assert "PULUMI_BACKEND_URL is" in done.stderr
    assert "docs/environments.md" in done.stderr


def test_what_github_refuses_is_one_line(tmp_path: Path, github: GitHub) -> None:
    folder = tmp_path / "out" / "staging"
    folder.mkdir(parents=True)
    (folder / "result.json").write_text('{"stack": "staging", "changes": {}, "deploys": false, "failed": []}')
    (folder / "preview.txt").write_text("nothing")
    done = ci("comment", "--pull-request", "8", out=tmp_path / "out", **github.environment)
    assert (done.returncode, done.stderr) == (1, "error: gh pr view: unknown command 'pr view 8'\n")


@pytest.mark.parametrize("number", ["--web", "0", "\u0667", "9" * 5000, "\x1b[2J"])
def test_what_is_no_number_of_a_pull_request_is_sent_nowhere(number: str, tmp_path: Path, github: GitHub) -> None:
    stack_in(tmp_path / "out", "staging")
    done = ci("comment", f"--pull-request={number}", out=tmp_path / "out", **github.environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r'error: --pull-request: ".{1,210}" is not a number; give such as 17\n', done.stderr), done.stderr
    assert github.store.get("comments", []) == []


def test_without_gh_the_remedy_is_named(tmp_path: Path) -> None:
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "drift.json").write_text('{"stack": "prod", "drift": false, "orphans": []}')
    done = ci("issue", out=tmp_path, PATH=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "error: there is no gh on PATH: https://cli.github.com\n")


def test_a_stack_whose_preview_cannot_begin_is_in_the_comment(tmp_path: Path) -> None:
    done = ci("preview", "--stack", "prod", out=tmp_path, PULUMI_BACKEND_URL="s3://none", STRIPE_API_KEY="sk_live_local")
    assert done.returncode == 1
    assert ci("comment", out=tmp_path, CI_STACKS="qa prod").returncode == 0
    said = (tmp_path / "comment.md").read_text()
    assert re.search(r"^- \*\*prod\*\*: ❌ preview failed: ` error: .* backend s3://.* `$", said, re.M), said
    assert "- **qa**: ❌ preview failed: ` Nothing is there of it: the log of its run says why. `\n" in said


def test_a_look_without_a_state_makes_none_and_leaves_no_answer(tmp_path: Path, github: GitHub) -> None:
    out, state = tmp_path / "out", tmp_path / "state"
    (out / "staging").mkdir(parents=True)
    state.mkdir()
    (out / "staging" / "drift.json").write_text('{"stack": "staging", "drift": false, "orphans": []}')
    done = ci("drift", "--stack", "staging", out=out, PULUMI_BACKEND_URL=f"file://{state}", STRIPE_API_KEY="sk_test_local")
    assert (done.returncode, done.stdout) == (1, "")
    assert "staging: there is no state of this stack here" in done.stderr
    assert not list(out.rglob("*.json"))
    assert not list(state.rglob("staging.json"))
    assert ci("issue", out=out, **github.environment).returncode == 0
    assert github.store["calls"] == []


def test_only_its_own_issue_is_touched(tmp_path: Path, github: GitHub) -> None:
    (tmp_path / "out" / "prod").mkdir(parents=True)
    for name, text in (("drift.txt", "~ name"), ("orphans.txt", "")):
        (tmp_path / "out" / "prod" / name).write_text(text)
    for strange in ("<!-- drift: hypernian/prod -->\nnot ours", "<!-- drift: other/prod -->\nof another project"):
        github.issue_of_another(strange)
    for drift, said in ((True, "Opened an issue"), (True, "Changed issue 3"), (False, "Closed issue 3")):
        (tmp_path / "out" / "prod" / "drift.json").write_text(json.dumps({"stack": "prod", "drift": drift, "orphans": []}))
        assert ci("issue", out=tmp_path / "out", **github.environment).stdout.startswith(said)
    assert [issue["state"] for issue in github.store["issues"]] == ["open", "open", "closed"]
    assert [issue["body"].splitlines()[1] for issue in github.store["issues"][:2]] == ["not ours", "of another project"]


@pytest.mark.thorough
def test_an_issue_is_closed_once_nothing_differs_any_more(tmp_path: Path, github: GitHub) -> None:
    folder = tmp_path / "out" / "prod"
    folder.mkdir(parents=True)
    (folder / "drift.txt").write_text('~ name: "Hyperion" => "Hypernian"')
    (folder / "orphans.txt").write_text("Customer cus_1")
    orphan = {"kind": "Customer", "id": "cus_1"}
    for drift, orphans, said in (
        (False, [], ""),
        (True, [], "Opened an issue"),
        (False, [orphan], "Changed issue 1"),
        (True, [orphan], "Changed issue 1"),
        (False, [], "Closed issue 1"),
    ):
        (folder / "drift.json").write_text(json.dumps({"stack": "prod", "drift": drift, "orphans": orphans}))
        done = ci("issue", out=tmp_path / "out", **github.environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(said)
        assert bool(done.stdout) == bool(said)
        if drift or orphans:
            [told] = [i["body"] for i in github.store["issues"]]
            assert ('=> "Hypernian"' in told, "`make up STACK=prod ARGS='--refresh --run-program'`" in told) == (drift, drift)
            assert ("Customer cus_1" in told, "`make orphans STACK=prod`" in told) == (bool(orphans), bool(orphans))
    [issue] = github.store["issues"]
    assert issue["state"] == "closed"


def test_an_answer_of_a_version_without_orphans_is_whole(tmp_path: Path, github: GitHub) -> None:
    folder = tmp_path / "out" / "prod"
    folder.mkdir(parents=True)
    (folder / "drift.txt").write_text("~ name")
    for drift, said in ((True, "Opened an issue"), (False, "Closed issue 1")):
        (folder / "drift.json").write_text(json.dumps({"stack": "prod", "drift": drift}))
        done = ci("issue", out=tmp_path / "out", **github.environment)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(said)
    [issue] = github.store["issues"]
    assert (issue["state"], "~ name" in issue["body"], "orphans" in issue["body"]) == ("closed", True, False)


def test_an_answer_whose_text_is_missing_is_one_line(tmp_path: Path, github: GitHub) -> None:
    folder = tmp_path / "out" / "prod"
    folder.mkdir(parents=True)
    (folder / "drift.json").write_text('{"stack": "prod", "drift": true, "orphans": []}')
    done = ci("issue", out=tmp_path / "out", **github.environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"error: {folder}/drift.txt cannot be read: ")
    assert done.stderr.count("\n") == 1
    assert github.store["issues"] == []


def stack_in(out: Path, name: str) -> Path:
    """What ci-preview leaves of a stack that stays as it is."""
    folder = out / name
    folder.mkdir(parents=True)
    (folder / "result.json").write_text(json.dumps({"stack": name, "changes": {}, "deploys": False, "failed": []}))
    (folder / "preview.txt").write_text("nothing")
    return folder


def test_a_run_of_an_old_commit_leaves_the_comment_as_it_is(tmp_path: Path, github: GitHub) -> None:
    stack_in(tmp_path / "out", "staging")
    event = tmp_path / "event.json"
    store = github.store
    for head, said in (("1" * 40, "Posted the comment"), ("2" * 40, "Changed the comment")):
        github.keep({**github.store, "heads": {"7": head}})
        event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": head}}}))
        environment = {**github.environment, "GITHUB_EVENT_PATH": str(event)}
        assert ci("comment", "--pull-request", "7", out=tmp_path / "out", **environment).stdout.startswith(said)
    store = github.store
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": "1" * 40}}}))
    done = ci("comment", "--pull-request", "7", out=tmp_path / "out", **environment)
    assert (done.returncode, done.stdout) == (
        0,
        "Left the comment as it is: this run is of 1111111, and the pull request is at 2222222 by now\n",
    )
    assert github.store["comments"] == store["comments"]


@pytest.mark.thorough
def test_of_two_comments_and_two_issues_one_stays(tmp_path: Path, github: GitHub) -> None:
    folder = stack_in(tmp_path / "out", "prod")
    (folder / "drift.txt").write_text("~ name")
    (folder / "orphans.txt").write_text("")
    (folder / "drift.json").write_text('{"stack": "prod", "drift": true, "orphans": []}')
    for _ in range(2):
        assert ci("comment", "--pull-request", "7", out=tmp_path / "out", **github.environment).returncode == 0
        assert ci("issue", out=tmp_path / "out", **github.environment).returncode == 0
        [comment], [issue] = github.store["comments"], [i for i in github.store["issues"] if i["state"] == "open"]
        url = comment["url"].replace("100", "200")
        github.keep(
            {
                **github.store,
                "comments": [comment, {**comment, "url": url}],
                "issues": [*github.store["issues"], {**issue, "number": len(github.store["issues"]) + 1}],
            }
        )
    (folder / "drift.json").write_text('{"stack": "prod", "drift": false, "orphans": []}')
    assert ci("issue", out=tmp_path / "out", **github.environment).stdout == "Closed issue 1, 3\n"
    assert {issue["state"] for issue in github.store["issues"]} == {"closed"}


@pytest.mark.thorough
def test_what_is_not_whole_is_told_and_the_others_as_well(tmp_path: Path, github: GitHub) -> None:
    out = tmp_path / "out"
    for name in ("prod", "staging"):
        folder = stack_in(out, name)
        (folder / "drift.txt").write_text("~ name")
        (folder / "orphans.txt").write_text("")
        (folder / "drift.json").write_text(json.dumps({"stack": name, "drift": True, "orphans": []}))
    for name in ("result", "drift"):
        (out / "prod" / f"{name}.json").write_text('{"stack": "pr')
    assert ci("comment", out=out).returncode == 0
    said = (out / "comment.md").read_text()
    why = "What it left is not whole: the log of its run says why."
    assert f"- **prod**: ❌ preview failed: ` {why} `\n- **staging**: no changes\n" in said
    done = ci("issue", out=out, **github.environment)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {out}/prod/drift.json is not JSON: ")
    assert [issue["title"] for issue in github.store["issues"]] == ["Drift in staging of hypernian"]


def test_previews_that_left_nothing_at_all_are_in_the_comment(tmp_path: Path) -> None:
    done = ci("comment", out=tmp_path / "out", CI_STACKS="prod staging")
    assert (done.returncode, done.stderr) == (0, "")
    said = (tmp_path / "out" / "comment.md").read_text()
    assert re.findall(r"^- \*\*(\w+)\*\*: ❌ preview failed: ` Nothing is there of it: ", said, re.M) == ["prod", "staging"]


RUN = {"GITHUB_SERVER_URL": "https://github.example", "GITHUB_REPOSITORY": "acme/shop"}


def test_an_answer_of_an_earlier_run_is_none(tmp_path: Path, github: GitHub) -> None:
    """Where a folder is kept between runs, and what should have written into it never began."""
    out, yesterday = tmp_path / "out", "https://github.example/acme/shop/actions/runs/1"
    for name in ("prod", "removed", "staging"):
        folder = stack_in(out, name)
        result = json.loads((folder / "result.json").read_text())
        run = yesterday if name != "staging" else "https://github.example/acme/shop/actions/runs/2"
        (folder / "result.json").write_text(json.dumps({**result, "run": run}))
        (folder / "drift.json").write_text(json.dumps({"stack": name, "drift": False, "orphans": [], "run": run}))
        github.keep({**github.store, "issues": [*github.store["issues"], issue_of(name, len(github.store["issues"]) + 1)]})
    today = {**RUN, **github.environment, "GITHUB_RUN_ID": "2"}
    assert ci("comment", out=out, CI_STACKS="prod staging", **today).returncode == 0
    said = (out / "comment.md").read_text()
    prod = "❌ preview failed: ` Nothing is there of it: the log of its run says why. `"
    assert re.findall(r"^- (.*)$", said, re.M) == ["**staging**: no changes", f"**prod**: {prod}"]
    assert "removed" not in said
    assert f"as a whole: {yesterday[:-1]}2\n" in said
    done = ci("issue", out=out, **today)
    assert done.returncode == 0
    assert done.stdout.count("is of another run, so nobody can tell") == 2
    assert [(issue["number"], issue["state"]) for issue in github.store["issues"]] == [(1, "open"), (2, "open"), (3, "closed")]


def issue_of(stack: str, number: int) -> dict[str, object]:
    """Opened by the automation."""
    author = {"login": "app/github-actions", "is_bot": True}
    return {"number": number, "title": "", "body": f"<!-- drift: hypernian/{stack} -->\n", "state": "open", "author": author}


@pytest.mark.parametrize("event", ["{", "[]", '{"pull_request": {"number": 7, "head": null}}', "[" * 5000, "\xff"])
def test_an_event_that_is_none_is_one_line_and_changes_nothing(tmp_path: Path, github: GitHub, event: str) -> None:
    stack_in(tmp_path / "out", "staging")
    (tmp_path / "event.json").write_bytes(event.encode("latin-1"))
    environment = {**github.environment, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    done = ci("comment", "--pull-request", "7", out=tmp_path / "out", **environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"error: {tmp_path}/event.json (GITHUB_EVENT_PATH) is not what GitHub writes about an event\n"
    assert github.store["comments"] == []


def test_an_answer_of_gh_that_is_none_is_one_line(tmp_path: Path) -> None:
    stack_in(tmp_path / "out", "staging")
    gh = tmp_path / "gh"
    gh.write_text("#!/bin/sh\necho A new release of gh is available\n")
    gh.chmod(0o755)
    done = ci("comment", "--pull-request", "7", out=tmp_path / "out", PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: gh pr view: its answer is not JSON: ")
