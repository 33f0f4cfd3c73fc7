"""Shelves that a JSON file lists: `SHELVES={"a": {"size": 1}}`; outputs are the same file's."""

import json
import os
import sys
from pathlib import Path

import pulumi
from shelves import Shelf

config = pulumi.Config()
wanted = json.loads(Path(os.environ["SHELVES"]).read_text())
for line in wanted.pop("print", []):
    print(line)
if "raise" in wanted:
    sys.exit(wanted["raise"])
options = wanted.pop("options", {})
shelves = {}
for name, properties in wanted.items():
    if name != "outputs":
        said = {**options.get(name, {})}
        after = [shelves[other] for other in said.pop("depends_on", [])]
        opts = pulumi.ResourceOptions(**said, depends_on=after)
        shelves[name] = Shelf(name, {"made": None, **properties}, opts)
pulumi.export("size", config.get_int("size"))
pulumi.export("password", config.get_secret("password"))
for name, value in wanted.get("outputs", {}).items():
    pulumi.export(name, value)
