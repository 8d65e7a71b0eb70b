"""Which format a file is of, told from its first lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pytest_visionfmt.checking import is_in_error
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import TABLE
from pytest_visionfmt.texts import Text, texts
from pytest_visionfmt.values import plain_key

__all__ = ["DOCUMENT_BYTES", "HEAD_BYTES", "HEAD_LINES", "Recognition", "recognise"]

HEAD_LINES = 100
HEAD_BYTES = 1 << 22
DOCUMENT_BYTES = 1 << 26
"""The largest document that is read: what is longer is no data of ours."""
OWN_KEYS = 3
"""From this rank on, what ``Format.specific`` found are keys that no neighbouring format has."""
# Possessive, and only where a word begins: a word of a million letters is read once.
_KEY = re.compile(r"""(?<![A-Za-z_-])([A-Za-z][A-Za-z_-]*+)["']?\s*+:""")


@dataclass(frozen=True, slots=True)
class Recognition:
    """The format a file shows, None with the ``reason`` where it shows none; ``also_fits`` as well."""

    format: Format | None
    also_fits: tuple[str, ...] = ()
    reason: str = ""


def recognise(head: Sequence[bytes], name: str = "") -> Recognition:
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
    fitting = [format_ for format_ in TABLE.values() if _shows(found, format_)]
    if not fitting:
        reason = "its first lines show no key of a known format; map a format to have it checked"
        return Recognition(None, reason=reason)
    in_error = {format_: _in_error(found, format_) for format_ in fitting}
    fewest = min(in_error.values())
    equal = {format_: _rank(found, format_) for format_ in fitting if in_error[format_] == fewest}
    best = max(equal, key=lambda format_: equal[format_])  # the first of equals: table order
    also = tuple(format_.id for format_ in equal if format_ is not best and equal[format_] == equal[best])
    return Recognition(best, also)


def _in_error(found: Sequence[Text], format_: Format) -> int:
    """Return how many of the texts have an error; where one document is wanted, any further text is one."""
    if format_.unit == "json":
        return is_in_error(found[0].parsing, format_) + len(found) - 1
    return sum(is_in_error(text.parsing, format_) for text in found)


def _keys(text: Text) -> set[str]:
    """Return the keys that a text shows: at the top, of the items of a list, or anywhere in what is neither."""
    value = text.parsing.value
    if not isinstance(value, dict | list):
        return set(_KEY.findall(text.text))
    items = value if isinstance(value, list) else [value]
    return {key for item in items[:HEAD_LINES] if isinstance(item, dict) for key in item}


def _specific(text: Text, format_: Format) -> int:
    """Return how particular to a format a text looks; what is no JSON can only show the format's own keys."""
    if isinstance(text.parsing.value, dict | list):
        return format_.specific(text.parsing.value)
    everywhere = dict.fromkeys(_keys(text))
    rank = format_.specific({**everywhere, "label": [everywhere], "boxes": [everywhere]})
    return rank if rank >= OWN_KEYS or rank < 0 else 0


def _rank(found: Iterable[Text], format_: Format) -> int:
    return max((_specific(text, format_) for text in found), default=0)


def _shows(found: Sequence[Text], format_: Format) -> bool:
    """Whether most texts are of the format's family, by its marks, well spelt or not, or by keys of its own.

    One text is enough where the first value is so long that its end is not seen. One text with keys
    that show another format of the family, rank below 0, is enough against it.
    """
    marks = set(map(plain_key, format_.marks))
    ranks = [_specific(text, format_) for text in found]
    if min(ranks) < 0:
        return False
    showing = sum(
        rank >= OWN_KEYS or bool(marks & set(map(plain_key, _keys(text))))
        for text, rank in zip(found, ranks, strict=True)
    )
    return 2 * showing >= len(found) or (found[0].parsing.open_at_end and showing > 0)


def _sibling(found: Sequence[Text], name: str) -> str:
    """Return the reason to pass over a file of a well-known neighbouring format, else nothing."""
    # A first text that ends too soon is the first line of something large and pretty-printed.
    document = found if found[0].parsing.open_at_end else found[:1]
    if {"images", "annotations"} <= {key for text in document for key in _keys(text)}:
        return "it is COCO: convert it to the service's records first"
    values = [text.parsing.value for text in found]
    if all(
        isinstance(value, dict) and "imageUrl" in value and isinstance(value.get("label"), dict) for value in values
    ):
        return "it is the older JSON Lines form with the key imageUrl, one object a line, which has no format here"
    if name == "labeled_dataset.json" and all("label_confidence" in _keys(text) for text in found):
        return "it is labeled_dataset.json, the predictions that a batch scoring run writes, not training data"
    return _manifest_sibling(values)


def _manifest_sibling(values: Sequence[object]) -> str:
    """Return the reason to pass over a file with the keys of moderation that is of a neighbouring feature."""
    objects = [value for value in values if isinstance(value, dict)]
    if len(objects) < len(values):
        return ""
    if all(value.keys() == {"source-ref"} for value in objects):
        return "it lists images without annotations, as labelling and bulk analysis jobs take them, not training data"
    if all({"source-ref", "detect-moderation-labels"} == value.keys() for value in objects):
        return "it is the output of a bulk analysis, which has no format here"
    if all("source-ref" in value and _has_metadata(value) for value in objects):
        return "it is a manifest of Ground Truth or Custom Labels, which has no format here"
    if all({"JobStatus", "ModerationLabels"} <= value.keys() for value in objects):
        return "it is the response of GetContentModeration, which is for videos and has no format here"
    return ""


def _has_metadata(record: Mapping[str, object]) -> bool:
    """Whether a record has what Ground Truth writes beside each label attribute, and no moderation labels."""
    return any(key.endswith("-metadata") for key in record) and not any("moderation" in key for key in record)
