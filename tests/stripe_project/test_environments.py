"""`stripe-project diff`: how two environments differ."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_local.project import file
from pulumi_local.state import secrets
from stripe_project import settings
from stripe_project.environments import ABSENT, Setting, compare, render, settings_of

ROOT = Path(__file__).parents[2]
PROJECT = """\
name: shop
runtime: python
config:
  size: {type: integer, default: 4}
  name: {type: string}
"""
STACK = """\
config:
  name: x
  stripe:apiKey: {secure: v1:abc}
  shop:keys: [{deep: {secure: v1:def}}]
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "stripe_project", "diff", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)


def test_staging_and_production_differ_in_what_their_files_say() -> None:
    done = run("staging", "prod", "--exit-code")
    assert (done.returncode, done.stderr) == (1, "")
    rows = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert rows[:7] == [
        "setting staging prod",
        "hypernian:environment staging prod",
        "hypernian:eventName hypernian_tokens_staging hypernian_tokens (default)",
        "hypernian:lookupKey hypernian_tokens_monthly_staging hypernian_tokens_monthly (default)",
        "hypernian:protect false (default) true",
        "stripe:livemode false true",
        rows[6],
    ]
    assert rows[6].endswith("more settings are the same.")
    price = rows.index("Price tokens-monthly")
    assert rows[price + 1 : price + 4] == [
        "lookup_key hypernian_tokens_monthly_staging hypernian_tokens_monthly",
        "metadata.environment staging prod",
        "options.protect (not set) true",
    ]


def test_for_machines() -> None:
    found = json.loads(run("dev", "staging", "--json").stdout)
    assert {"setting": "hypernian:testCustomer", "dev": "true", "staging": "false (default)"} in found["settings"]
    assert found["declared"]["Customer john-doe"] == [{"field": "", "dev": "declared", "staging": ABSENT}]


def test_an_environment_does_not_differ_from_itself() -> None:
    done = run("prod", "prod", "--exit-code")
    assert done.returncode == 0
    assert "\n0 more resources" not in done.stdout


def test_one_that_is_not_there_is_said_to_be_none() -> None:
    done = run("staging", "nowhere")
    assert done.returncode == 1
    assert done.stderr == "There is no Pulumi.nowhere.yaml; the environments are dev, prod, staging\n"


def test_defaults_and_secrets(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text(STACK)
    found = settings_of(file.load(tmp_path), "dev")
    assert found["shop:size"] == Setting("4", default=True)
    assert found["shop:name"] == Setting("x")
    assert found["stripe:livemode"] == Setting("false", default=True)
    assert found["stripe:apiKey"] == found["shop:keys"] == Setting("", secret=True, opened=False)
    assert found["stripe:apiKey"].shown == "[secret]"


def test_what_an_engine_refuses_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {size: many}\n")
    with pytest.raises(SystemExit, match="Stack 'dev' is missing configuration value 'name'"):
        settings_of(file.load(tmp_path), "dev")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {name: x, size: many}\n")
    with pytest.raises(SystemExit, match="configuration key 'size' must be of type 'integer'"):
        settings_of(file.load(tmp_path), "dev")


def test_what_cannot_be_decrypted_is_not_compared_but_its_absence_is() -> None:
    closed = Setting("", secret=True, opened=False)
    difference = compare(({"a": closed, "b": closed}, {"a": closed}), ({}, {}))
    assert difference.uncompared == ["a"]
    assert difference.settings == [("b", "[secret]", "(not set)")]


def test_secret_settings_are_compared_and_not_shown(tmp_path: Path) -> None:
    """Wherever the program puts them, in whatever type it reads them."""
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig: {price: {type: integer}}\n")
    for stack, price, passphrase in (("one", "4711", ""), ("two", "4712", "other")):
        opened = secrets.create(passphrase)
        hush, same, cost = (f"{{secure: {opened.encrypt(text)}}}" for text in (f"hush-{stack}", "hush", price))
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(
            f"encryptionsalt: {opened.salt}\nconfig:\n  shop:token: {hush}\n  shop:same: {same}\n  shop:price: {cost}\n"
            f"  shop:deep: {{list: [{{key: {hush}}}]}}\n"
        )
    (tmp_path / "__main__.py").write_text(
        "import pulumi\n"
        "from stripe_resources import Product\n"
        "config = pulumi.Config()\n"
        "deep = config.require_object('deep')['list'][0]['key']\n"
        "name = f'for {config.require(\"token\")}'\n"
        "Product('p', name=name, metadata={'deep': deep}, unit_label=config.require_secret('same'),\n"
        "    description=config.require_secret_int('price').apply(lambda p: f'{p + 1}'))\n"
    )

    def said(first: str, second: str, passphrase: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "stripe_project", "diff", first, second, "--json"]
        environment = {**os.environ, "PULUMI_CONFIG_PASSPHRASE": passphrase}
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)

    (tmp_path / "Pulumi.three.yaml").write_text((tmp_path / "Pulumi.one.yaml").read_text())
    done = said("one", "three", "")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"settings": [], "secret": [], "declared": {}}), done.stderr

    opened = secrets.unlock("", (tmp_path / "Pulumi.one.yaml").read_text().split()[1])
    text = (tmp_path / "Pulumi.one.yaml").read_text()
    lines = [
        line if "deep" not in line else f"  shop:deep: {{list: [{{key: {{secure: {opened.encrypt('hush-two')}}}}}]}}"
        for line in text.splitlines()
    ]
    (tmp_path / "Pulumi.three.yaml").write_text("\n".join(lines) + "\n")
    done = said("one", "three", "")
    assert (done.returncode, "hush" in done.stdout) == (0, False), done.stderr
    secret = {"one": "[secret]", "three": "[secret]"}
    found = json.loads(done.stdout)
    assert found["settings"] == [{"setting": "shop:deep", **secret}]
    assert found["declared"] == {"Product p": [{"field": "metadata.deep", **secret}]}

    done = said("one", "two", "")
    assert done.returncode == 1
    assert "The program refuses the settings of two: " in done.stderr
    assert "shop:price" in done.stderr.partition("cannot be decrypted: set PULUMI_CONFIG_PASSPHRASE")[0]
    assert "hush" not in done.stdout + done.stderr


def test_secrets_that_the_program_makes_are_compared_and_not_shown(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    for stack in ("one", "two"):
        (tmp_path / f"Pulumi.{stack}.yaml").write_text(f"config:\n  token: hush-{stack}\n")
    (tmp_path / "__main__.py").write_text(
        "import pulumi\n"
        "from stripe_resources import Product\n"
        "token = pulumi.Output.secret(pulumi.Config().require('token'))\n"
        "same = pulumi.Output.secret('hush')\n"
        "features = [{'name': token.apply(lambda t: f'for {t}')}]\n"
        "metadata = {'token': token, 'same': same}\n"
        "Product('p', name='P', metadata=metadata, unit_label=same, marketing_features=features, description=token)\n"
    )
    for form in ((), ("--json",)):
        command = [sys.executable, "-m", "stripe_project", "diff", "one", "two", *form]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        said = done.stdout.replace("hush-one", "", 1).replace("hush-two", "", 1)  # the setting, which is in clear
        assert "hush" not in said
    declared = json.loads(done.stdout)["declared"]["Product p"]
    secret = {"one": "[secret]", "two": "[secret]"}
    assert declared == [{"field": f, **secret} for f in ("description", "marketing_features", "metadata")]


SETTINGS = st.dictionaries(
    st.sampled_from(["p:a", "p:b", "stripe:c"]), st.builds(Setting, st.sampled_from(["1", "2"]), st.booleans())
)
RESOURCES: st.SearchStrategy[dict[str, dict[str, str]]] = st.dictionaries(
    st.sampled_from(["Price x", "Meter y"]),
    st.dictionaries(st.sampled_from(["f", "g[0]"]), st.sampled_from(["1", "2"]), max_size=2),
)


@given(SETTINGS, SETTINGS, RESOURCES, RESOURCES)
def test_every_difference_is_shown_and_nothing_else(a: Any, b: Any, left: Any, right: Any) -> None:
    difference = compare((a, b), (left, right))
    values = tuple({k: (s.secret, s.value) for k, s in found.items()} for found in (a, b))
    assert {row[0] for row in difference.settings} == {k for k in {*a, *b} if values[0].get(k) != values[1].get(k)}
    assert {name for name, _ in difference.declared} == {n for n in {*left, *right} if left.get(n) != right.get(n)}
    assert difference.any == (values[0] != values[1] or left != right)
    assert len(difference.settings) + difference.same_settings == len({*a, *b})
    text = render("one", "two", difference)
    assert all(row[0] in text for row in difference.settings)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_files_of_the_repository_are_read(stack: str) -> None:
    assert settings_of(settings.project(), stack)["hypernian:environment"] == Setting(stack)
