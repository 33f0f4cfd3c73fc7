"""A local engine for Pulumi programs whose resources are Python dynamic resources.

`python -m pulumi_local` has the part of the Pulumi CLI's command line that such a project needs. `pulumi_local.engine` plans and
carries out steps; everything else here is what surrounds it: command line, configuration, state on disk, secrets, policy packs
and displays. See docs/local-engine.md.
"""

CLI_VERSION = "3.260"
"""The Pulumi CLI whose words, exit codes and formats these are: the golden traces of the tests were recorded on it."""
