"""The project that is measured: one product with many prices, and the engine's commands on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from stripe_project import engine as engines

PROGRAM = '''\
"""One product with as many prices as asked for; every tenth of them in another form where asked for."""

import os

from stripe_resources import Price, Product

product = Product("product", name="Benchmark")
for i in range(int(os.environ["BENCH_COUNT"])):
    changed = os.environ["BENCH_CHANGED"] == "yes" and i % 10 == 0
    Price(
        f"price-{i}",
        product=product.id,
        currency="usd",
        unit_amount=4,
        recurring={"interval": "month"},
        nickname=f"Price {i}, changed" if changed else f"Price {i}",
    )
'''

STACK = "bench"
PASSED = ("PULUMI_PARALLEL",)
"""The engine's own settings that can be measured."""

ONE_CHECKPOINT = "cli-one-checkpoint"
ENGINES = {
    "local": "the local engine",
    "cli": "the Pulumi CLI",
    ONE_CHECKPOINT: "the Pulumi CLI with one checkpoint for a run (`PULUMI_SKIP_CHECKPOINTS=true`)",
}
"""What can be measured, and what the page calls it, in its order."""

OPERATIONS: dict[str, tuple[str, ...]] = {
    "create": ("up", "--yes", "--skip-preview"),
    "preview, no change": ("preview",),
    "up, no change": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "10 % changed": ("up", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
"""In the order in which they are measured, without the previews before them: those are operations of their own."""

CHANGED_FROM = "10 % changed"
"""From this operation on, the program is the changed one."""


class Project:
    """A stack without resources, in `folder`, of the resources and (if local) the engine that `checkout` holds."""

    def __init__(self, folder: Path, checkout: Path, engine: str, count: int, url: str, rate: float) -> None:
        self.folder, self.count = folder, count
        self._command = engines.of_name("cli" if engine == ONE_CHECKPOINT else engine).command
        (folder / "Pulumi.yaml").write_text("name: bench\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n")
        (folder / "__main__.py").write_text(PROGRAM)
        (folder / ".venv").symlink_to(sys.prefix)
        (folder / "state").mkdir()
        (folder / f"Pulumi.{STACK}.yaml").write_text(f'config:\n  stripe:requestsPerSecond: "{rate:g}"\n')
        hidden = ("STRIPE_", "PULUMI_")
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(hidden) or k in PASSED},
            "PYTHONPATH": str(checkout),
            "PULUMI_BACKEND_URL": f"file://{folder}/state",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_SKIP_CHECKPOINTS": str(engine == ONE_CHECKPOINT).lower(),
            "STRIPE_API_BASE": url,
        }
        subprocess.run(
            [*self._command, "stack", "init", STACK],
            cwd=folder,
            env={**self._environment, "BENCH_COUNT": "0", "BENCH_CHANGED": "no"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    def start(self, operation: str, log: Path) -> subprocess.Popen[bytes]:
        """Begins an operation; what it prints goes into `log`."""
        order = list(OPERATIONS)
        changed = order.index(operation) >= order.index(CHANGED_FROM)
        with log.open("wb") as output:
            return subprocess.Popen(
                [*self._command, *OPERATIONS[operation], "--stack", STACK, "--color", "never"],
                cwd=self.folder,
                env={**self._environment, "BENCH_COUNT": str(self.count), "BENCH_CHANGED": "yes" if changed else "no"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
