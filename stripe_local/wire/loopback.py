"""What this machine calls itself: the only address to listen on, and the only hosts to talk to."""

from urllib.parse import urlsplit

ADDRESS = "127.0.0.1"
NAMES = (ADDRESS, "::1", "localhost")


def is_at(url: str) -> bool:
    """Whether an address names this machine; False for what is no address."""
    try:
        return urlsplit(url).hostname in NAMES
    except ValueError:
        return False
