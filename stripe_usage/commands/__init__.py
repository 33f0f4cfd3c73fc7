"""The commands of `python -m stripe_usage`, one a module: `add_to` adds it to the command line, `run` does it."""
