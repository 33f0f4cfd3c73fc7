"""Settings for property tests that may run beside much else: what they find matters, not how long it takes."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
