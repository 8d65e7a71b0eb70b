"""How the files of each family are drawn: what makes records one dataset, and how they may be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt.draws import azure_files, rekognition_files
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.jsonl_writing import BLANK_LINES, BYTE_ORDER_MARK, CRLF, SPACES_AROUND

__all__ = ["FILE_DRAWS", "FileDraws"]


@dataclass(frozen=True, slots=True)
class FileDraws:
    """What is to be known of a whole file of one format.

    * ``make_one(records, format, profile)`` mends records in place, so that they are valid together: images
      that differ, classes of one type.
    * ``draw_needed(draw, format, profile)`` draws a record of a kind that a file must have one of; None
      where there is no such kind.
    * ``harmless`` names the ways of writing lines that cost nothing in this format, beyond what JSON
      itself leaves open.
    """

    make_one: Callable[[list[Any], Format, Profile], None]
    draw_needed: Callable[[st.DrawFn, Format, Profile], Any] | None = None
    harmless: frozenset[str] = frozenset()


# All of these were seen to be read like plain lines.
_AZURE_HARMLESS = frozenset({BLANK_LINES, BYTE_ORDER_MARK, CRLF, SPACES_AROUND})

_IMAGES = FileDraws(azure_files.make_one_of_images, None, _AZURE_HARMLESS)
_OBJECTS = FileDraws(azure_files.make_one_of_objects, azure_files.draw_with_object, _AZURE_HARMLESS)
# Ground Truth, whose format this is, takes both line endings. Of the rest nothing is known.
_MANIFEST = FileDraws(rekognition_files.make_one_manifest, None, frozenset({CRLF}))

FILE_DRAWS: dict[str, FileDraws] = {
    "azure-multiclass-record": _IMAGES,
    "azure-multilabel-record": _IMAGES,
    "azure-od-record": _OBJECTS,
    "azure-is-record": _OBJECTS,
    "rekognition-input-record": _MANIFEST,
    "rekognition-output-record": _MANIFEST,
}
"""What is to be known of a whole file of a format of the table, by the format's id."""
