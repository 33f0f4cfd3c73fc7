"""What goes wrong that the user can put right."""

from __future__ import annotations


class ImpactError(Exception):
    """One line for the user: what is wrong, and the remedy."""
