"""Records and files that are invalid on purpose, each for one named reason."""

from __future__ import annotations

from pytest_visionfmt.invalid.files import invalid_file, invalid_files
from pytest_visionfmt.invalid.records import invalid_cases, invalid_record
from pytest_visionfmt.invalid.values import Invalid, InvalidFile

__all__ = ["Invalid", "InvalidFile", "invalid_cases", "invalid_file", "invalid_files", "invalid_record"]
