"""Which format a file is of, told from its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_visionfmt.checking import check_parsing
from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import TABLE
from pytest_visionfmt.texts import Text, texts

__all__ = ["HEAD_BYTES", "HEAD_LINES", "Recognition", "recognise"]

HEAD_LINES = 100
HEAD_BYTES = 1 << 22


@dataclass(frozen=True, slots=True)
class Recognition:
    """The format a file shows, None with the ``reason`` where it shows none; ``also_fits`` as well."""

    format: Format | None
    also_fits: tuple[str, ...] = ()
    reason: str = ""


def recognise(head: Sequence[bytes], name: str = "", *, profile: Profile = "documented") -> Recognition:
    """Tell a file's format from its first lines, by the keys they show, valid or not.

    Of several formats that fit, the one with the fewest records in error; of equals, the one whose
    particular keys the records show most, then the first of the table. Records are counted rather
    than errors: a detection record with two bad boxes is one wrong-type error as a multiclass
    record, and is a detection record all the same.
    """
    found = [text for text in texts(head) if not text.blank]
    if not found:
        return Recognition(None, reason="it holds no record")
    if reason := _sibling(found, name):
        return Recognition(None, reason=reason)
    fitting = [format_ for format_ in TABLE.values() if _shows(found, format_.marks)]
    if not fitting:
        marks = sorted({mark for format_ in TABLE.values() for mark in format_.marks})
        shown = " or ".join(marks)
        return Recognition(None, reason=f"its first lines show no key {shown}; map a format to have it checked")
    errors = {format_: _records_in_error(found, format_, profile) for format_ in fitting}
    fewest = min(errors.values())
    equal = [format_ for format_ in fitting if errors[format_] == fewest]
    best = max(equal, key=lambda format_: _specific(found, format_))  # the first of equals: table order
    rank = _specific(found, best)
    also = tuple(format_.id for format_ in equal if format_ is not best and _specific(found, format_) == rank)
    return Recognition(best, also)


def _keys(text: Text, keys: Iterable[str]) -> set[str]:
    """Return those of ``keys`` that the text shows: at the top of an object, or anywhere in what is none."""
    value = text.parsing.value
    if isinstance(value, dict):
        return {key for key in keys if key in value}
    return {key for key in keys if re.search(rf"""["']?{re.escape(key)}["']?\s*:""", text.text)}


def _shows(found: Sequence[Text], marks: frozenset[str]) -> bool:
    """Whether most texts show the marks; one does where a first value is so long that its end is not seen."""
    showing = sum(bool(_keys(text, marks)) for text in found)
    return 2 * showing >= len(found) or (found[0].parsing.open_at_end and showing > 0)


def _records_in_error(found: Iterable[Text], format_: Format, profile: Profile) -> int:
    return sum(
        any(finding.severity == Severity.ERROR for finding, _ in check_parsing(text.parsing, format_, profile))
        for text in found
    )


def _specific(found: Iterable[Text], format_: Format) -> int:
    return max((format_.specific(text.parsing.value) for text in found), default=0)


def _sibling(found: Sequence[Text], name: str) -> str:
    """Return the reason to pass over a file of a well-known neighbouring format, else nothing."""
    # A first text that ends too soon is the first line of something large and pretty-printed.
    document = found if found[0].parsing.open_at_end else found[:1]
    if {"images", "annotations"} <= {key for text in document for key in _keys(text, ("images", "annotations"))}:
        return "it is COCO: convert it to the service's records first"
    if all(_keys(text, ("imageUrl",)) and not _keys(text, ("image_url",)) for text in found):
        return "it is the older JSON Lines form with the key imageUrl, one object a line, which has no format here"
    if name == "labeled_dataset.json" and all(_keys(text, ("label_confidence",)) for text in found):
        return "it is labeled_dataset.json, the predictions that a batch scoring run writes, not training data"
    return ""
