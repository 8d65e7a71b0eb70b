"""The full check alone, without the accept path: what the fast one is held against."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from pytest_visionfmt import Report, check_bytes
from pytest_visionfmt.json_paths import MISSING


@contextmanager
def without_shortcuts() -> Iterator[None]:
    """Let every line take the full check, and every text the standard library's parser."""
    with (
        patch("pytest_visionfmt.parts.acceptor_of", lambda *_: None),
        patch("pytest_visionfmt.checking_files.acceptor_of", lambda *_: None),
        patch("pytest_visionfmt.texts.sound_value", lambda _: MISSING),
    ):
        yield


def truth(content: bytes, *arguments: Any, **options: Any) -> Report:
    """Return what ``check_bytes`` says where it takes no shortcut."""
    with without_shortcuts():
        return check_bytes(content, *arguments, **options)
