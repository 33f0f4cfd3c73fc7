"""The project, its stacks, and their configuration."""
