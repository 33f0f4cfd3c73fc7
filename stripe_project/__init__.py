"""What a project of billing as code is worked on with: `stripe-project COMMAND`, or `python -m stripe_project COMMAND`.

The commands work on the project whose folder, or one of whose folders, is the current one; its Makefile names them.
"""
