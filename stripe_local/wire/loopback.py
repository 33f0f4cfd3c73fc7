"""What this machine calls itself: the only address to listen on, and the only hosts to talk to."""

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "::1", "localhost")
