"""Which meter and which account are meant: the options, the stack's outputs and settings."""
