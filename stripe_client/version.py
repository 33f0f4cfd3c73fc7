"""The version of the package, as `pyproject.toml` has it and the installed package repeats it."""

from __future__ import annotations

DISTRIBUTION = "pulumi-stripe-billing"


def version() -> str:
    """Such as "0.1.0"; "unknown" in a checkout that is not installed."""
    from importlib import metadata  # takes longer to load than all of this package

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "unknown"


def user_agent() -> str:
    """What requests that do not go through Stripe's client name themselves."""
    return f"{DISTRIBUTION}/{version()}"
