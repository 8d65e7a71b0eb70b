"""The commands of the command line that need more than a few lines."""

from __future__ import annotations

__all__ = ["Unusable"]


class Unusable(ValueError):
    """A call asks for something that there is not, or that is not what is wanted; the message says which."""
