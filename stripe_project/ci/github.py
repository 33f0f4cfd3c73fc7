"""What is said to GitHub: outputs and summaries by the runner's files, comments and issues by its `gh`."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any


class GitHubError(Exception):
    """GitHub did not do what it was asked."""


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
    """Posts the comment, or changes the one that begins with the marker and is our own. Returns what was done."""
    viewed = _json("pr", "view", pull_request, "--json", "comments")
    for found in viewed["comments"]:
        if found["viewerDidAuthor"] and found["body"].startswith(marker):
            number = found["url"].rpartition("#issuecomment-")[2]
            _gh("api", "--method", "PATCH", f"repos/{{owner}}/{{repo}}/issues/comments/{number}", "-F", f"body=@{body}")
            return f"Changed the comment: {found['url']}"
    return f"Posted the comment: {_gh('pr', 'comment', pull_request, '--body-file', str(body)).strip()}"


def put_issue(title: str, marker: str, body: Path) -> str:
    """Opens the issue, or changes the open one that begins with the marker and is our own. Returns what was done."""
    number = _open_issue(marker)
    if number is None:
        return f"Opened an issue: {_gh('issue', 'create', '--title', title, '--body-file', str(body)).strip()}"
    _gh("issue", "edit", str(number), "--body-file", str(body))
    return f"Changed issue {number}"


def close_issue(marker: str, comment: str) -> str:
    """Closes the issue that begins with the marker and is our own, if one is open. Returns what was done."""
    number = _open_issue(marker)
    if number is None:
        return ""
    _gh("issue", "close", str(number), "--comment", comment)
    return f"Closed issue {number}"


def _open_issue(marker: str) -> int | None:
    listed = _json("issue", "list", "--state", "open", "--limit", "500", "--json", "number,body,author")
    found = [(int(i["number"]), _login(i["author"]["login"])) for i in listed if i["body"].startswith(marker)]
    if not found:
        return None
    # Anybody can open an issue that begins like this. Issues do not say whether they are one's own, as comments do.
    own = _login(_gh("api", "graphql", "-f", "query={viewer{login}}", "--jq", ".data.viewer.login").strip())
    return next((number for number, author in found if author == own), None)


def _login(name: str) -> tuple[str, bool]:
    """A login, and whether it is an app's: the list says app/github-actions, and the app itself github-actions[bot]."""
    return name.removeprefix("app/").removesuffix("[bot]"), name.startswith("app/") or name.endswith("[bot]")


def _json(*arguments: str) -> Any:
    return json.loads(_gh(*arguments))


def _gh(*arguments: str) -> str:
    try:
        done = subprocess.run(["gh", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        raise GitHubError("there is no gh on PATH: https://cli.github.com") from None
    if done.returncode:
        raise GitHubError(f"gh {' '.join(arguments[:2])}: {done.stderr.strip()}")
    return done.stdout
