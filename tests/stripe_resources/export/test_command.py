"""`python -m stripe_resources export`, as one types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import ROOT, captured
from tests.stripe_local.server import LIVE_KEY, LocalStripe

from .account import fill

Done = subprocess.CompletedProcess[str]


class Shell:
    """A project's folder, in which the command is run."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (folder / "Pulumi.dev.yaml").write_text(f"config:\n  stripe:apiBase: {url}\n  shop:note: [1, 2]\n")
        hidden = ("STRIPE_", "PULUMI_")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)} | {"PYTHONPATH": str(ROOT)}

    def export(self, *arguments: str, **environment: str) -> Done:
        command = [sys.executable, "-m", "stripe_resources", "export", *arguments]
        return captured(command, self.folder, {**self.environment, **environment})

    def resources(self, out: str = "out") -> list[dict[str, Any]]:
        content: list[dict[str, Any]] = json.loads((self.folder / out / "import.json").read_text())["resources"]
        return content

    def ids(self, out: str = "out") -> set[str]:
        return {r["id"] for r in self.resources(out)}


@pytest.fixture
def shell(tmp_path: Path, server: LocalStripe) -> Shell:
    return Shell(tmp_path, server.url)


def refused(done: Done, says: str) -> None:
    assert done.returncode == 1
    assert done.stdout.startswith("error: ")
    assert done.stdout.count("\n") == 1, done.stdout
    assert says in done.stdout


def test_the_catalogue_by_default(shell: Shell, server: LocalStripe) -> None:
    ids = fill(server)
    done = shell.export("--stack", "dev", "--out", "out")
    assert done.returncode == 0, done.stdout
    assert "Exported 3 Meter, 3 Product, 8 Price" in done.stdout
    assert "pulumi import --stack dev --file out/import.json --yes --generate-code=false --protect=false" in done.stdout
    assert "belongs to other/prod/Price/theirs" in done.stdout
    assert "3 out of use (--include-archived takes them in)" in done.stdout
    assert ids["customer"] not in shell.ids()
    assert {r["inputs"]["__owner"].rpartition("/")[0] for r in shell.resources() if r["id"] == ids["monthly"]} == {
        "shop/dev/Price"
    }
    compile((shell.folder / "out" / "__main__.py").read_text(), "__main__.py", "exec")


def test_kinds_and_names_of_project_and_stack(shell: Shell, server: LocalStripe) -> None:
    ids = fill(server)
    done = shell.export(
        *("--project", "other", "--out", "out", "--kinds", "Customer, Subscription"),
        PULUMI_STACK="org/prod",
        STRIPE_API_BASE=server.url,
    )
    assert done.returncode == 0, done.stdout
    assert shell.ids() == {ids["customer"], ids["subscription"]}
    assert shell.resources()[0]["inputs"]["__owner"] == "other/prod/Customer/john-doe"
    assert f"{ids['monthly']} is written as it is: it is not exported" in done.stdout


def test_one_product(shell: Shell, server: LocalStripe) -> None:
    ids = fill(server)
    done = shell.export("--stack", "dev", "--out", "out", "--product", ids['Café "Zürich" \\ 東京'])
    assert done.returncode == 0, done.stdout
    assert shell.ids() == {ids[name] for name in ('Café "Zürich" \\ 東京', "monthly", "yearly", "tokens", "api.calls")}


def test_one_price_of_an_archived_product(shell: Shell, server: LocalStripe) -> None:
    ids = fill(server)
    done = shell.export("--stack", "dev", "--out", "out", "--price", ids["of an archived product"])
    assert done.returncode == 0, done.stdout
    assert shell.ids() == {ids["of an archived product"]}
    assert "1 out of use" in done.stdout
    again = shell.export(
        *("--stack", "dev", "--out", "out", "--force", "--include-archived", "--price", ids["of an archived product"])
    )
    assert again.returncode == 0, again.stdout
    assert shell.ids() == {ids["of an archived product"], ids["Archived"]}


def test_files_that_are_there_are_not_overwritten(shell: Shell, server: LocalStripe) -> None:
    server.client().v1.products.create({"name": "Pro"})
    (shell.folder / "__main__.py").write_text("mine\n")
    refused(shell.export("--stack", "dev", "--out", "."), "__main__.py would be overwritten; give another --out, or --force")
    assert (shell.folder / "__main__.py").read_text() == "mine\n"
    assert not (shell.folder / "import.json").exists()
    assert shell.export("--stack", "dev", "--out", ".", "--force").returncode == 0
    assert 'Product(\n    "pro",' in (shell.folder / "__main__.py").read_text()


def test_an_empty_account(shell: Shell) -> None:
    refused(shell.export("--stack", "dev", "--out", "out"), "there is nothing to export")
    assert not (shell.folder / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "says"),
    [
        (["--out", "out"], {}, "which stack is it for? Give --stack, or set PULUMI_STACK"),
        (["--stack", 'd"ev', "--out", "out"], {}, "which stack is it for, since 'd\"ev' is not a name?"),
        (
            ["--stack", "dev", "--out", "out", "--kinds", "Meter,Voucher"],
            {},
            '--kinds: "Voucher" is not a kind that can be exported; give some of',
        ),
        (["--stack", "dev", "--out", "out", "--product", "prod_1"], {}, "this account has no Product prod_1"),
        (["--stack", "dev", "--out", "out", "--price", "price_1"], {}, "this account has no Price price_1"),
        (
            ["--stack", "dev", "--out", "out", "--price", "price_1", "--kinds", "Customer"],
            {},
            "--product and --price choose from the catalogue; leave Customer out of --kinds",
        ),
        (["--stack", "dev", "--out", "Pulumi.yaml/out"], {}, "Pulumi.yaml/out"),
        (
            ["--stack", "dev", "--out", "out"],
            {"STRIPE_API_KEY": LIVE_KEY},
            "STRIPE_API_KEY holds a live key, but this stack is not",
        ),
        (["--stack", "prod", "--out", "out"], {}, "stripe:apiKey is not set; set STRIPE_API_KEY"),
    ],
)
def test_what_is_wrong_is_one_line(
    shell: Shell, server: LocalStripe, arguments: list[str], environment: dict[str, str], says: str
) -> None:
    server.client().v1.products.create({"name": "Pro"})
    refused(shell.export(*arguments, **environment), says)


def test_outside_of_a_project_it_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shell = Shell(tmp_path / "elsewhere", "http://127.0.0.1:1")
    (shell.folder / "Pulumi.yaml").unlink()
    refused(shell.export("--stack", "dev", "--out", "out"), "which project is it for? Give --project")


def test_a_project_file_that_is_no_yaml(shell: Shell) -> None:
    (shell.folder / "Pulumi.yaml").write_text("name: [")
    refused(shell.export("--stack", "dev", "--out", "out"), "Pulumi.yaml: while parsing")


def test_help_says_what_is_written_and_sent(shell: Shell) -> None:
    done = shell.export("--help")
    assert done.returncode == 0
    for word in ("__main__.py", "import.json", "GET requests only", "STRIPE_API_KEY", "Meter,Product,Price,DefaultPrice"):
        assert word in done.stdout
