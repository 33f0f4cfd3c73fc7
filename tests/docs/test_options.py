"""docs/options.md has a row for each of Pulumi's options, of the SDK that is installed."""

from __future__ import annotations

import inspect

import pulumi

from scripts.option_docs import COMMAND, TARGET, written
from stripe_resources.pulumi_options import OPTIONS


def test_the_tables_are_not_stale() -> None:
    page = TARGET.read_text()
    assert written(page) == page, f"write them with `{COMMAND}`, or all that is generated with `make generate`"


def test_every_option_of_the_sdk_has_a_row() -> None:
    options = pulumi.ResourceOptions
    found = {*inspect.get_annotations(options), *inspect.signature(options).parameters, *vars(options())}
    known = {name.lstrip("_") for name in found}  # `depends_on` is a property over `_depends_on`
    assert sorted(known - OPTIONS.keys()) == [], "say in `stripe_resources.pulumi_options` what these do, or what to do instead"
