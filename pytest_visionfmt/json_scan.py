"""Where everything stands in a line of JSON, and what is wrong with it.

The standard library decodes; this scanner is asked only about a line that has something wrong,
and says where. It finds the same faults at the same columns under every version of Python.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Set
from dataclasses import dataclass, field

from pytest_visionfmt.json_paths import Path

__all__ = ["MAX_DEPTH", "NO_PATHS", "STRING", "Fact", "Scan", "has_lone_surrogate", "is_beyond_64_bits", "scan"]

MAX_DEPTH = 127
"""The deepest nesting that Azure's JSON lines parser takes: 127 is accepted, 128 is not [run]."""

_SPACE = re.compile(r"[ \t\n\r]*")
STRING = re.compile(r'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_BAD_ESCAPE = re.compile(r'\\(?:[^"\\/bfnrtu]|u(?![0-9a-fA-F]{4}))', re.DOTALL)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z_$][A-Za-z0-9_$]*")
_CONTROL = re.compile(r"[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder(strict=False)
_LITERALS = frozenset({"true", "false", "null"})
_NOT_A_NUMBER = frozenset({"NaN", "Infinity", "-Infinity"})
_PYTHON = {"True": "true", "False": "false", "None": "null"}
_LONGEST_64_BIT = 20
NO_PATHS: frozenset[Path] = frozenset()
"""For a scan that is asked for the facts alone."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the parse itself says of a value: its rule's fact, the place, and the words.

    ``offset`` counts code points from the start of the text. ``in_key`` says that it is the key at
    ``path`` rather than its value.
    """

    fact: str
    path: Path
    offset: int
    message: str
    in_key: bool = False


@dataclass(slots=True)
class Scan:
    """The places of a text: offsets of values and of keys by path, and the facts in order.

    ``open_at_end`` says that the text is JSON so far and ends too soon; ``end`` is where the first
    value ends.
    """

    values: dict[Path, int] = field(default_factory=dict)
    keys: dict[Path, int] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    open_at_end: bool = False
    end: int = 0


class _SyntaxFault(Exception):
    def __init__(self, message: str, offset: int, path: Path, open_at_end: bool = False) -> None:
        super().__init__(message)
        self.fact = Fact("invalid-json", path, offset, message)
        self.open_at_end = open_at_end


class _Enough(Exception):
    """Stops the scan: all that was wanted has been found, or is so deep that nothing below is of use."""


@dataclass(slots=True)
class _Container:
    is_object: bool
    offset: int
    path: Path
    index: int = 0
    keys: dict[str, int] = field(default_factory=dict)
    comma: int = -1


def is_beyond_64_bits(value: int) -> bool:
    """Whether an integer does not fit a signed 64-bit integer."""
    return not -(2**63) <= value < 2**63


def has_lone_surrogate(text: str) -> bool:
    """Whether a string holds half of a surrogate pair, which no UTF-8 file can."""
    return _SURROGATE.search(text) is not None


def scan(text: str, paths: Set[Path] | None = None) -> Scan:
    """Walk the first JSON value of ``text`` and return its places and facts. Never raises.

    With ``paths``, only their places, and no further than to the last of them: those of all values of a
    long text take fifty times its memory.
    """
    found = Scan()
    try:
        _Scanner(text, found, paths).run()
    except _SyntaxFault as fault:
        found.facts.append(fault.fact)
        found.open_at_end = fault.open_at_end
    except _Enough:
        pass
    return found


class _Scanner:
    """A parser without recursion: nesting costs a list, not a stack frame."""

    def __init__(self, text: str, found: Scan, paths: Set[Path] | None) -> None:
        self.text = text
        self.found = found
        self.paths = paths
        self.stack: list[_Container] = []

    def skip(self, at: int) -> int:
        match = _SPACE.match(self.text, at)
        return match.end() if match else at

    def run(self) -> None:
        at = self.skip(0)
        path: Path = ()
        while True:
            at, opened = self.value(at, path)
            if not opened:
                at = self.after_value(at)
            if not self.stack:
                self.found.end = at
                return
            at, path = self.next_member(at)

    def value(self, at: int, path: Path) -> tuple[int, bool]:
        """Read a scalar, or open a container; return the offset after and whether it is open."""
        text, found = self.text, self.found
        if self.paths is None:
            found.values[path] = at
        elif path in self.paths:
            found.values[path] = at
            if len(found.values) == len(self.paths):  # never so where the facts alone are asked for
                raise _Enough
        char = text[at : at + 1]
        if char in ("{", "["):
            self.stack.append(_Container(char == "{", at, path))
            if len(self.stack) > MAX_DEPTH:
                message = f"nested {len(self.stack)} deep; {MAX_DEPTH} is the most"
                found.facts.append(Fact("nested-too-deep", (), at, message))
                raise _Enough
            after = self.skip(at + 1)
            if text[after : after + 1] == ("}" if char == "{" else "]"):
                self.stack.pop()
                return after + 1, False
            return after, True
        if char == '"':
            end, _ = self.string(at, path, in_key=False)
            return end, False
        if match := _NUMBER.match(text, at):
            token = match.group()
            self.number(token, at, path)
            rest = text[match.end() : match.end() + 1]
            if rest and (rest.isalnum() or rest in "._+-"):
                raise self.bad_number(token, at, match.end(), path)
            return match.end(), False
        if (match := _WORD.match(text, at)) and (word := match.group()) in _LITERALS | _NOT_A_NUMBER:
            if word in _NOT_A_NUMBER:
                found.facts.append(Fact("not-a-number", path, at, f"{word} is not a JSON number"))
            return match.end(), False
        raise self.no_value(at, path)

    def after_value(self, at: int) -> int:
        """Close every container that ends here; return the offset of the comma or of the end."""
        while self.stack:
            top = self.stack[-1]
            at = self.skip(at)
            char = self.text[at : at + 1]
            if char == ",":
                top.comma = at
                return at
            if char != ("}" if top.is_object else "]"):
                raise self.no_comma(at, top)
            self.stack.pop()
            at += 1
        return at

    def next_member(self, at: int) -> tuple[int, Path]:
        """Step over the comma, or into the container just opened, to the next value."""
        top = self.stack[-1]
        if self.text[at : at + 1] == "," and top.comma == at:
            at = self.skip(at + 1)
            if self.text[at : at + 1] in ("}", "]"):
                inside = "object" if top.is_object else "list"
                raise _SyntaxFault(f"trailing comma before the end of the {inside}", top.comma, top.path)
        if not top.is_object:
            path: Path = (*top.path, top.index)
            top.index += 1
            return at, path
        if self.text[at : at + 1] != '"':
            raise self.no_key(at, top)
        end, key = self.string(at, top.path, in_key=True)
        path = (*top.path, key)
        if key in top.keys:
            message = f"the key {_quoted(key)} stands twice in one object, first at column {top.keys[key] + 1}"
            self.found.facts.append(Fact("duplicate-key", path, at, message, in_key=True))
        top.keys[key] = at
        if self.paths is None or path in self.paths:
            self.found.keys[path] = at
        colon = self.skip(end)
        if self.text[colon : colon + 1] != ":":
            raise self.unexpected("':' after the key", colon, path)
        return self.skip(colon + 1), path

    def string(self, at: int, path: Path, *, in_key: bool) -> tuple[int, str]:
        match = STRING.match(self.text, at)
        if not match:
            raise _SyntaxFault("the string that begins here is never closed", at, path, open_at_end=True)
        raw = match.group()
        if escape := _BAD_ESCAPE.search(_without_pairs(raw)):
            bad = raw[escape.start() : escape.start() + 2]
            raise _SyntaxFault(f"{_quoted(bad)} is not an escape of JSON", at + escape.start(), path)
        if control := _CONTROL.search(raw):
            message = f"raw control character U+{ord(control.group()):04X} in a string; JSON writes it as an escape"
            self.found.facts.append(Fact("control-character", path, at, message, in_key))
        value: str = _DECODER.decode(raw) if "\\" in raw else raw[1:-1]
        if has_lone_surrogate(value):
            message = "a string holds half of a surrogate pair, which is no character"
            self.found.facts.append(Fact("lone-surrogate", path, at, message, in_key))
        return match.end(), value

    def number(self, token: str, at: int, path: Path) -> None:
        if token.lstrip("-").isdigit():
            if len(token) > _LONGEST_64_BIT or is_beyond_64_bits(int(token)):
                message = f"{_shorten(token)} does not fit a signed 64-bit integer"
                self.found.facts.append(Fact("integer-too-large", path, at, message))
        elif math.isinf(float(token)):
            message = f"{_shorten(token)} is beyond the largest double, 1.8e308"
            self.found.facts.append(Fact("number-too-large", path, at, message))

    # What to say of a text that is no JSON: the commonest slips by name.

    def ended(self, at: int, path: Path) -> _SyntaxFault | None:
        if at < len(self.text):
            return None
        if not self.stack:
            return _SyntaxFault("there is no JSON here", at, path, open_at_end=True)
        top = self.stack[-1]
        inside = "object" if top.is_object else "list"
        message = f"the text ends inside the {inside} that begins at column {top.offset + 1}"
        return _SyntaxFault(message, at, path, open_at_end=True)

    def unexpected(self, wanted: str, at: int, path: Path) -> _SyntaxFault:
        if fault := self.ended(at, path):
            return fault
        char = self.text[at]
        if char == "'":
            message = "single quotes; JSON's strings stand in double quotes"
        elif self.text.startswith(("//", "/*", "#"), at):
            message = "a comment; JSON has none"
        elif char == "\ufeff":
            message = "a byte order mark inside the file, as when two files were joined"
        else:
            message = f"expected {wanted}, found {_quoted(char)}"
        return _SyntaxFault(message, at, path)

    def no_value(self, at: int, path: Path) -> _SyntaxFault:
        word = _WORD.match(self.text, at)
        if word and word.group() in _PYTHON:
            return _SyntaxFault(f"{word.group()} is Python; JSON writes {_PYTHON[word.group()]}", at, path)
        if word:
            return _SyntaxFault(f"expected a value, found {_shorten(word.group())}", at, path)
        if re.match(r"[-+]?\.[0-9]", self.text[at : at + 3]):
            return _SyntaxFault("a number needs a digit before the point", at, path)
        if re.match(r"\+[0-9]", self.text[at : at + 2]):
            return _SyntaxFault("a number has no plus sign in JSON", at, path)
        return self.unexpected("a value", at, path)

    def bad_number(self, token: str, at: int, end: int, path: Path) -> _SyntaxFault:
        if token.lstrip("-") == "0" and self.text[end].isdigit():
            return _SyntaxFault("a number begins with 0 and goes on; JSON has no leading zeros", at, path)
        if self.text[end] == ".":
            return _SyntaxFault("a number needs a digit after the point", at, path)
        return _SyntaxFault(f"{_quoted(self.text[end])} right after the number {_shorten(token)}", end, path)

    def no_key(self, at: int, top: _Container) -> _SyntaxFault:
        if word := _WORD.match(self.text, at):
            return _SyntaxFault(f"the key {_shorten(word.group())} needs double quotes", at, top.path)
        return self.unexpected("a key in double quotes", at, top.path)

    def no_comma(self, at: int, top: _Container) -> _SyntaxFault:
        if self.text[at : at + 1] in ('"', "{", "["):
            return _SyntaxFault(f"expected ',' before {_quoted(self.text[at])}", at, top.path)
        end = "'}'" if top.is_object else "']'"
        return self.unexpected(f"',' or {end}", at, top.path)


def _quoted(text: str) -> str:
    return "'" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in _shorten(text)) + "'"


def _shorten(text: str) -> str:
    return text if len(text) <= 24 else text[:23] + "…"


def _without_pairs(raw: str) -> str:
    """Blank out ``\\\\`` pairs, so that what remains of backslashes begins an escape."""
    return raw.replace("\\\\", "__")
