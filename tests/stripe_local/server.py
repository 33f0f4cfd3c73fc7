"""The local Stripe for tests, `stripe_local.testing`, with requests that no client helps with."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import stripe

from stripe_local import testing
from stripe_local.testing import LIVE_KEY, TEST_KEY

__all__ = ["LIVE_KEY", "ROOT", "TEST_KEY", "LocalStripe"]

ROOT = Path(__file__).resolve().parents[2]


class LocalStripe(testing.LocalStripe):
    """See `stripe_local.testing.LocalStripe`."""

    def __init__(self, db: Path | None = None, **options: Any) -> None:
        super().__init__(db, **options)
        self._http = httpx.Client(timeout=30)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        self._http.close()

    def http(self, method: str, path: str, *, key: str | None = TEST_KEY, **options: Any) -> httpx.Response:
        """A request without any client's help."""
        headers = dict(options.pop("headers", {}))
        if path.startswith("/v2/"):
            headers.setdefault("Stripe-Version", stripe.api_version)
        if key is not None:
            headers.setdefault("Authorization", f"Bearer {key}")
        return self._http.request(method, self.url + path, headers=headers, **options)
