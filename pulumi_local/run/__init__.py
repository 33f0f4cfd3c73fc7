"""One command at work: from a request to an exit, around the engine."""
