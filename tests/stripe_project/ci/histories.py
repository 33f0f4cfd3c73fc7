"""Two repositories with three projects and five stacks, through pull requests, merges, failures and nights.

`World` knows what is declared, deployed and at Stripe, so what each comment and each issue has to say. Previews and looks are
files as `ci-preview` and `ci-drift` leave them (docs/ci.md), with each way in which these fail; `ci-comment` and `ci-issue` are
the commands themselves, each in a process of its own, with a `gh` on PATH that can fail at any call.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stripe_project.__main__ import main

from .conftest import GitHub

SHOP, METERING, OTHERS = ("acme/shop", "shop"), ("acme/shop", "metering"), ("acme/other", "shop")
STACKS = {SHOP: ("prod", "staging"), METERING: ("prod", "staging"), OTHERS: ("prod",)}
"""Stacks by repository and project; two projects of the same name are in different repositories."""

REPOSITORIES = sorted({repository for repository, _ in STACKS})

Project = tuple[str, str]
Stack = tuple[str, str, str]
EVERY: list[Stack] = [(*project, stack) for project, stacks in STACKS.items() for stack in stacks]

FAILURES = ("error", "policy", "impact", "killed", "torn", "gone")
"""How a preview ends other than well: the program or the server is at fault, a rule says no, bills are unknown, it is killed
half-way or while it writes, it never began."""

STEPS = (
    *("open", "push", "run", "run", "comment", "comment", "comment", "together"),
    *("merge", "deploy", "outside", "orphan", "night", "night", "issue", "issue"),
    *("other's comment", "other's issue", "met", "removed by hand"),
)
Step = tuple[str, int]
Job = tuple[Project, list[str], dict[str, str]]
"""Where a command runs, what it is, and its environment."""

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload([__name__])
TORN = '{"stack": "pr'
LOG = "the log of its run says why."


def history(seed: int) -> list[Step]:
    """What happens, each with what decides on its details. It begins with a pull request."""
    chance = random.Random(seed)
    steps = ["open", *(chance.choice(STEPS) for _ in range(chance.randint(15, 30)))]
    return [(name, chance.randrange(2**32)) for name in steps]


@dataclass
class Look:
    """What was found, and where it lies: of a pull request's commit, or of a night."""

    repository: str
    folder: Path
    found: dict[Stack, Any]
    head: str = ""
    pull: str = ""
    name: str = ""


@dataclass
class Pull:
    """A pull request: the versions that it declares."""

    repository: str
    number: str
    wanted: dict[Stack, int]
    head: str
    merged: bool = False


@dataclass
class World:
    """What there is."""

    github: GitHub
    folder: Path
    declared: dict[Stack, int] = field(default_factory=lambda: dict.fromkeys(EVERY, 1))
    deployed: dict[Stack, int] = field(default_factory=lambda: dict.fromkeys(EVERY, 1))
    changed: dict[Stack, str] = field(default_factory=dict)
    """What somebody did at Stripe."""
    orphans: dict[Stack, str] = field(default_factory=dict)
    pulls: list[Pull] = field(default_factory=list)
    runs: list[Look] = field(default_factory=list)
    nights: list[Look] = field(default_factory=list)
    comments: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)
    """What a comment may say, by repository, pull request and project: one thing, or two where GitHub's answer got lost."""
    issues: dict[Stack, list[Any]] = field(default_factory=dict)
    """What the open issue of a stack may say; None for no open issue."""
    twice: set[tuple[str, ...]] = field(default_factory=set)
    """What there are two of, one of them left by runs that met."""
    told: Counter[str] = field(default_factory=Counter)
    number: int = 0
    chance: random.Random = field(default_factory=random.Random)

    def __post_init__(self) -> None:
        for repository, project in STACKS:
            home = self.folder / repository / project
            home.mkdir(parents=True)
            (home / "Pulumi.yaml").write_text(f"name: {project}\nruntime: python\n")
        for repository in REPOSITORIES:
            self.github.keep({**self.github.repository(repository), "heads": {}}, repository)

    # -- the commands

    def failing(self, job: Job, well: bool) -> tuple[int, bool]:
        """The exit code of a job, and whether a call of its `gh` failed."""
        (repository, _), *_ = job
        if not well and self.chance.random() < 0.3:
            store = self.github.repository(repository)
            self.github.keep({**store, "fails": [self.chance.randint(0, 3), self.chance.random() < 0.5]}, repository)
            [code] = self.commands([job])
            store = self.github.repository(repository)
            failed = store.pop("fails", None) is None
            self.github.keep(store, repository)
            self.told["gh: fails"] += failed
            return code, failed
        return self.commands([job])[0], False

    def commands(self, jobs: Sequence[Job]) -> list[int]:
        """The exit codes of jobs that run at the same time."""
        started = []
        for (repository, project), arguments, environment in jobs:
            settings = {**self.github.environment, "GH_REPO": repository, "PULUMI_ENGINE": "local", **environment}
            process = PROCESSES.Process(target=command, args=(self.folder / repository / project, arguments, settings))
            process.start()
            started.append(process)
        for process in started:
            process.join(60)
        return [process.exitcode or 0 for process in started]

    def head(self, run: Look) -> str:
        found: str = self.github.repository(run.repository)["heads"][run.pull]
        return found

    # -- what has to be so

    def holds(self, when: str) -> None:
        """Each comment and each issue says what is to be said, and what others wrote is as it was."""
        for repository in REPOSITORIES:
            store = self.github.repository(repository)
            assert others(store) == self.others[repository], when
            said: dict[tuple[str, ...], list[str]] = {}
            for comment in store["comments"]:
                if comment["viewerDidAuthor"]:
                    said.setdefault((repository, comment["pull"], project_of(comment["body"])), []).append(comment["body"])
            for key in {*said, *(key for key in self.comments if key[0] == repository)}:
                assert key in self.comments, f"{when}: a comment at {key}"
                bodies = said.get(key, [])
                assert len(bodies) <= 1 + (key in self.twice), f"{when}: {len(bodies)} comments at {key}"
                assert bodies or None in self.comments[key], f"{when}: no comment at {key}"
                for body in bodies:
                    wrong = [misread(body, *wanted) for wanted in self.comments[key] if wanted is not None]
                    assert "" in wrong, f"{when}: the comment at {key}: {wrong}\n{body}"
            found: dict[tuple[str, ...], list[Any]] = {}
            for issue in store["issues"]:
                if own(issue) and issue["state"] == "open":
                    found.setdefault((repository, *stack_of(issue["body"])), []).append(issue)
            for stack in {*found, *(stack for stack in self.issues if stack[0] == repository)}:
                assert stack in self.issues, f"{when}: an issue about {stack}"
                issues = found.get(stack, [])
                assert len(issues) <= 1 + (stack in self.twice), f"{when}: {len(issues)} issues about {stack}"
                assert issues or None in self.issues[stack], f"{when}: no issue about {stack}"
                for issue in issues:
                    assert issue["title"] == f"Drift in {stack[2]} of {stack[1]}"
                    tokens = set(re.findall(r"somebody-\d+|version-\d+|cus_\d+", issue["body"]))
                    wanted = [set(" ".join(w).split()) for w in self.issues[stack] if w]
                    assert tokens in wanted, f"{when}: the issue about {stack} says {tokens}, not one of {wanted}"

    # -- what happens

    def tell(self, steps: list[Step]) -> None:
        self.others = {repository: others(self.github.repository(repository)) for repository in REPOSITORIES}
        for name, seed in steps:
            self.chance = random.Random(seed)
            getattr(self, name.replace(" ", "_").replace("'", ""))()
            self.told[name] += 1
            self.holds(f"after {name}")
        # In the end everything is looked at anew, and nothing fails any more.
        for pull in self.pulls:
            self.run(pull, well=True)
            self.comment(self.runs[-1], well=True)
        for repository in REPOSITORIES:
            self.night(repository, well=True)
            self.issue(self.nights[-1], well=True)
        self.holds("in the end")
        assert not self.twice

    def new(self) -> int:
        self.number += 1
        return self.number

    def some(self, of: list[Any]) -> list[Any]:
        return self.chance.sample(of, self.chance.randint(1, len(of))) if of else []

    def open(self) -> None:
        repository = self.chance.choice(REPOSITORIES)
        pull = Pull(repository, str(len(self.pulls) + 7), {}, "")
        self.pulls.append(pull)
        self.push(pull)

    def push(self, pull: Pull | None = None) -> None:
        candidates = [p for p in self.pulls if not p.merged]
        if not (pull or candidates):
            return
        pull = pull or self.chance.choice(candidates)
        for stack in self.some([s for s in EVERY if s[0] == pull.repository]):
            pull.wanted[stack] = self.new()
        pull.head = f"{self.new():040x}"
        store = self.github.repository(pull.repository)
        store["heads"][pull.number] = pull.head
        self.github.keep(store, pull.repository)

    def run(self, pull: Pull | None = None, *, well: bool = False) -> None:
        """Previews of all stacks; a run that is still under way for this commit is cancelled by this one."""
        if not (pull or self.pulls):
            return
        pull = pull or self.chance.choice(self.pulls)
        self.runs = [
            run for run in self.runs if (run.repository, run.pull, run.head) != (pull.repository, pull.number, pull.head)
        ]
        name = f"run-{self.new()}"
        run = Look(pull.repository, self.folder / name, {}, pull.head, pull.number, name)
        if self.runs and self.chance.random() < 0.3:  # on a machine that keeps what an earlier run left
            kept = self.runs.pop(self.chance.randrange(len(self.runs)))
            run.folder = kept.folder if kept.repository == run.repository else run.folder
        for stack in [s for s in EVERY if s[0] == pull.repository]:
            failure = self.chance.choice(FAILURES) if not well and self.chance.random() < 0.35 else ""
            wanted = self.declared[stack] if pull.merged else pull.wanted.get(stack, self.declared[stack])
            run.found[stack] = previewed(run.folder / stack[1] / stack[2], name, wanted - self.deployed[stack], failure)
            self.told[f"preview: {failure or 'well'}"] += 1
        self.runs.append(run)

    def comment(self, run: Look | None = None, *, well: bool = False) -> None:
        """The jobs that comment, of any run that there was, started again perhaps; one for each project."""
        if not (run or self.runs):
            return
        run = run or self.chance.choice(self.runs)
        for project in [p for p in STACKS if p[0] == run.repository]:
            code, fails = self.failing(self.commenting(run, project), well)
            self.commented(run, project, code, fails)

    def commenting(self, run: Look, project: Project) -> tuple[Project, list[str], dict[str, str]]:
        run.folder.mkdir(parents=True, exist_ok=True)
        event = run.folder / "event.json"
        event.write_text(json.dumps({"pull_request": {"number": int(run.pull), "head": {"sha": run.head}}}))
        arguments = ["ci-comment", "--pull-request", run.pull, "--out", str(run.folder / project[1])]
        environment = {"CI_STACKS": " ".join(STACKS[project]), "CI_RUN": run.name, "GITHUB_EVENT_PATH": str(event)}
        return project, arguments, environment

    def commented(self, run: Look, project: Project, code: int, fails: bool) -> None:
        assert code == (1 if fails else 0)
        key = (run.repository, run.pull, project[1])
        if run.head != self.head(run):
            self.told["comment: of an old commit"] += 1
            return
        said = run.name, {s[2]: run.found[s] for s in run.found if s[:2] == project}
        self.comments[key] = [*self.comments.get(key, [None]), said] if code else [said]
        if not code:
            self.twice.discard(key)

    def together(self) -> None:
        """Jobs at one time: all comments of two runs, and the issues of a night."""
        jobs: list[tuple[Any, ...]] = []
        for run in self.chance.sample(self.runs, min(2, len(self.runs))):
            jobs += [(run, p, self.commenting(run, p)) for p in STACKS if p[0] == run.repository]
        nights = {night.repository: night for night in self.nights}
        for night in self.chance.sample(sorted(nights.values(), key=lambda n: n.repository), min(1, len(nights))):
            jobs += [(night, p, self.telling(night, p)) for p in STACKS if p[0] == night.repository]
        self.chance.shuffle(jobs)
        for (look, project, _), code in zip(jobs, self.commands([job for *_, job in jobs]), strict=True):
            if look.pull:
                self.commented(look, project, code, fails=False)
            else:
                self.issued(look, project, code, fails=False)

    def merge(self) -> None:
        candidates = [p for p in self.pulls if not p.merged]
        if candidates:
            pull = self.chance.choice(candidates)
            pull.merged = True
            self.declared |= pull.wanted
            for stack in pull.wanted:
                if self.chance.random() < 0.6:
                    self.deployed[stack] = self.declared[stack]

    def deploy(self) -> None:
        """Of what a deployment left that failed."""
        for stack in self.some([s for s in EVERY if self.deployed[s] != self.declared[s]]):
            self.deployed[stack] = self.declared[stack]

    def outside(self) -> None:
        """Somebody changes something at Stripe, or changes it back."""
        stack = self.chance.choice(EVERY)
        if not self.changed.pop(stack, ""):
            self.changed[stack] = f"somebody-{self.new()}"

    def orphan(self) -> None:
        stack = self.chance.choice(EVERY)
        if not self.orphans.pop(stack, ""):
            self.orphans[stack] = f"cus_{self.new()}"

    def night(self, repository: str = "", *, well: bool = False) -> None:
        """A look at every stack of a repository; one that fails says nothing."""
        repository = repository or self.chance.choice(REPOSITORIES)
        name = f"night-{self.new()}"
        night = Look(repository, self.folder / name, {}, name=name)
        kept = [n.folder for n in self.nights if n.repository == repository]
        if kept and self.chance.random() < 0.3:
            night.folder = kept[0]
        for stack in [s for s in EVERY if s[0] == repository]:
            failures = ("down", "torn", "unwritten", "gone")
            failure = self.chance.choice(failures) if not well and self.chance.random() < 0.25 else ""
            drift = self.changed.get(stack, "")
            if self.deployed[stack] != self.declared[stack]:
                drift += f" version-{self.deployed[stack]}"
            looked(night.folder / stack[1] / stack[2], name, drift, self.orphans.get(stack, ""), failure)
            if not failure:
                night.found[stack] = (drift, self.orphans.get(stack, ""))
            self.told[f"look: {failure or 'well'}"] += 1
        self.nights = [*(n for n in self.nights if n.repository != repository), night]

    def issue(self, night: Look | None = None, *, well: bool = False) -> None:
        """The job that writes issues, of the last night, as often as somebody starts it."""
        if not (night or self.nights):
            return
        night = night or self.chance.choice(self.nights)
        for project in [p for p in STACKS if p[0] == night.repository]:
            code, fails = self.failing(self.telling(night, project), well)
            self.issued(night, project, code, fails)

    def telling(self, night: Look, project: Project) -> tuple[Project, list[str], dict[str, str]]:
        return project, ["ci-issue", "--out", str(night.folder / project[1])], {"CI_RUN": night.name}

    def issued(self, night: Look, project: Project, code: int, fails: bool) -> None:
        torn = any(p.read_text() == TORN for p in (night.folder / project[1]).glob("*/drift.json"))
        assert code == (1 if fails or torn else 0)
        for stack, found in night.found.items():
            if stack[:2] == project:
                said = found if any(found) else None
                self.issues[stack] = [*self.issues.get(stack, [None]), said] if fails else [said]
                if not fails:
                    self.twice.discard(stack)

    def others_comment(self) -> None:
        if self.pulls:
            pull = self.chance.choice(self.pulls)
            _, project = self.chance.choice([p for p in STACKS if p[0] == pull.repository])
            self.github.comment_of_another(f"{comment_marker(project)}\n\nnot ours", pull.number, pull.repository)
            self.others[pull.repository] = others(self.github.repository(pull.repository))

    def others_issue(self) -> None:
        repository, project, stack = self.chance.choice(EVERY)
        self.github.issue_of_another(f"{issue_marker(project, stack)}\n\nnot ours", repository)
        self.others[repository] = others(self.github.repository(repository))

    def met(self) -> None:
        """Runs that met have left a second comment and a second issue."""
        repository = self.chance.choice(REPOSITORIES)
        store = self.github.repository(repository)
        comments = [
            c
            for c in store["comments"]
            if c["viewerDidAuthor"] and (repository, c["pull"], project_of(c["body"])) not in self.twice
        ]
        issues = [
            i for i in store["issues"] if own(i) and i["state"] == "open" and (repository, *stack_of(i["body"])) not in self.twice
        ]
        for comment in self.some(comments)[:1]:
            store["number"] += 1
            url = re.sub(r"\d+$", str(store["number"]), comment["url"])
            store["comments"].append({**comment, "url": url})
            key = (repository, comment["pull"], project_of(comment["body"]))
            self.twice.add(key)
        for issue in self.some(issues)[:1]:
            store["issues"].append({**issue, "number": len(store["issues"]) + 1})
            self.twice.add((repository, *stack_of(issue["body"])))
        self.github.keep(store, repository)

    def removed_by_hand(self) -> None:
        """Somebody deletes one of our comments, and closes one of our issues."""
        repository = self.chance.choice(REPOSITORIES)
        store = self.github.repository(repository)
        for comment in self.some([c for c in store["comments"] if c["viewerDidAuthor"]])[:1]:
            store["comments"].remove(comment)
            key = (repository, comment["pull"], project_of(comment["body"]))
            self.comments[key] = [*self.comments.get(key, []), None]
        for issue in self.some([i for i in store["issues"] if own(i) and i["state"] == "open"])[:1]:
            issue["state"] = "closed"
            stack = (repository, *stack_of(issue["body"]))
            self.issues[stack] = [*self.issues.get(stack, []), None]
        self.github.keep(store, repository)


# -- the commands, and what they read and write


def command(folder: Path, arguments: list[str], environment: dict[str, str]) -> None:
    """Runs a command of `stripe-project` in this process, which ends with it."""
    os.chdir(folder)
    for name in [n for n in os.environ if n.startswith(("GITHUB_", "CI_", "STRIPE_", "PULUMI_"))]:
        del os.environ[name]
    os.environ.update(environment)
    with open(os.devnull, "w") as nowhere:
        sys.stdout = nowhere
        sys.exit(main(arguments))


def previewed(folder: Path, run: str, difference: int, failure: str) -> tuple[str, str]:
    """Writes what `ci-preview` leaves of a stack; (what its line has to say, what the text below has to have)."""
    stack = folder.name
    if failure == "gone":
        return failed_because(f"Nothing is there of it: {LOG}"), "Nothing is there of it"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if failure == "torn":
        (folder / "result.json").write_text(TORN)
        return failed_because(f"What it left is not whole: {LOG}"), "What it left is not whole"
    changes = {"create": difference} if difference > 0 else {"delete": -difference} if difference < 0 else {}
    failed = {"impact": ["billing impact"], "error": ["preview"], "policy": ["preview"], "killed": ["preview"]}.get(failure, [])
    text = {
        "killed": "It did not come to an end",
        "error": f"error: no such price in {stack} ({run})",
        "policy": f"Policies:\n    - [mandatory]  a-rule (Price: {stack} in {run})\n      no",
    }.get(failure, f"Previewing update ({stack}): {difference} ({run})")
    text += f"\nerror: no usage ({run})\n" if failure == "impact" else ""
    result = {
        "stack": stack,
        "changes": {} if "preview" in failed else changes,
        "failed": failed,
        "deploys": bool(changes),
        "run": run,
    }
    (folder / "preview.txt").write_text(text)
    if not failed:
        (folder / "impact.md").write_text(f"Bills of {stack} ({run}).")
    (folder / "result.json").write_text(json.dumps(result))
    if failed:
        says = {"policy": f"- [mandatory]  a-rule (Price: {stack} in {run})", "impact": f"error: no usage ({run})"}
        return failed_because(says.get(failure, text), failed[0]), text
    return ", ".join(f"{count} to {op}" for op, count in changes.items()) or "no changes", text


def failed_because(why: str, what: str = "preview") -> str:
    return f"❌ {what} failed: ` {why} `"


def looked(folder: Path, run: str, drift: str, orphans: str, failure: str) -> None:
    """Writes what `ci-drift` leaves of a stack: nothing where it could not look, or was killed before it came to the end, and
    what an earlier night left where it never began."""
    if failure == "gone":
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if failure == "down":
        return
    (folder / "drift.txt").write_text(f"~ name: {drift}" if drift else "no drift")
    (folder / "orphans.txt").write_text(f"Customer {orphans}" if orphans else "")
    if failure != "unwritten":
        found = {
            "stack": folder.name,
            "drift": bool(drift),
            "orphans": [{"kind": "Customer", "id": orphans}] if orphans else [],
            "run": run,
        }
        (folder / "drift.json").write_text(TORN if failure == "torn" else json.dumps(found))


# -- what is at GitHub


def comment_marker(project: str) -> str:
    return f"<!-- pulumi: what this pull request does to {project} -->"


def issue_marker(project: str, stack: str) -> str:
    return f"<!-- drift: {project}/{stack} -->"


def project_of(comment: str) -> str:
    [found] = re.findall(r"\A<!-- pulumi: what this pull request does to (\S+) -->$", comment, re.M)
    return str(found)


def stack_of(issue: str) -> tuple[str, str]:
    [(project, stack)] = re.findall(r"\A<!-- drift: (\S+)/(\S+) -->$", issue, re.M)
    return project, stack


def own(issue: dict[str, Any]) -> bool:
    return bool(issue["author"]["is_bot"])


def others(store: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What somebody else wrote."""
    return [c for c in store["comments"] if not c["viewerDidAuthor"]], [i for i in store["issues"] if not own(i)]


def misread(comment: str, run: str, wanted: dict[str, tuple[str, str]]) -> str:
    """What a reader of the comment would take for something that is not so; empty where there is nothing."""
    lines = dict(re.findall(r"^- \*\*(.+?)\*\*: (.*)$", comment, re.M))
    if lines != {stack: line for stack, (line, _) in wanted.items()}:
        return f"{lines} instead of {wanted}"
    folds = dict(re.findall(r"<summary>Preview of (\S+), under the policies</summary>(.*?)</details>", comment, re.S))
    if folds.keys() != wanted.keys() or any(text not in folds[stack] for stack, (_, text) in wanted.items()):
        return f"{folds} instead of {wanted}"
    told = set(re.findall(r"run-\d+", comment))
    return "" if told == {run} else f"{told} instead of {run}"
