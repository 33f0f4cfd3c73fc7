"""`config`: list, set, get, rm."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import click

from pulumi_local import gojson
from pulumi_local.cli import refusals
from pulumi_local.cli.base import Group, Shared, exclusive, stack_option
from pulumi_local.cli.options import switch
from pulumi_local.cli.tables import table
from pulumi_local.errors import EngineError
from pulumi_local.interfaces import MASK
from pulumi_local.project.config import keys, schema, values
from pulumi_local.project.config.keys import Key
from pulumi_local.project.workspace import Stack

_LOOKS_SECRET = re.compile(r"passwd|pass|password|pwd|secret|token|apikey|api_key", re.IGNORECASE)


@click.group(cls=Group, invoke_without_command=True)
@stack_option()
@switch("--show-secrets", help="Show secret values instead of blinded values")
@switch("-j", "--json", "as_json", help="Emit output as JSON")
@click.pass_context
def config(context: click.Context, stack_name: str | None, show_secrets: bool, as_json: bool) -> None:
    """Manage configuration; without a subcommand, list all values of a stack."""
    context.meta["stack"] = stack_name
    if context.invoked_subcommand is None:
        refusals.refuse_flag_variables(context)
        _list(_stack(context, None), show_secrets, as_json)


config.aliases.update({"remove": "rm", "delete": "rm"})


def _stack(context: click.Context, name: str | None) -> Stack:
    shared = context.ensure_object(Shared)
    _ = shared.workspace.project
    return shared.workspace.stack(name or context.meta.get("stack"), offer_new=True)


def _list(stack: Stack, show_secrets: bool, as_json: bool) -> None:
    owner = stack.workspace.project
    merged = schema.with_defaults(owner.config, stack.settings.config)
    any_secret = any(values.has_secret(v) for v in merged.values())
    decrypt = stack.secrets().decrypt if show_secrets and any_secret else _mask
    if as_json:
        entries = {str(k): _entry(merged[k], decrypt, show_secrets) for k in sorted(merged)}
        click.echo(gojson.dumps(entries, indent=2))
        return
    rows = [(key.pretty(owner.name), values.text(merged[key], decrypt)) for key in sorted(merged)]
    click.echo(table(("KEY", "VALUE"), rows))


def _mask(_: str) -> str:
    return MASK


def _entry(raw: values.Raw, decrypt: values.Decrypt, show_secrets: bool) -> dict[str, Any]:
    secret = values.has_secret(raw)
    if secret and not show_secrets:
        return {"secret": True}
    entry: dict[str, Any] = {"value": values.text(raw, decrypt)}
    if values.is_object(raw):
        entry["objectValue"] = json.loads(entry["value"])
    return {**entry, "secret": secret}


@config.command("set")
@click.argument("key")
@click.argument("value", required=False)
@stack_option()
@switch("--path", help="The key contains a path to a property in a map or list to set")
@switch("--plaintext", help="Save the value as plaintext (unencrypted)")
@switch("--secret", help="Encrypt the value instead of storing it in plaintext")
@switch("--raw", help="When setting the value through stdin, do not trim trailing newlines from the value")
@click.pass_context
def set_(
    context: click.Context,
    key: str,
    value: str | None,
    stack_name: str | None,
    path: bool,
    plaintext: bool,
    secret: bool,
    raw: bool,
) -> None:
    """Set a configuration value; without one on the command line, it is read from standard input."""
    exclusive("secret plaintext type", secret=secret, plaintext=plaintext)
    stack = _stack(context, stack_name)
    parsed = keys.parse(key, stack.workspace.project.name, path=path)
    text = value if value is not None else _ask(context.ensure_object(Shared), secret=secret, raw=raw)
    if secret:
        stack.settings.set(parsed, {"secure": stack.secrets().encrypt(text)}, path=path)
        return
    if not plaintext and _LOOKS_SECRET.search(parsed.name) and _hard_to_guess(text):
        raise EngineError(
            f"config value for '{parsed}' looks like a secret; rerun with --secret to encrypt it, or --plaintext if you meant "
            "to store in plaintext"
        )
    inside = path and len(keys.split_path(parsed)[1]) > 0
    stack.settings.set(parsed, values.coerced(text) if inside else text, path=path)


def _ask(shared: Shared, *, secret: bool, raw: bool) -> str:
    if sys.stdin.isatty():
        if not shared.interactive:
            raise EngineError("config value must be specified in non-interactive mode")
        answer: str = click.prompt("value", hide_input=secret, default="", show_default=False)
        return answer
    text = sys.stdin.read()
    return text if raw else text.removesuffix("\n").removesuffix("\r")


def _hard_to_guess(text: str) -> bool:
    """A rough measure of randomness: at least 12 characters of at least three kinds, or of letters and digits mixed."""
    kinds = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
    return len(text) >= 12 and len(set(text)) >= 8 and sum(bool(re.search(k, text)) for k in kinds) >= 2 and " " not in text


@config.command()
@click.argument("key")
@stack_option()
@switch("--path", help="The key contains a path to a property in a map or list to get")
@switch("-j", "--json", "as_json", help="Emit output as JSON")
@click.pass_context
def get(context: click.Context, key: str, stack_name: str | None, path: bool, as_json: bool) -> None:
    """Get a single configuration value, decrypted."""
    stack = _stack(context, stack_name)
    owner = stack.workspace.project
    parsed = keys.parse(key, owner.name, path=path)
    merged = schema.with_defaults(owner.config, stack.settings.config)
    top, below = keys.split_path(parsed) if path else (parsed, [])
    found, there = values.get_path(merged.get(top), below) if top in merged else (None, False)
    if not there:
        raise EngineError(f"configuration key '{Key(*parsed).pretty(owner.name)}' not found for stack '{stack.shown}'")
    decrypt = stack.secrets().decrypt if values.has_secret(found) else _mask
    click.echo(gojson.dumps(_entry(found, decrypt, True), indent=2) if as_json else values.text(found, decrypt))


@config.command()
@click.argument("key")
@stack_option()
@switch("--path", help="The key contains a path to a property in a map or list to remove")
@click.pass_context
def rm(context: click.Context, key: str, stack_name: str | None, path: bool) -> None:
    """Remove a configuration value."""
    stack = _stack(context, stack_name)
    stack.settings.remove(keys.parse(key, stack.workspace.project.name, path=path), path=path)
