"""`stripe-project add`: billing for a Pulumi project that exists already. docs/existing-project.md says what that changes.

`project` looks at what is there, `changes` says which files become what, `toml` and `yaml` change texts of others and leave the
rest as it is, `command` shows the differences, asks and writes.
"""
