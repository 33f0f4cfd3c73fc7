"""What each of Pulumi's options tells the provider, for every kind: nothing but for a few, each a key of its own.

What a provider is not told of, and what changes none of its calls, changes nothing at Stripe: the engine alone keeps its word.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from stripe_resources.pulumi_options import OPTIONS
from stripe_resources.testing import Deployment, run
from tests.stripe_resources.samples import SAMPLES

PROGRAM = """
import pulumi
import stripe_resources
from tests.stripe_resources.samples import SAMPLES

Opts = pulumi.ResourceOptions


def adding(**options):
    return lambda args: pulumi.ResourceTransformationResult(args.props, Opts.merge(args.opts, Opts(**options)))


class Team(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("my:index:Team", name, None, opts)


other = stripe_resources.Product("other", name="x")
provider = pulumi.ProviderResource("pulumi-python", "elsewhere", {})
told = {
    "aliases": {"aliases": [pulumi.Alias(name="old")]},
    "ignore_changes": {"ignore_changes": ["metadata", "items[0].quantity"]},
    "replace_on_changes": {"replace_on_changes": ["*"]},
    "retain_on_delete": {"retain_on_delete": True},
}
given = {
    "plain": None,
    "additional_secret_outputs": Opts(additional_secret_outputs=["livemode"]),
    "delete_before_replace": Opts(delete_before_replace=True),
    "deleted_with": Opts(deleted_with=other),
    "depends_on": Opts(depends_on=[other]),
    "hide_diffs": Opts(hide_diffs=["metadata"]),
    "parent": Opts(parent=Team("team")),
    "protect": Opts(protect=True),
    "provider": Opts(provider=provider),
    "providers": Opts(providers=[provider]),
    "replace_with": Opts(replace_with=[other]),
    "replacement_trigger": Opts(replacement_trigger="november"),
    "transformations": Opts(transformations=[adding(protect=True)]),
    **{name: Opts(**options) for name, options in told.items()},
    **{f"{name} by a transformation": Opts(transformations=[adding(**options)]) for name, options in told.items()},
    **{
        f"{name} by its parent's": Opts(parent=Team(name, Opts(transformations=[adding(**options)])))
        for name, options in told.items()
        if name != "aliases"  # those of a parent are its children's
    },
}
for kind, sample in SAMPLES.items():
    for name, opts in given.items():
        getattr(stripe_resources, kind)(f"{kind} with {name}", opts, **sample.args)
"""

TOLD = {
    "parent": {"__owner": "p/dev/my:index:Team${kind}/{name}"},
    "aliases": {"__former": ["p/dev/{kind}/old"]},
    "ignore_changes": {"__ignored": ["metadata", "items[0].quantity"]},
    "replace_on_changes": {"__replacing": ["*"]},
    "retain_on_delete": {"__retained": True},
}
"""All that providers are told."""

ELSEWHERE = {
    "id": "what is read has no inputs: see test_undeclared",
    "hooks": "the engine's alone",
    "transforms": "the engine's alone",
    "state_migrations": "the engine's alone",
}
BY_OTHERS = {
    f"{name} {how}": name
    for name in TOLD
    for how in ("by a transformation", "by its parent's")
    if name != "parent" and (name, how) != ("aliases", "by its parent's")
}
DONE = [name for name, option in OPTIONS.items() if not option.instead and name not in ELSEWHERE]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder: Path = tmp_path_factory.mktemp("told")
    (folder / "Pulumi.yaml").write_text("name: p\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (folder / "__main__.py").write_text(PROGRAM)
    return run("dev", folder)


@pytest.mark.parametrize("option", [*DONE, *BY_OTHERS])
@pytest.mark.parametrize("kind", SAMPLES)
def test_the_provider_is_told_that_and_nothing_else(kind: str, option: str, deployment: Deployment) -> None:
    plain, name = deployment.resources[f"{kind} with plain"], f"{kind} with {option}"
    given = deployment.resources[name]
    assert given.inputs == plain.inputs
    owner = TOLD["parent"]["__owner"] if option.endswith("parent's") else "p/dev/{kind}/{name}"
    told = {"__owner": owner, **TOLD.get(BY_OTHERS.get(option, option), {})}

    def filled(value: object) -> object:
        if isinstance(value, list):
            return [filled(each) for each in value]
        return value.replace("{kind}", kind).replace("{name}", name) if isinstance(value, str) else value

    assert given.internal == {**plain.internal, **{key: filled(value) for key, value in told.items()}}
