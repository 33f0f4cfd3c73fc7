"""The commands of `python -m stripe_usage`, one per module: `add_to` adds it to the command line, `run` runs it."""
