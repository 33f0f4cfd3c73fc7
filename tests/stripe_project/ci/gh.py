#!/usr/bin/env python3
"""Stands in for GitHub's `gh`: one pull request and its issues, kept in the file GH_STORE. Refuses what it does not know."""

import json
import os
import sys
from pathlib import Path

STORE = Path(os.environ["GH_STORE"])
store = json.loads(STORE.read_text()) if STORE.exists() else {"comments": [], "issues": [], "calls": []}
command, options = [], {}
arguments = iter(sys.argv[1:])
for argument in arguments:
    if argument.startswith("-"):
        options[argument] = next(arguments)
    else:
        command.append(argument)
store["calls"].append(sys.argv[1:])


def body() -> str:
    return Path(options["--body-file"]).read_text()


def comment(mine: bool, text: str) -> str:
    number = len(store["comments"]) + 100
    url = f"https://github.example/acme/shop/pull/7#issuecomment-{number}"
    store["comments"].append({"viewerDidAuthor": mine, "body": text, "url": url})
    return url


if command == ["pr", "view", "7"] and options["--json"] == "comments":
    print(json.dumps({"comments": store["comments"]}))
elif command == ["pr", "comment", "7"]:
    print(comment(True, body()))
elif command[0] == "api" and options.get("--method") == "PATCH":
    prefix, number = command[1].rsplit("/", 1)
    assert prefix == "repos/{owner}/{repo}/issues/comments"
    field, _, value = options["-F"].partition("=@")
    assert field == "body"
    [found] = [c for c in store["comments"] if c["url"].endswith(f"-{number}")]
    found["body"] = Path(value).read_text()
elif command == ["issue", "list"]:
    assert (options["--state"], options["--json"]) == ("open", "number,body,author")
    fields = ("number", "body", "author")
    print(json.dumps([{field: i[field] for field in fields} for i in store["issues"] if i["state"] == "open"]))
elif command == ["api", "graphql"]:
    assert (options["-f"], options["--jq"]) == ("query={viewer{login}}", ".data.viewer.login")
    print("github-actions[bot]")
elif command == ["issue", "create"]:
    number = len(store["issues"]) + 1
    author = {"login": "app/github-actions", "is_bot": True}
    store["issues"].append({"number": number, "title": options["--title"], "body": body(), "state": "open", "author": author})
    print(f"https://github.example/acme/shop/issues/{number}")
elif command[:2] == ["issue", "edit"]:
    store["issues"][int(command[2]) - 1]["body"] = body()
elif command[:2] == ["issue", "close"]:
    store["issues"][int(command[2]) - 1] |= {"state": "closed", "comment": options["--comment"]}
else:
    sys.exit(f"unknown command {' '.join(command)!r}")
STORE.write_text(json.dumps(store))
