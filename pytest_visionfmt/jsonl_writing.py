"""Writing records as JSON and JSON Lines in every way that means the same."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_visionfmt.json_scan import STRING

__all__ = ["BLANK_LINES", "BYTE_ORDER_MARK", "CRLF", "SPACES_AROUND", "SPELLINGS", "Line", "is_reordered", "write"]

CRLF = "crlf"
BYTE_ORDER_MARK = "byte-order-mark"
BLANK_LINES = "blank-lines"
SPACES_AROUND = "spaces-around"


def plain(value: Any) -> str:
    """Return a value as ``json.dumps`` writes it."""
    return json.dumps(value)


def _utf_8(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _spaced(value: Any) -> str:
    return json.dumps(value, separators=(" ,  ", "\t: "))


def _escaped(value: Any) -> str:
    return STRING.sub(lambda found: _escape(found[0]), json.dumps(value))


def _escape(literal: str) -> str:
    units = json.loads(literal).encode("utf-16-be").hex()
    return '"' + "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4)) + '"'


def _slashes_escaped(value: Any) -> str:
    # A slash stands in strings only, and never behind a backslash that begins an escape.
    return json.dumps(value).replace("/", "\\/")


def _reordered(value: Any) -> Any:
    """Return a value with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: _reordered(value[key]) for key in reversed(value)}
    return [_reordered(item) for item in value] if isinstance(value, list) else value


def _keys_reversed(value: Any) -> str:
    return json.dumps(_reordered(value))


def _keys_sorted(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


SPELLINGS: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "plain": ("As json.dumps writes it.", plain),
    "utf-8": ("Characters that are not ASCII stand for themselves.", _utf_8),
    "compact": ("There is no space between values.", _compact),
    "spaced": ("There are spaces and tabs between values.", _spaced),
    "escaped": ("Every character of every string, and of every key, is an escape.", _escaped),
    "slashes-escaped": ("Slashes are escaped, as PHP writes them.", _slashes_escaped),
    "keys-reversed": ("The keys of every object stand the other way round.", _keys_reversed),
    "keys-sorted": ("The keys of every object are sorted.", _keys_sorted),
}
"""Ways to write one value on one line: name, what it looks like, the function. All mean the same to JSON."""


def is_reordered(value: Any, order: Sequence[str]) -> bool:
    """Whether an object has its keys in another order than the one given."""
    known = [key for key in value if key in order] if isinstance(value, dict) else []
    return known != [key for key in order if key in known]


@dataclass(frozen=True, slots=True)
class Line:
    """How one line is written: its spelling, its ending, spaces around it, blank lines after it."""

    spelling: str = "plain"
    ending: str = "\n"
    around: str = ""
    blank: str = ""


def write(records: Sequence[Any], lines: Sequence[Line], *, mark: bool = False) -> bytes:
    """Return records as the bytes of a file, each in its own way; ``mark`` begins it with a byte order mark."""
    text = "".join(
        f"{line.around}{SPELLINGS[line.spelling][1](record)}{line.around}{line.ending}{line.blank}"
        for record, line in zip(records, lines, strict=True)
    )
    return codecs.BOM_UTF8 * mark + text.encode()
