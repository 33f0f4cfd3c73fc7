"""The engine: plans and carries out the steps from the present state of a stack to the one that a program declares.

`run` is all that others need. Inside, a program and provider hosts are processes of their own; `monitor` and `hosts` speak with
them. `generator` decides, `steps` and `reads` are what it decides on, `executor` carries that out, `journal` records it.
"""

from pulumi_local.engine.operation import run

__all__ = ["run"]
