"""Whoever reads a project's settings sees what an engine gives the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from pulumi_local.project import file
from pulumi_local.state import secrets
from stripe_client.project import configured, stack_of
from stripe_project.environments import STRIPE_DEFAULTS, settings_of
from stripe_resources.testing import configuration

PROJECT = """\
name: shop
runtime: {name: python, options: {toolchain: pip, virtualenv: VENV}}
stackConfigDir: stacks
config:
  size: {type: integer, default: 4}
  open: {type: boolean, default: true}
  word: hello
  octal: 010
  agreed: {type: string, default: yes}
  names: {type: array, items: {type: string}, default: [a, b]}
  limits: {type: object, default: {b: 1, a: {c: [1.5, "<&>"]}}}
  plan.price: {type: integer, default: 5}
  shop:own: {type: string, default: x}
  stripe:livemode: {value: true}
  stripe:requestsPerSecond: {value: 7}
"""
STACK = """\
encryptionsalt: SALT
config:
  size: 6
  plan: {name: a}
  date: 2024-01-01
  half: 1.50
  big: 12345678901234567
  off: off
  nothing:
  empty: ""
  "shop:deep": {list: [{key: {secure: HUSH}}, 2], plain: x}
  token: {secure: HUSH}
  other:key: [yes, no, true]
  stripe:requestsPerSecond: 9
"""
PROGRAM = """\
import json, pathlib, pulumi
from pulumi.runtime.config import CONFIG, get_config_env

pathlib.Path("seen.json").write_text(json.dumps({**get_config_env(), **CONFIG.get()}))
"""


def test_every_reader_sees_what_the_engine_gives(tmp_path: Path) -> None:
    opened = secrets.create("")
    (tmp_path / "Pulumi.yaml").write_text(PROJECT.replace("VENV", sys.prefix))
    (tmp_path / "stacks").mkdir()
    text = STACK.replace("SALT", opened.salt).replace("HUSH", opened.encrypt("hush"))
    (tmp_path / "stacks" / "Pulumi.dev.yaml").write_text(text)
    (tmp_path / "__main__.py").write_text(PROGRAM)
    (tmp_path / "state").mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PULUMI_", "STRIPE_"))}
    environment |= {"PULUMI_BACKEND_URL": f"file://{tmp_path}/state", "PULUMI_CONFIG_PASSPHRASE": ""}
    for arguments in (("stack", "init", "dev"), ("preview", "--stack", "dev")):
        command = [sys.executable, "-m", "pulumi_local", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
    given = json.loads((tmp_path / "seen.json").read_text())
    assert given["shop:limits"] == '{"a":{"c":[1.5,"\\u003c\\u0026\\u003e"]},"b":1}'
    assert (given["shop:off"], given["shop:octal"], given["stripe:livemode"]) == ("off", "10", "true")

    found = configured(tmp_path / "Pulumi.yaml", "dev", decrypt=opened.decrypt)
    assert {key: value.text for key, value in found.items()} == given
    assert {key for key, value in found.items() if value.secret} == {"shop:deep", "shop:token"}
    plain = {key: value for key, value in given.items() if key not in ("shop:deep", "shop:token")}
    assert configuration("dev", tmp_path) == plain
    assert stack_of(tmp_path, None, "dev").config == plain
    settings = stack_of(tmp_path, None, "dev").settings({"STRIPE_API_KEY": "sk_live_x"})
    assert (settings.livemode, settings.requests_per_second, settings.problems) == (True, 9.0, ())
    compared = settings_of(file.load(tmp_path), "dev")
    assert {key: setting.value for key, setting in compared.items()} == {**STRIPE_DEFAULTS, **given}
    assert compared["shop:size"].shown == "6"
    assert compared["shop:word"].shown == "hello (default)"
    assert compared["shop:deep"].shown == "[secret]"
