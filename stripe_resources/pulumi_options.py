"""What each of Pulumi's resource options does to a resource of this package, or what to do instead. Pure.

https://www.pulumi.com/docs/iac/concepts/resources/options/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_REPLACED = "made anew under a key of its own; a run that died gets its new object back"
_TWO = "; of two that are in use the older one is found again"
_NO_PLUGIN = "there is no plugin to choose: pin the package in the program's requirements"

LOST_BY_TRANSFORMS = ("hide_diffs", "replace_with", "replacement_trigger")
"""Pulumi's SDK loses the first two where a transform returns options, and fails at the third."""

_LOST = f"`{'`, `'.join(LOST_BY_TRANSFORMS[:-1])}` or `{LOST_BY_TRANSFORMS[-1]}`, which Pulumi's SDK loses"


@dataclass(frozen=True)
class Option:
    """What an option does; "" is nothing: all is as without it."""

    up: str = ""
    """In a preview and an update."""
    replacement: str = ""
    refresh: str = ""
    destroy: str = ""
    """Also of a resource that leaves the program."""
    lost: str = ""
    """After a lost state, or a run that died."""
    instead: str = ""
    """What to do instead, where it is refused."""
    on_plans: bool = False
    """Whether a plan takes it: for all of its resources, or for itself."""


OPTIONS: Mapping[str, Option] = {
    "additional_secret_outputs": Option(
        up="the outputs are encrypted in the state, and `[secret]` where they are shown; not the arguments of these names. What "
        "Stripe tells only once is so by itself",
        replacement="the same",
        refresh="the same",
        lost="the same",
    ),
    "aliases": Option(
        up="the resource is found under its former name, and the object gets the present one",
        lost="the object is looked for under the former names too",
        on_plans=True,
    ),
    "custom_timeouts": Option(instead="leave it out: a request that gets no answer is repeated, and given up, by itself"),
    "delete_before_replace": Option(
        replacement="the old object is retired first", lost="the new object is made by the next run, if the old one went already"
    ),
    "deleted_with": Option(
        replacement="whenever the other one is replaced; the old object is not retired",
        destroy="not retired where the other one goes too",
        lost=_REPLACED + _TWO,
        on_plans=True,
    ),
    "depends_on": Option(up="comes after the others", replacement="the same", destroy="goes before the others", on_plans=True),
    "env_var_mappings": Option(instead='give it to the provider: pulumi.ProviderResource("pulumi-python", ...)'),
    "hide_diffs": Option(up="what changes is not shown; it changes all the same", refresh="the same"),
    "hooks": Option(
        up="the engine calls them (Pulumi CLI only)",
        replacement="the same",
        destroy="the same; needs `--run-program`",
        on_plans=True,
    ),
    "id": Option(
        up="reads what is there; nothing is changed, and what is not there is an error", destroy="not retired", lost="read again"
    ),
    "ignore_changes": Option(
        up="neither sent nor compared nor restored",
        replacement="the new object begins with the declared value",
        refresh="the outputs have what Stripe has",
        lost="an object that is found again keeps what it has",
    ),
    "import_": Option(instead="give adopt=<the id>, an argument, which takes over what is there"),
    "parent": Option(up="its type is part of the object's mark at Stripe", lost="found by that mark", on_plans=True),
    "plugin_download_url": Option(instead=_NO_PLUGIN),
    "protect": Option(
        replacement="refused",
        destroy="refused",
        lost="what an earlier run left, and cannot become what is declared, is retired all the same",
        on_plans=True,
    ),
    "provider": Option(
        up="the account, its key and settings; what moves to another provider keeps its object, so one of another account needs "
        "another name",
        on_plans=True,
    ),
    "providers": Option(up="those of what is below", on_plans=True),
    "replace_on_changes": Option(replacement="where what a path names changes", lost="as any replacement"),
    "replace_with": Option(replacement="whenever one of the others is replaced", lost=_REPLACED),
    "replacement_trigger": Option(replacement="when its value changes", lost=_REPLACED),
    "retain_on_delete": Option(
        replacement="the old object stays in use",
        destroy="the object stays in use, with its mark",
        lost="what an earlier run left, and cannot become what is declared, stays in use too" + _TWO,
        on_plans=True,
    ),
    "state_migrations": Option(up="change the state before anything else (Pulumi CLI only)", on_plans=True),
    "transformations": Option(up="may add others, as if the resource had them itself", on_plans=True),
    "transforms": Option(
        up="as `transformations` (Pulumi CLI only); refused: the paths of `replace_on_changes`, and aliases, that they add; and "
        f"transforms beside {_LOST}",
        lost="what they add to `ignore_changes` is brought in line once",
        on_plans=True,
    ),
    "urn": Option(instead="use the resource itself, or read the object with `id`"),
    "version": Option(instead=_NO_PLUGIN),
}
"""Every attribute of `pulumi.ResourceOptions`, by name."""
