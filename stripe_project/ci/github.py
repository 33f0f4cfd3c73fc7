"""What is said to GitHub: outputs and summaries by the runner's files, comments and issues by its `gh`."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

from stripe_client import reading

MOST_ISSUES = "100000"
"""How many are looked through for our own. `gh` asks for a hundred at a time, and for no more than there are."""


class GitHubError(Exception):
    """GitHub did not do what it was asked."""


def run() -> str:
    """What names this run, and where it can be read: CI_RUN, on GitHub its address; empty where nothing does."""
    if named := os.environ.get("CI_RUN"):
        return named
    server, repository, number = (os.environ.get(f"GITHUB_{part}") for part in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{repository}/actions/runs/{number}" if server and repository and number else ""


def output(name: str, value: str) -> None:
    """Sets an output of the step, where this runs in a workflow. One line."""
    _append("GITHUB_OUTPUT", f"{name}={value}\n")


def summary(markdown: str) -> None:
    """Adds to the page of the run, where this runs in a workflow."""
    _append("GITHUB_STEP_SUMMARY", markdown + "\n")


def _append(variable: str, text: str) -> None:
    path = os.environ.get(variable)
    if path:
        with Path(path).open("a", encoding="utf-8") as f:
            f.write(text)


def put_comment(pull_request: str, marker: str, body: Path) -> str:
    """Posts the comment, or changes the one that begins with the marker and is our own. Returns what was done.

    Where runs that met have posted two, the second one goes. A run of a commit that is no longer the newest one of the pull
    request, such as one that somebody starts again, says nothing: the newest one has its own run.
    """
    viewed = _json("pr", "view", pull_request, "--json", "comments,headRefOid")
    head = _head(pull_request)
    if head and head != viewed["headRefOid"]:
        return (
            f"Left the comment as it is: this run is of {head[:7]}, and the pull request is at {viewed['headRefOid'][:7]} by now"
        )
    own = [c["url"] for c in viewed["comments"] if c["viewerDidAuthor"] and c["body"].startswith(marker)]
    if not own:
        return f"Posted the comment: {_gh('pr', 'comment', pull_request, '--body-file', str(body)).strip()}"
    _gh("api", "--method", "PATCH", _comment(own[0]), "-F", f"body=@{body}")
    for url in own[1:]:
        _gh("api", "--method", "DELETE", _comment(url))
    return f"Changed the comment: {own[0]}"


def _head(pull_request: str) -> str:
    """The commit of the pull request that this run is of, as the event says that started it; empty where none does."""
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path or not Path(path).exists():
        return ""
    try:
        found = reading.parsed(reading.text(path)).get("pull_request") or {}
        return str(found["head"]["sha"]) if str(found.get("number")) == pull_request else ""
    except (ValueError, AttributeError, KeyError, TypeError):
        raise GitHubError(f"{path} (GITHUB_EVENT_PATH) is not what GitHub writes about an event") from None


def _comment(url: str) -> str:
    return f"repos/{{owner}}/{{repo}}/issues/comments/{url.rpartition('#issuecomment-')[2]}"


def put_issue(title: str, marker: str, body: Path) -> str:
    """Opens the issue, or changes the open one that begins with the marker and is our own. Returns what was done.

    Where runs that met have opened two, the second one is closed.
    """
    own = _open_issues(marker)
    if not own:
        return f"Opened an issue: {_gh('issue', 'create', '--title', title, '--body-file', str(body)).strip()}"
    _gh("issue", "edit", str(own[0]), "--body-file", str(body))
    for number in own[1:]:
        _gh("issue", "close", str(number), "--comment", f"#{own[0]} says the same.")
    return f"Changed issue {own[0]}"


def close_issue(marker: str, comment: str) -> str:
    """Closes what is open of issues that begin with the marker and are our own. Returns what was done."""
    own = _open_issues(marker)
    for number in own:
        _gh("issue", "close", str(number), "--comment", comment)
    return f"Closed issue {', '.join(map(str, own))}" if own else ""


def _open_issues(marker: str) -> list[int]:
    """Our own, the oldest first."""
    listed = _json("issue", "list", "--state", "open", "--limit", MOST_ISSUES, "--json", "number,body,author")
    found = [(int(i["number"]), _login(i["author"]["login"])) for i in listed if i["body"].startswith(marker)]
    if not found:
        return []
    # Anybody can open an issue that begins like this. Issues do not say whether they are one's own, as comments do.
    own = _login(_gh("api", "graphql", "-f", "query={viewer{login}}", "--jq", ".data.viewer.login").strip())
    return sorted(number for number, author in found if author == own)


def _login(name: str) -> tuple[str, bool]:
    """A login, and whether it is an app's: the list says app/github-actions, and the app itself github-actions[bot]."""
    return name.removeprefix("app/").removesuffix("[bot]"), name.startswith("app/") or name.endswith("[bot]")


def _json(*arguments: str) -> Any:
    try:
        return reading.parsed(_gh(*arguments))
    except ValueError as e:
        raise GitHubError(f"gh {' '.join(arguments[:2])}: its answer is not JSON: {e}") from None


def _gh(*arguments: str) -> str:
    try:
        done = subprocess.run(["gh", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise GitHubError("there is no gh on PATH: https://cli.github.com") from None
    if done.returncode:
        raise GitHubError(f"gh {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout
