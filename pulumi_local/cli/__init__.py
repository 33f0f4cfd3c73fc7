"""The command line: the part of Pulumi's that a project of dynamic resources needs, with the same words and exit codes."""

from pulumi_local.cli.app import main

__all__ = ["main"]
