"""State in a folder, in the layout of Pulumi's file backend, so that the Pulumi CLI can open the same folder.

Under `.pulumi/`: `meta.yaml`, `stacks/<project>/<stack>.json` (and `.bak`), `locks/organization/<project>/<stack>/<uuid>.json`,
`history/…` and `backups/…`.
"""

from pulumi_local.state.backend.file import FileBackend
from pulumi_local.state.backend.reference import StackReference

__all__ = ["FileBackend", "StackReference"]
