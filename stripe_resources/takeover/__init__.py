"""Hands the objects of a stack over to one of its states, where another one has found them again."""
