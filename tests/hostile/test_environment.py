"""Whatever a variable of the environment holds, commands that read it take it as it is, or refuse it in a few lines."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest

import pulumi_local.cli
import stripe_impact.command
import stripe_project.__main__
import stripe_usage.__main__
from tests.conftest import COUNTED
from tests.pulumi_local.shop import Shop
from tests.sampling import spread
from tests.stripe_impact.previews import PRICE, Change, text
from tests.stripe_local.server import LocalStripe
from tests.surface.collecting import environment

from .inputs import ESCAPES

VALUES = {
    "empty": b"",
    "blank": b" ",
    "long": b"x" * 100_000,
    "no UTF-8": b"a\xff\xfeb",
    "escapes": ESCAPES.encode(),
    "digits": b"9" * 5000,
    "negative": b"-1",
    "folder": b"/",
    "device": b"/dev/full",
    "no folder": b"/dev/null/x",
    "address": b"http://[::1",
    "port": b"http://127.0.0.1:99999",
    "two lines": b"a\nb: c",
    "JSON": b'{"a": [',
    "YAML": b"&a [*a]",
}
Main = Callable[[list[str]], int]
USAGE, IMPACT, PROJECT, ENGINE = (
    stripe_usage.__main__.main,
    stripe_impact.command.main,
    stripe_project.__main__.main,
    pulumi_local.cli.main,
)
SUMMARY = (USAGE, "summary", "--event-name", "tokens", "--customer", "CUSTOMER")
RECORD = (USAGE, "record", "--event-name", "tokens", "--stream", "--quiet", "EVENTS")
REPORT = (IMPACT, "PREVIEW")
STACKS, OUTPUT, CONFIG = (ENGINE, "stack", "ls"), (ENGINE, "stack", "output", "--show-secrets"), (ENGINE, "config")
REFRESH = (ENGINE, "refresh", "--yes", "--stack", "dev")
COMMENT = (PROJECT, "ci-comment", "--pull-request", "1")
ISSUE = (PROJECT, "ci-issue")
READ_BY: dict[str, tuple[tuple[object, ...], ...]] = {
    "CI_OUT": (COMMENT, ISSUE),
    "CI_RUN": (COMMENT, ISSUE),
    "CI_STACKS": (COMMENT,),
    "GITHUB_EVENT_PATH": (COMMENT,),
    "NO_COLOR": (SUMMARY, STACKS),
    "PULUMI_ACCESS_TOKEN": (STACKS,),
    "PULUMI_BACKEND_URL": (STACKS, OUTPUT),
    "PULUMI_CONFIG_PASSPHRASE": (OUTPUT, CONFIG),
    "PULUMI_CONFIG_PASSPHRASE_FILE": (OUTPUT, CONFIG),
    "PULUMI_CONTINUE_ON_ERROR": (REFRESH,),
    "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": (REFRESH,),
    "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": (REFRESH,),
    "PULUMI_HOME": (STACKS, REFRESH),
    "PULUMI_PARALLEL": (REFRESH,),
    "PULUMI_RUN_PROGRAM": (REFRESH,),
    "PULUMI_SKIP_CONFIRMATIONS": (REFRESH,),
    "PULUMI_STACK": (OUTPUT, (USAGE, "summary", "--customer", "CUSTOMER")),
    "STRIPE_API_BASE": (SUMMARY, RECORD, REPORT),
    "STRIPE_API_KEY": (SUMMARY, RECORD, REPORT),
    "STRIPE_METER_EVENTS_BASE": (RECORD,),
    "XDG_STATE_HOME": (RECORD,),
    # not ours, but in force wherever we run
    "COLUMNS": (SUMMARY, STACKS),
    "HOME": (RECORD, STACKS),
    "HTTP_PROXY": (SUMMARY, RECORD),
    "PULUMI_OPTION_TARGET": (REFRESH,),
    "TERM": (SUMMARY, STACKS),
    "TZ": (SUMMARY, STACKS),
}
ELSEWHERE = {
    "POLICY_BASELINE": "a file's name, read where policies run: test_pack_process.py",
    "PULUMI_DRY_RUN": "set by an engine",
    "PULUMI_ENGINE": "a word of two: test_commands of the project",
    "VIRTUAL_ENV": "a folder that has to have a Python, or the project's own is taken: test_toolchains.py",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str], dict[str, str]]]:
    """A project with a stack, the environment in which every command works, and words of the commands."""
    made = tmp_path_factory.mktemp("environment")
    shop = Shop(made)
    shop.ok("stack", "init", "dev")
    (made / "preview.json").write_text(text(Change("replace", "Price", "tokens", "price_1", PRICE, {**PRICE, "unit_amount": 5})))
    with LocalStripe() as server:
        stripe = server.client()
        stripe.v1.billing.meters.create(
            {"display_name": "Tokens", "event_name": "tokens", "default_aggregation": {"formula": "sum"}}
        )
        customer = stripe.v1.customers.create({}).id
        row = {"customer": customer, "value": 1, "timestamp": server.clock() - 100}
        (made / "events.ndjson").write_text(json.dumps(row) + "\n")
        (made / "bin").mkdir()
        env = {**shop.env, "STRIPE_API_BASE": server.url, "XDG_STATE_HOME": str(made / "xdg"), "CI_OUT": str(made / "ci-out")}
        env["PATH"] = str(made / "bin")  # no gh: nothing is sent anywhere
        words = {"CUSTOMER": customer, "EVENTS": str(made / "events.ndjson"), "PREVIEW": str(made / "preview.json")}
        yield shop.folder, env, words


def ran(main: Main, arguments: list[str], folder: Path, env: dict[bytes, bytes]) -> tuple[int, str]:
    """A command in this process: its exit code, and all that it printed."""
    out = io.StringIO()
    variables = {os.fsdecode(name): os.fsdecode(value) for name, value in env.items()}
    with (
        mock.patch.dict(os.environ, variables, clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        try:
            code = main(arguments)
        except SystemExit as e:
            code = e.code if isinstance(e.code, int) else 1
            out.write("" if isinstance(e.code, int) or e.code is None else str(e.code))
    return code, out.getvalue()


def held(variable: str, names: list[str], place: tuple[Path, dict[str, str], dict[str, str]]) -> int:
    folder, env, words = place
    count = 0
    for name in names:
        for main, *arguments in READ_BY[variable]:
            shutil.rmtree(folder.parent / "xdg", ignore_errors=True)
            given = {os.fsencode(n): os.fsencode(v) for n, v in env.items()}
            given[variable.encode()] = VALUES[name]
            if variable == "PULUMI_CONFIG_PASSPHRASE_FILE":
                del given[b"PULUMI_CONFIG_PASSPHRASE"]
            try:
                code, said = ran(main, [words.get(str(word), str(word)) for word in arguments], folder, given)  # type: ignore[arg-type]
            except BaseException as e:
                e.add_note(f"{variable}: {name}: {arguments}")
                raise
            where = f"{variable}: {name}: {arguments}: {code}: {said[-2000:]}"
            assert code in (0, 1, 2, 3, 6, 255), where
            assert code == 0 or said.strip(), where
            assert "Traceback" not in said, where
            assert len(said) < 5000, where
            assert not set(ESCAPES) & set(said) - set("0123456789mine;[]Jm"), where
            count += 1
    return count


def test_every_variable_is_in_the_table() -> None:
    assert environment() <= READ_BY.keys() | ELSEWHERE.keys()


@pytest.mark.parametrize("variable", ["STRIPE_API_BASE", "STRIPE_API_KEY", "XDG_STATE_HOME", "PULUMI_BACKEND_URL"])
def test_a_few_values(variable: str, folder: tuple[Path, dict[str, str], dict[str, str]]) -> None:
    held(variable, list(spread(list(VALUES), 3)), folder)


@pytest.mark.thorough
@pytest.mark.parametrize("variable", READ_BY)
def test_every_value(
    variable: str,
    folder: tuple[Path, dict[str, str], dict[str, str]],
    record_property: Callable[[str, object], None],
) -> None:
    record_property(f"{COUNTED}hostile values of variables", held(variable, list(VALUES), folder))
