"""What the Pulumi CLI has and this engine refuses: commands, flags and variables, and what to do instead.

What is done follows from the commands themselves; `pulumi_local.names` has all names.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import click

from pulumi_local.errors import EngineError, Unsupported
from pulumi_local.names import meant, names

from .options import PREFIX, variable

_CLI = "use the Pulumi CLI for it, on the same backend"
_CLOUD = "it needs Pulumi Cloud: use the Pulumi CLI for it"
_LOGS = "leave it out: no logs, traces or profiles are written; run the command with the Pulumi CLI for them"
_JSON = "leave it out; --json prints every event, with its URN and all values"
_PLUGINS = "leave it out: nothing is installed here, and `pulumi-python` is the only package; install the program's own with pip"
_AUTOMATION = "Pulumi's Automation API needs the Pulumi CLI; run the commands themselves, with --json where they have it"
_CONFIG = "set the value first, with `config set`"
_PASSPHRASE = "secrets are encrypted with a passphrase here (PULUMI_CONFIG_PASSPHRASE): use the Pulumi CLI for other providers"

COMMANDS: Mapping[str, str] = {
    "about": "see `version` and `whoami`",
    "api": _CLOUD,
    "config env": _CLOUD,
    "config set-all": "use `config set` for each value",
    "console": _CLOUD,
    "deployment": _CLOUD,
    "env": _CLOUD,
    "insights": _CLOUD,
    "install": "install the program's requirements with pip, poetry or uv",
    "login": "set PULUMI_BACKEND_URL=file://<folder>; file://~ is the home directory",
    "logout": "unset PULUMI_BACKEND_URL",
    "neo": _CLOUD,
    "new": "write Pulumi.yaml and __main__.py, then use `stack init`",
    "org": _CLOUD,
    "package": _PLUGINS,
    "plugin": _PLUGINS,
    "policy": "policy packs are run from their folders: see `policy analyze` and --policy-pack; use the Pulumi CLI for the rest",
    "project new": "write Pulumi.yaml and __main__.py, then use `stack init`",
    "stack": "see `stack ls`, `stack output` and `stack export`",
    "stack change-secrets-provider": _PASSPHRASE,
    "stack drift": _CLOUD,
    "stack get": "see `stack ls`, `stack output` and `stack export`",
    "stack graph": _CLI,
    "stack history": _CLI,
    "stack migrate": "use `stack export` there and `stack import` here",
    "stack rename": _CLI,
    "stack schedule": _CLOUD,
    "stack tag": _CLOUD,
    "stack unselect": "select another one with `stack select`, or name one with --stack or PULUMI_STACK",
    "stack webhook": _CLOUD,
    "state edit": "use `stack export`, edit the file, and use `stack import`",
    "state get": "see `stack export`",
    "state taint": "use `up --replace URN`",
    "state untaint": _CLI,
    "template": _CLOUD,
    "watch": "use `up` after each change",
}
"""What to do instead of a command, and of those below it; instead of any other: the CLI."""

FLAGS: Mapping[str, str] = {
    "attach-debugger": "start the debugger in the program, for example with debugpy",
    "client": _AUTOMATION,
    "config": _CONFIG,
    "config-file": "name the folder of the settings files with `stackConfigDir` in Pulumi.yaml",
    "config-path": "set the value first, with `config set --path`",
    "copilot": _CLOUD,
    "copy-config-from": "copy `config` from one Pulumi.<stack>.yaml to the other, secrets with `config set --secret`",
    "debug": _LOGS,
    "disable-integrity-checking": "repair the state (`stack export`, `stack import`), or use the Pulumi CLI",
    "emoji": "leave it out",
    "event-log": "redirect what --json prints",
    "exec-agent": _AUTOMATION,
    "exec-kind": _AUTOMATION,
    "from": "describe the resources in a file: `import --file FILE --generate-code=false`",
    "fully-qualify-stack-names": "leave it out: with a folder as backend it is organization/<project>/<stack>",
    "ignore-protect": "take the protection away first, with `state unprotect`",
    "import-file": "write the file by hand, as `import --file` takes it",
    "import-pending-creates": "use `refresh --clear-pending-creates`, then `import --file`",
    "logflow": _LOGS,
    "logtostderr": _LOGS,
    "memprofilerate": _LOGS,
    "neo": _CLOUD,
    "neo-task-on-failure": _CLOUD,
    "open": _CLOUD,
    "otel-traces": _LOGS,
    "output": "use --json where the command has it",
    "override-env": _CLOUD,
    "profiling": _LOGS,
    "remote-config": _CLOUD,
    "secrets-provider": _PASSPHRASE,
    "show-config": "see `config`",
    "show-full-output": _JSON,
    "show-policy-remediations": "use --diff",
    "show-reads": _JSON,
    "show-secrets": "use `stack output --show-secrets`, or `stack export --show-secrets`",
    "skip-config-validation": "correct the configuration, or its types in Pulumi.yaml",
    "skip-pending-creates": "leave it out: pending creates stay until `refresh --clear-pending-creates`",
    "skip-plugin-pre-install": _PLUGINS,
    "strict": "use `preview --save-plan FILE`, then `up --plan FILE`",
    "suppress-stream-logs": _CLOUD,
    "teams": _CLOUD,
    "tracing": _LOGS,
    "tracing-header": _LOGS,
    "type": "set the value with `config set --path`, where numbers and booleans keep their types",
    "urns": _JSON,
    "verbose": _LOGS,
    "stack export --version": "the states before earlier commands are in `<backend>/.pulumi/backups`",
    "version": "see `version`",
}
"""What to do instead of a flag, or of a flag of one command; instead of any other: the CLI."""

_OFF = "unset it, or use the Pulumi CLI"
_BACKUPS = "unset it: the backups in `<backend>/.pulumi/backups` are written after each command, as without it"
_PLAIN = "unset it: states are plain JSON here, in the layout of Pulumi 3"
VARIABLES: Mapping[str, str] = {
    "PULUMI_AUTOMATION_API": _AUTOMATION,
    "PULUMI_DEBUG_GRPC": _OFF,
    "PULUMI_DEBUG_LANGUAGES": _OFF,
    "PULUMI_DEBUG_PROVIDERS": "unset it: providers are started here, and not attached to",
    "PULUMI_DISABLE_CHECKPOINT_BACKUPS": _BACKUPS,
    "PULUMI_DISABLE_OUTPUT_VALUES": _OFF,
    "PULUMI_DISABLE_RESOURCE_REFERENCES": _OFF,
    "PULUMI_DISABLE_VALIDATION": _OFF,
    "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": _BACKUPS,
    "PULUMI_DIY_BACKEND_GZIP": _PLAIN,
    "PULUMI_DIY_BACKEND_LEGACY_LAYOUT": _PLAIN,
    "PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS": _BACKUPS,
    "PULUMI_DIY_BACKEND_ZSTD": _PLAIN,
    "PULUMI_ENABLE_LEGACY_DIFF": _OFF,
    "PULUMI_ENABLE_LEGACY_REFRESH_DIFF": _OFF,
    "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER": "unset it, and put the state's `encryptionsalt` into Pulumi.<stack>.yaml",
    "PULUMI_RETAIN_CHECKPOINTS": _BACKUPS,
    "PULUMI_SELF_MANAGED_STATE_GZIP": _PLAIN,
    "PULUMI_SELF_MANAGED_STATE_LEGACY_LAYOUT": _PLAIN,
    "PULUMI_SELF_MANAGED_STATE_ZSTD": _PLAIN,
}
"""Variables that are refused where they are on, and what to do."""

DONE_VARIABLES = frozenset(
    f"PULUMI_{name}"
    for name in (
        *("BACKEND_URL", "CONFIG_PASSPHRASE", "CONFIG_PASSPHRASE_FILE", "CONTINUE_ON_ERROR", "ENABLE_STREAMING_JSON_PREVIEW"),
        *("HOME", "PARALLEL", "PYTHON_CMD", "RUN_PROGRAM", "SKIP_CONFIRMATIONS", "STACK"),
        *("ENABLE_LEGACY_APPLY", "ERROR_ON_DEPENDENCY_CYCLES", "ERROR_OUTPUT_STRING"),  # the SDK reads them, in the program
    )
)
"""Variables that mean here what they mean to the CLI. What is neither here nor in `VARIABLES` changes nothing that this engine
does: it is about Pulumi Cloud, about plugins, templates and logs that are not here, or about speed."""


def command_remedy(command: str) -> str:
    """What to do instead of a command."""
    words = command.split()
    return next((COMMANDS[c] for i in range(len(words), 0, -1) if (c := " ".join(words[:i])) in COMMANDS), _CLI)


def flag_remedy(command: str, flag: str) -> str:
    """What to do instead of a command's flag (its name without dashes)."""
    of_all = _CLOUD if flag == "remote" or flag.startswith("remote-") else FLAGS.get(flag, _CLI)
    return FLAGS.get(f"{command} --{flag}", of_all)


def _path(context: click.Context) -> list[str]:
    """The names of the commands on the way to this one, without the program's."""
    found: list[str] = []
    while context.parent is not None:
        found.insert(0, str(context.command.name))
        context = context.parent
    return found


def no_such_command(context: click.Context, word: str) -> EngineError:
    """The error about a command that is not there."""
    command = names().command([*_path(context), word])
    if command:
        return Unsupported(f"pulumi_local does not support `{' '.join([*_path(context), word])}`; {command_remedy(command)}")
    return EngineError(f'unknown command "{word}" for "{context.command_path}"\nRun \'{context.command_path} --help\' for usage.')


def no_such_flag(context: click.Context, flag: str) -> EngineError:
    """The error about a flag, or its letter, that is not there."""
    path = _path(context)
    for name, letter in _lacking(context.command, path, everywhere=True).items():
        if flag in (f"--{name}", f"-{letter}"):
            return Unsupported(
                f"pulumi_local does not support `{' '.join([*path, f'--{name}'])}`; {flag_remedy(' '.join(path), name)}"
            )
    return EngineError(f"unknown flag: {flag}\nRun '{context.command_path} --help' for usage.")


def _lacking(command: click.Command, path: list[str], *, everywhere: bool) -> dict[str, str]:
    """The flags, without dashes, that the CLI's command has and this one lacks, with their letters."""
    own = {name.lstrip("-") for p in command.params for name in p.opts} | {"help"}
    found = names().commands.get(names().command(path) or "")
    listed = {**(found.flags if found else {}), **(names().flags if everywhere else {})}
    return {name: letter for name, letter in listed.items() if name not in own}


def refuse_flag_variables(context: click.Context) -> None:
    """Raises Unsupported where a variable sets a flag that only the CLI's command has."""
    path = _path(context)
    lacking = sorted(_lacking(context.command, path, everywhere=not path).keys() - ({"version"} if not path else set()))
    _refuse(
        f"{variable(flag)} (`{' '.join([*path, f'--{flag}'])}`); {flag_remedy(' '.join(path), flag)}"
        for flag in lacking
        if os.environ.get(variable(flag))
    )


def refuse_variables() -> list[str]:
    """Raises Unsupported for variables that are on and have no effect here; returns warnings about misspelt ones."""
    _refuse(f"{name}; {what}" for name, what in VARIABLES.items() if os.environ.get(name, "").lower() not in ("", "0", "false"))
    known = {variable(flag) for flags in (names().flags, *(c.flags for c in names().commands.values())) for flag in flags}
    return [
        f"{name} has no effect: no command has a flag --{name.removeprefix(PREFIX).lower().replace('_', '-')}{meant(name, known)}"
        for name in sorted(os.environ)
        if name.startswith(PREFIX) and name not in known
    ]


def _refuse(found: Iterator[str]) -> None:
    if refused := list(found):
        raise Unsupported("\n".join(f"pulumi_local does not support {what}" for what in refused))
