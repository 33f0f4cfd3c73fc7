"""What this machine calls itself: the only address that is listened on, and the only hosts that are talked to."""

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "::1", "localhost")
