"""Which files are data files, told by their names, and those below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["has_data_name", "is_compressed", "is_document", "walk"]

_SUFFIXES = (".jsonl", ".manifest", ".json")


def is_compressed(name: str) -> bool:
    """Whether a name says that the file is compressed with gzip."""
    return name.lower().endswith(".gz")


def is_document(name: str) -> bool:
    """Whether a name is that of one JSON document rather than of lines."""
    return name.lower().removesuffix(".gz").endswith(".json")


def has_data_name(name: str) -> bool:
    """Whether a name is that of a data file: ``.jsonl``, ``.manifest``, ``.json``, also with ``.gz``."""
    return name.lower().removesuffix(".gz").endswith(_SUFFIXES)


def walk(folder: Path) -> Iterator[Path]:
    """Yield the data files below a folder in order; hidden folders and links out of it are left alone."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(root, name) for name in sorted(files) if has_data_name(name))
