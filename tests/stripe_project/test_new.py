"""`stripe-project new`: the project that it makes, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from stripe_project import template
from stripe_resources.testing import run
from tests.stripe_project.existing import contents
from tests.stripe_project.running import Done, command, typed

ROOT = Path(__file__).parents[2]
PLAN = ("--plan", "Tokens: pay as you go", "--currency", "eur", "--unit-amount", "5")


def new(folder: Path, *arguments: str) -> Done:
    return command(folder, "new", *arguments)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    done = new(tmp_path, "shop", *PLAN)
    assert done.returncode == 0, done.stderr
    assert "Tokens: pay as you go, at 0.05 EUR a unit" in done.stdout
    assert "cd shop" in done.stdout
    return tmp_path / "shop"


@pytest.mark.parametrize("stack", template.STACKS)
def test_every_environment_declares_the_plan(shop: Path, stack: str) -> None:
    deployment = run(stack, shop)
    assert deployment.problems == []
    price = deployment.of("Price", "usage-monthly")
    assert (price.inputs["currency"], price.inputs["unit_amount"], price.protect) == ("eur", 5, stack == "prod")
    assert price.inputs["metadata"] == {"owner": "shop", "environment": stack}
    assert deployment.of("Product", "pay-as-you-go").inputs["name"] == "Tokens: pay as you go"
    assert ("test-customer" in deployment.resources) == (stack == "dev")


def test_it_is_the_template_with_nothing_left_to_fill_in(shop: Path) -> None:
    made = contents(shop)
    assert sorted(made) == sorted(path.as_posix() for path in template.paths())
    assert not [name for name, text in made.items() if "${PROJECT}" in text or "${DESCRIPTION}" in text]
    project = yaml.safe_load(made["Pulumi.yaml"])
    assert (project["name"], "template" in project) == ("shop", False)
    assert made["README.md"].startswith("# shop\n")


def test_a_misspelt_setting_is_refused(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    settings = shop / "Pulumi.prod.yaml"
    settings.write_text(settings.read_text() + "  unitAmonut: 6\n")
    with pytest.raises(Exception, match=r"shop:unitAmonut is not a setting: .* did you mean shop:unitAmount"):
        run("prod")


def test_it_is_made_here_and_takes_the_defaults(tmp_path: Path) -> None:
    here = tmp_path / "Our shop!"
    (here / ".git").mkdir(parents=True)
    done = new(here, "--yes")
    assert (done.returncode, "  cd " in done.stdout) == (0, False), done.stderr
    assert yaml.safe_load((here / "Pulumi.yaml").read_text())["name"] == "Ourshop"
    assert run("prod", here).of("Price", "usage-monthly").inputs["unit_amount"] == 4


def test_texts_that_yaml_would_misread_arrive(tmp_path: Path) -> None:
    done = new(
        tmp_path,
        "shop",
        "--name",
        "123",
        "--description",
        "Shop: a\nb",
        "--plan",
        "yes",
        "--currency",
        "usd",
        "--unit-amount",
        "010",
    )
    assert done.returncode == 0, done.stderr
    project = yaml.safe_load((tmp_path / "shop" / "Pulumi.yaml").read_text())
    assert (project["name"], project["description"]) == ("123", "Shop: a\nb")
    declared = run("prod", tmp_path / "shop")
    assert declared.of("Product", "pay-as-you-go").inputs["name"] == "yes"
    assert declared.of("Price", "usage-monthly").inputs["unit_amount"] == 10


def test_the_policies_allow_the_plan_s_currency(tmp_path: Path) -> None:
    assert new(tmp_path, "shop", "--currency", "jpy", "--yes").returncode == 0
    for stack in template.STACKS:
        levels = json.loads((tmp_path / "shop" / "policy" / "config" / f"{stack}.json").read_text())
        assert levels["currencies-are-allowed"] == {"enforcementLevel": "mandatory", "currencies": ["usd", "eur", "gbp", "jpy"]}


def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    done = new(tmp_path, "shop", "--name", "our shop", "--plan", "", "--currency", "EUR", "--unit-amount", "0.05")
    assert (done.returncode, done.stderr.splitlines()) == (
        1,
        [
            '--name: is "our shop"; give letters, digits, hyphens, underscores and periods',
            "--plan: is missing; give a string",
            "--currency: is 'EUR'; give a three-letter ISO currency code in lower case, such as usd",
            "--unit-amount: is '0.05'; give a whole number of minor currency units, of which 4 are 0.04 USD",
        ],
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", 'is ""; give letters'),
        ("x" * 101, "has 101 characters; give 100 at most"),
        ("Pulumi.Shop", "give one that is not Pulumi, and does not begin with it"),
    ],
)
def test_names_that_pulumi_refuses(tmp_path: Path, name: str, says: str) -> None:
    done = new(tmp_path, "shop", "--name", name, "--yes")
    assert (done.returncode, says in done.stderr) == (1, True), done.stderr


def test_where_nobody_can_be_asked_the_missing_options_are_named(tmp_path: Path) -> None:
    done = new(tmp_path, "shop", "--currency", "usd")
    assert done.returncode == 1
    assert done.stderr == "there is nobody to ask; give --plan, --unit-amount, or --yes: it takes the defaults\n"


def test_a_folder_that_is_not_empty_is_refused_unless_told_otherwise(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "notes.txt").write_text("mine")
    (tmp_path / "shop" / "Makefile").write_text("mine")
    done = new(tmp_path, "shop", "--yes")
    assert (done.returncode, "shop is not empty" in done.stderr) == (1, True)
    assert (tmp_path / "shop" / "Makefile").read_text() == "mine"
    assert new(tmp_path, "shop", "--yes", "--force").returncode == 0
    assert (tmp_path / "shop" / "notes.txt").read_text() == "mine"
    assert "make up" in (tmp_path / "shop" / "Makefile").read_text()
    (tmp_path / "file").touch()
    assert "file is a file; name a folder" in new(tmp_path, "file", "--yes").stderr


def test_on_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    seen = typed(tmp_path, "new", "shop", "--currency", "jpy", lines="a shop\nshop\nTokens\nfree\n7\n")
    assert 'is "a shop"; give letters' in seen
    assert "The price of one unit of usage, in minor currency units (4 is 4 JPY) [4]:" in seen
    assert "is 'free'; give a whole number" in seen
    assert "Made shop (Tokens, at 7 JPY a unit)" in seen
    assert run("staging", tmp_path / "shop").of("Price", "usage-monthly").inputs["unit_amount"] == 7
