"""An invalid record and an invalid file, with all that is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_visionfmt.findings import Reaction

__all__ = ["Invalid", "InvalidFile"]


@dataclass(frozen=True, slots=True)
class Invalid:
    """A record or document that is invalid for one reason.

    ``breach`` names the one change made to a valid value. ``rule`` (a code), ``path`` and ``reaction`` are
    its first consequence at that place in the profile asked for; ``findings`` is the exact set of
    (code, path) that ``check_record`` reports there.
    """

    value: Any
    breach: str
    rule: str
    path: str
    reaction: Reaction
    findings: frozenset[tuple[str, str]]

    def __str__(self) -> str:
        return self.breach


@dataclass(frozen=True, slots=True)
class InvalidFile:
    """The content of a file that is invalid for one reason.

    ``breach`` names the one change made to a valid file. ``rule`` (a code), ``line`` and ``reaction`` are
    its first consequence in the profile asked for; ``findings`` is the exact set of (code, line) that
    ``check_bytes`` reports there.
    """

    content: bytes
    breach: str
    rule: str
    line: int
    reaction: Reaction
    findings: frozenset[tuple[str, int]]

    def __str__(self) -> str:
        return self.breach
