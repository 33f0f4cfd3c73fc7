"""What goes wrong in a way that the user can do something about."""

from __future__ import annotations


class ImpactError(Exception):
    """One line for the user: what is wrong, and the remedy."""
