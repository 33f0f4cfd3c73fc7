"""The key goes through everything that a stack lives through, and then is looked for in every byte written or printed."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project
from tests.stripe_local.server import LocalStripe

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(400)]
"""A whole life of a stack, some fifteen commands, and one that retries to its end."""

KEY = "sk_test_Recognisable7Secret"
PROVIDER = "default"
"""The name in its URN of the provider that the engine keeps in the state."""

PROGRAM = """
from stripe_resources import Price, Product

product = Product("tokens", name="Hypernian")
Price("tokens-monthly", product=product.id, currency="usd", unit_amount=400, nickname="first", lookup_key="tokens")
"""


class Story:
    """A stack whose every command is kept, with a home and a folder for temporary files of its own."""

    def __init__(self, project: Project, server: LocalStripe, **environment: str) -> None:
        self.project, self.server, self.environment = project, server, environment
        self.printed: list[str] = []
        for name, folder in (("HOME", "home"), ("PULUMI_HOME", "home/.pulumi"), ("TMPDIR", "tmp")):
            (project.folder / folder).mkdir(parents=True, exist_ok=True)
            project.environment[name] = str(project.folder / folder)

    def run(self, *arguments: str, fails: bool = False, **environment: str) -> str:
        """One command on the stack, in whichever form it prints: it succeeds, or fails, as expected."""
        done = self.project.run(*arguments, "--stack", "dev", "--color", "never", **{**self.environment, **environment})
        assert (done.returncode != 0) == fails, done.stdout
        self.printed.append(done.stdout)
        return done.stdout

    def failing_up(self, nickname: str, **fault: Any) -> str:
        """An `up` that changes the price, which fails."""
        self.project.edit('nickname="first"', f'nickname="{nickname}"')
        headers = {"Stripe-Should-Retry": "false"}
        self.server.fault(match={"method": "POST", "path": "/v1/prices/"}, times=1, headers=headers, **fault)
        text = self.run("up", "--yes", "--skip-preview", fails=True)
        self.project.edit(f'nickname="{nickname}"', 'nickname="first"')
        return text

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """Every file of the project, its state and its home, and the local Stripe's own."""
        for root in (self.project.folder, self.server.db.parent):
            for path in sorted(root.rglob("*")):
                if path.is_file():
                    yield path, path.read_bytes()


def traces(data: bytes) -> list[bytes]:
    """The forms of the key that occur: as it is, and as a part of base64, which is how Basic authentication sends it."""
    forms = [KEY.encode()]
    for offset in range(3):
        text = base64.b64encode(b"x" * offset + KEY.encode() + b":")
        forms.append(text[4:-4])  # what does not depend on the neighbours
    return [form for form in forms if form in data]


def lived(story: Story, verbosity: int) -> None:
    """Previews, deployments that work and that fail, refresh, policies, exports: all but the end."""
    story.run("preview")
    story.run("preview", "--json", "--diff")
    story.run("up", "--yes")
    story.project.edit("Hypernian", "Tokens")
    log = (f"-v={verbosity}", "--logtostderr") if story.project.engine == "cli" else ()
    story.run("up", "--yes", "--skip-preview", "--diff", *log)
    assert "HTTP 401" in story.failing_up("second", status=401)
    assert "HTTP 400" in story.failing_up("third", status=400)
    assert "HTTP 500" in story.failing_up("fourth", status=500)
    story.run("refresh", "--yes", "--run-program", "--json", "--skip-preview")
    story.run("preview", "--policy-pack", "policy")
    story.run("stack", "output", "--json")
    story.run("stack", "export")
    story.run("config")


def assert_nowhere(story: Story) -> None:
    for text in (*story.printed, json.dumps(story.server.requests())):
        assert traces(text.encode()) == [], text
    found = {str(path): traces(data) for path, data in story.written()}
    assert {path: forms for path, forms in found.items() if forms} == {}
    assert any(".pulumi" in path and "history" in path for path in found)
    assert any(path.endswith(".json.bak") for path in found)
    assert str(story.server.db) in found


def test_a_configured_key_is_nowhere_but_encrypted(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    stripe_server.secret_key(KEY)
    story = Story(project, stripe_server)
    project.config("stripe:apiKey", KEY, "--secret")
    lived(story, verbosity=8)  # at 9 the CLI logs what it sends to providers, secrets and all: docs/keys.md says so

    kept = project.resources()[PROVIDER]
    for values in (kept["inputs"], kept["outputs"]):
        secret = values["stripe:apiKey"]
        assert secret.keys() == {"4dabf18193072939515e22adb298388d", "ciphertext"}, "an encrypted secret"
        assert traces(secret["ciphertext"].encode()) == []
    elsewhere = {name: r for name, r in project.resources().items() if name != PROVIDER}
    assert secret["ciphertext"] not in json.dumps(elsewhere)
    shown = project.run("stack", "export", "--stack", "dev", "--show-secrets", check=True).stdout
    assert KEY in shown, "decrypted, it is the key"
    assert shown.count(KEY) == 2, "in the inputs and the outputs of the provider, and in no resource"

    story.run("destroy", "--yes", "--skip-preview")
    assert_nowhere(story)


def test_a_key_in_the_environment_is_nowhere(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    stripe_server.secret_key(KEY)
    story = Story(project, stripe_server, STRIPE_API_KEY=KEY)
    lived(story, verbosity=9)
    shown = project.run("stack", "export", "--stack", "dev", "--show-secrets", check=True).stdout
    assert KEY not in shown
    assert "stripe:apiKey" not in project.resources()[PROVIDER]["inputs"]
    unreachable = story.run("destroy", "--yes", "--skip-preview", fails=True, STRIPE_API_BASE="http://127.0.0.1:9")
    assert "no answer from" in unreachable
    story.run("destroy", "--yes")
    assert_nowhere(story)


def test_a_key_in_clear_is_warned_of_once(project: Project, stripe_server: LocalStripe) -> None:
    project.program(PROGRAM)
    for flag, said in (("--plaintext", 1), ("--secret", 0)):
        project.config("stripe:apiKey", KEY, flag)
        warnings = [line for line in project.preview().text.splitlines() if "stripe:apiKey is in clear" in line]
        assert [line.partition(":")[0] for line in warnings] == ["warning"] * said
        assert all("pulumi config set --secret stripe:apiKey --stack dev" in line and KEY not in line for line in warnings)
