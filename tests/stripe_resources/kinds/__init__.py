"""One file for each kind: its `SAMPLE`, from which the tests that run over all kinds take what they need, and its own tests."""
