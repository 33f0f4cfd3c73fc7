"""The report, as text, Markdown, JSON and a picture. Pure: from an `Impact` to a text."""

from .data import data
from .markdown import markdown
from .picture import picture
from .text import text

__all__ = ["data", "markdown", "picture", "text"]
