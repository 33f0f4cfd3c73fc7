"""docs/images/preview.svg is what the commands in it print; SCREENSHOTS=1 draws it anew."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.docs.checkout import ROOT
from tests.docs.picture import drawn
from tests.stripe_local.server import LocalStripe
from tests.stripe_project.conftest import Folder

FILE = ROOT / "docs" / "images" / "preview.svg"
TITLE = "What make preview and make impact print before a price goes from 4 to 5 cents"


def said(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout
    return re.sub(r"\b(price|cus)_\w{12,}", r"\1_…", done.stdout)


@pytest.mark.thorough
def test_the_picture_shows_what_is_printed(tmp_path: Path, shared_server: LocalStripe) -> None:
    shared_server.reset()
    folder = Folder(tmp_path, shared_server.url)
    said(folder.run("up"))
    client = shared_server.client()
    (customer,) = client.v1.customers.list().data
    used = {"stripe_customer_id": customer.id, "value": "3025"}
    client.v1.billing.meter_events.create({"event_name": "hypernian_tokens", "payload": used})
    with (tmp_path / "Pulumi.dev.yaml").open("a") as settings:
        settings.write("  hypernian:unitAmount: 5\n")

    preview = said(folder.run("preview", "--suppress-progress", "--color", "always")).partition("\n")[2]
    impact = said(folder.run("impact")).partition("\nCustomers by change")[0]
    picture = drawn(f"$ make preview\n{preview.rstrip()}\n\n$ make impact\n{impact.rstrip()}\n", TITLE)
    if os.environ.get("SCREENSHOTS"):
        FILE.write_text(picture, encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == picture, "it is stale; SCREENSHOTS=1 make test ARGS=tests/docs/test_picture.py"
