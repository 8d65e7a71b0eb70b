"""Bytes to a value, with every fact about encoding and JSON on the way: one parse is the truth."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from pytest_visionfmt.json_paths import MISSING, Path
from pytest_visionfmt.json_quotes import Refused, quotes_of, strings_of
from pytest_visionfmt.json_scan import MAX_DEPTH, NO_PATHS, Fact, has_lone_surrogate, is_beyond_64_bits, scan
from pytest_visionfmt.values import class_of, describe, show

__all__ = ["LineParser", "Parsing", "decoded", "encoding_fact", "facts_of_value", "sound_value"]

_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_SCALARS = frozenset({str, bool, type(None), int, float})
_CONTAINERS = frozenset({dict, list})
_WHITESPACE = " \t\n\r"
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Parsing:
    """What one text holds: its value, ``MISSING`` where it is no JSON, and the facts found."""

    value: Any
    facts: tuple[Fact, ...] = ()
    open_at_end: bool = False


class LineParser:
    """Parses texts one after the other. Not to be shared between threads."""

    def __init__(self) -> None:
        self._odd = False
        hooks: Any = {"object_pairs_hook": self._pairs, "parse_constant": self._constant}
        self._strict = json.JSONDecoder(**hooks)
        # Takes raw control characters as well, which only the scan below tells apart from no JSON.
        self._lenient = json.JSONDecoder(strict=False, **hooks)

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            self._odd = True
        return value

    def _constant(self, name: str) -> float:
        self._odd = True
        return float(name)

    def parse(self, text: str) -> Parsing:
        """Return the value of a text and every fact about its JSON. Never raises."""
        self._odd = False
        start = len(text) - len(text.lstrip(_WHITESPACE))
        try:
            value, end = self._strict.raw_decode(text, start)
        except (ValueError, RecursionError):
            self._odd = True
            try:
                value, end = self._lenient.raw_decode(text, start)
            except (ValueError, RecursionError):  # ValueError: no JSON, or an integer of over 4300 digits
                found = scan(text, NO_PATHS)
                return Parsing(MISSING, tuple(found.facts), found.open_at_end)
        rest = text[end:].lstrip(_WHITESPACE)
        surrogates = "\\" in text and _ESCAPED_SURROGATE.search(text)
        if not (rest or self._odd or surrogates) and _is_sound(value):
            return Parsing(value)
        facts = scan(text, NO_PATHS).facts
        if rest and not any(fact.fact == "invalid-json" for fact in facts):
            facts.append(_several(text, value, rest))
        return Parsing(value, tuple(facts))


decoded = msgspec.json.Decoder().decode
"""The value of a text that is certain to be sound."""


def sound_value(raw: bytes) -> Any:
    """Return the value of a text that has no fact about its JSON to it, ``MISSING`` where that is not certain.

    A tenth of the cost of ``LineParser``, for the many texts whose faults lie elsewhere.
    """
    try:
        value = decoded(raw)
        return value if 2 * strings_of(value) == quotes_of(raw) else MISSING
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, Refused):
        return MISSING


def _several(text: str, value: Any, rest: str) -> Fact:
    at = len(text) - len(rest)
    what = "a second value" if rest[0] in "{[" else show(rest.rstrip(_WHITESPACE))
    return Fact("several-values", (), at, f"{what} after the end of {describe(value)} in the same line")


def encoding_fact(head: bytes) -> Fact | None:
    """Return the fact that a file is UTF-16 or UTF-32, told from its first bytes, else None."""
    for bom, name in _WIDE_BOMS:
        if head.startswith(bom):
            return Fact("wrong-encoding", (), 0, f"the file is {name}; UTF-8 is wanted")
    if len(head) >= 2 and head[:2].count(0) == 1 and head[:2].strip(b"\0").isascii() and head[:2].strip(b"\0 \t\r\n"):
        return Fact("wrong-encoding", (), 0, "the file looks like UTF-16 without a byte order mark; UTF-8 is wanted")
    return None


def _is_sound(value: Any) -> bool:
    """Whether a JSON value has neither infinity, nor an integer beyond 64 bits, nor too much nesting.

    Level by level, and a list of numbers as a whole: an attribution has 150 000 of them.
    """
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        kinds = set(map(type, level))
        if float in kinds and not _finite(level if len(kinds) == 1 else [x for x in level if type(x) is float]):
            return False
        if int in kinds and any(is_beyond_64_bits(x) for x in level if type(x) is int):
            return False
        if not kinds & _CONTAINERS:
            return kinds <= _SCALARS
        deeper: list[Any] = []
        for item in level:
            if type(item) is list:
                deeper += item
            elif type(item) is dict:
                deeper += item.values()
        level = deeper
    return False


def _finite(numbers: list[float]) -> bool:
    # A sum is infinite or NaN if any of its terms is; where large ones add up to it, look at each.
    return math.isfinite(sum(numbers)) or all(map(math.isfinite, numbers))


def _is_numbers(items: list[Any]) -> bool:
    """Whether a list holds floats alone, and JSON has them all: a row of an attribution, taken as a whole."""
    return set(map(type, items)) == {float} and _finite(items)


def facts_of_value(value: Any) -> Iterator[Fact]:
    """Yield what a Python value holds that JSON has not, or that our JSON rules forbid, with its path."""
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, value = stack.pop()
        if len(path) > MAX_DEPTH or (len(path) == MAX_DEPTH and isinstance(value, dict | list)):
            yield Fact("nested-too-deep", (), 0, f"nested over {MAX_DEPTH} deep; {MAX_DEPTH} is the most")
            return
        kind = type(value)
        if kind is str:
            if has_lone_surrogate(value):
                yield Fact("lone-surrogate", path, 0, "a string holds half of a surrogate pair, which is no character")
        elif kind is float:
            if not math.isfinite(value):
                yield Fact("not-a-number", path, 0, f"{show(value)} is not a JSON number")
        elif kind is int:
            if is_beyond_64_bits(value):
                yield Fact("integer-too-large", path, 0, f"{show(value)} does not fit a signed 64-bit integer")
        elif isinstance(value, list):
            if not _is_numbers(value):
                stack.extend(((*path, i), value[i]) for i in reversed(range(len(value))))
        elif isinstance(value, dict):
            odd = [key for key in value if type(key) is not str]
            for key in odd:
                yield Fact("not-json", path, 0, f"the key {show(key)} is {class_of(key)}; JSON's keys are strings")
            for key in value:
                if type(key) is str and has_lone_surrogate(key):
                    yield Fact("lone-surrogate", (*path, key), 0, "a key holds half of a surrogate pair")
            stack.extend(((*path, key), value[key]) for key in reversed(value) if type(key) is str)
        elif kind is not bool and value is not None:
            message = f"{show(value)} is {class_of(value)}, which JSON has not: make it a plain Python value first"
            yield Fact("not-json", path, 0, message)
