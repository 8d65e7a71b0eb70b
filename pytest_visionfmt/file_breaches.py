"""The breaches of files that every format shares: encodings, line breaks, and what is almost JSON."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from pytest_visionfmt.breaches import Consequence, FileBreach
from pytest_visionfmt.draws.line_files import as_text
from pytest_visionfmt.format import Unit
from pytest_visionfmt.json_paths import Path
from pytest_visionfmt.json_scan import MAX_DEPTH
from pytest_visionfmt.schema_breaches import unknown_key
from pytest_visionfmt.schema_nodes import Node

__all__ = ["file_breaches"]

_Broken: TypeAlias = tuple[bytes, Sequence[Consequence]] | None
_Spoil: TypeAlias = Callable[[str, Any], str | None]
"""Takes the JSON text of a record and the record; returns the broken text, None where it cannot be so broken."""


def file_breaches(unit: Unit, root: Node) -> Iterator[FileBreach]:
    """Yield every breach of the rules on files, encoding and JSON, for a format of this unit and schema."""
    yield from _encodings(unit)
    for change, fact, spoil in _TEXTS:
        yield FileBreach(change, _of_line(fact, spoil))
    for what, fact, token in _TOKENS:
        yield FileBreach(what, _of_line(fact, _member(token, unknown_key(root))))
    yield FileBreach("a raw tab in a string", _control_character(root))
    yield from _DOCUMENTS if unit == "json" else _LINES


def _content(lines: Sequence[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _of_line(fact: str, spoil: _Spoil) -> Callable[[list[Any], int], _Broken]:
    def make(values: list[Any], at: int) -> _Broken:
        lines = [as_text(value) for value in values]
        broken = spoil(lines[at], values[at])
        if broken is None:
            return None
        lines[at] = broken
        return _content(lines), [Consequence(fact, (), at + 1)]

    return make


# Encodings.


def _encodings(unit: Unit) -> Iterator[FileBreach]:
    def encoded(encoding: str, mark: bytes = b"") -> Callable[[list[Any], int], _Broken]:
        def make(values: list[Any], at: int) -> _Broken:
            text = _content([as_text(value) for value in values]).decode()
            return mark + text.encode(encoding), [Consequence("wrong-encoding", (), 1)]

        return make

    yield FileBreach("UTF-16 with a byte order mark", encoded("utf-16-le", codecs.BOM_UTF16_LE))
    yield FileBreach("UTF-16, big-endian, with a byte order mark", encoded("utf-16-be", codecs.BOM_UTF16_BE))
    yield FileBreach("UTF-16 without a byte order mark", encoded("utf-16-le"))
    yield FileBreach("UTF-16, big-endian, without a byte order mark", encoded("utf-16-be"))
    yield FileBreach("UTF-32", encoded("utf-32-le", codecs.BOM_UTF32_LE))

    def byte(raw: bytes) -> Callable[[list[Any], int], _Broken]:
        def make(values: list[Any], at: int) -> _Broken:
            lines = [as_text(value).encode() for value in values]
            if b'"' not in lines[at]:
                return None
            lines[at] = lines[at].replace(b'"', b'"' + raw, 1)
            return b"".join(line + b"\n" for line in lines), [Consequence("invalid-utf8", (), at + 1)]

        return make

    yield FileBreach("a Latin-1 byte", byte("é".encode("latin-1")))
    yield FileBreach("a character cut off in the middle", byte("😀".encode()[:3]))
    yield FileBreach("a surrogate pair in UTF-8", byte("\ud83d\ude00".encode("utf-8", "surrogatepass")))

    def marked(values: list[Any], at: int) -> _Broken:
        content = codecs.BOM_UTF8 + _content([as_text(value) for value in values])
        return content, [Consequence("byte-order-mark", (), 1)]

    yield FileBreach("a byte order mark", marked)

    def empty(values: list[Any], at: int) -> _Broken:
        return b"", [Consequence("no-record" if unit == "jsonl" else "invalid-json", (), 1)]

    yield FileBreach("an empty file", empty)


# What is almost JSON.


def _before_end(text: str) -> _Spoil:
    return lambda line, value: f"{line[:-1]}{text}{line[-1]}" if isinstance(value, dict | list) and value else None


def _bare_key(line: str, value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    return line.replace('"', "", 2) if isinstance(first, dict) and first else None


def _python(line: str, value: Any) -> str | None:
    return repr(value) if "'" in repr(value)[:3] else None


def _key_twice(line: str, value: Any) -> str | None:
    first = value[0] if isinstance(value, list) and value else value
    key = next(iter(first), None) if isinstance(first, dict) else None
    return None if key is None else _inserted(line, value, f"{json.dumps(key)}: null")


def _lone_key(line: str, value: Any) -> str | None:
    return _inserted(line, value, '"\\ud83d": 0')


def _inserted(line: str, value: Any, member: str) -> str | None:
    """Return the text with one more member in its outermost object, or its first one."""
    if isinstance(value, dict):
        return f"{{{member}, {line[1:]}" if value else f"{{{member}}}"
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return f"[{_inserted(line[1:], value[0], member)}"
    return None


def _member(token: str, key: str) -> _Spoil:
    return lambda line, value: _inserted(line, value, f'"{key}": {token}')


_TEXTS: tuple[tuple[str, str, _Spoil], ...] = (
    ("a trailing comma", "invalid-json", _before_end(",")),
    ("a comment before the end", "invalid-json", _before_end(" // note ")),
    ("a comment before the record", "invalid-json", lambda line, value: f"/* note */ {line}"),
    ("single quotes, as Python prints it", "invalid-json", _python),
    ("a key without quotes", "invalid-json", _bare_key),
    ("a bracket too few", "invalid-json", lambda line, value: f"{line[:-1]})"),
    ("a word before the record", "invalid-json", lambda line, value: f"note {line}"),
    ("a key twice", "duplicate-key", _key_twice),
    ("half of a surrogate pair in a key", "lone-surrogate", _lone_key),
    ("the record twice in one line", "several-values", lambda line, value: f"{line}{line}"),
    ("a comma behind the record", "several-values", lambda line, value: f"{line},"),
    ("a word behind the record", "several-values", lambda line, value: f"{line} note"),
    ("a NUL behind the record", "several-values", lambda line, value: f"{line}\0"),
)
_TOKENS = (
    ("True, as Python writes it", "invalid-json", "True"),
    ("a number with a leading zero", "invalid-json", "01"),
    ("a number without a digit before the point", "invalid-json", ".5"),
    ("a number without a digit behind the point", "invalid-json", "5."),
    ("a number with a plus sign", "invalid-json", "+1"),
    ("a hexadecimal number", "invalid-json", "0x1"),
    ("an escape that JSON has not", "invalid-json", r'"\x41"'),
    ("a NUL between key and value", "invalid-json", "\0 0"),
    ("NaN", "not-a-number", "NaN"),
    ("Infinity", "not-a-number", "Infinity"),
    ("-Infinity", "not-a-number", "-Infinity"),
    ("1e400", "number-too-large", "1e400"),
    ("2^63", "integer-too-large", str(2**63)),
    ("2^64 - 1", "integer-too-large", str(2**64 - 1)),
    ("-2^63 - 1", "integer-too-large", str(-(2**63) - 1)),
    ("half of a surrogate pair", "lone-surrogate", '"\\ud83d"'),
    ("the other half of a surrogate pair", "lone-surrogate", '"\\ude00"'),
    (f"nested {MAX_DEPTH + 1} deep", "nested-too-deep", "[" * MAX_DEPTH + "]" * MAX_DEPTH),
)


def _control_character(root: Node) -> Callable[[list[Any], int], _Broken]:
    def make(values: list[Any], at: int) -> _Broken:
        first: Path = (0,) if isinstance(values[at], list) else ()
        node = root.at(first) or Node()
        key = unknown_key(node)
        lines = [as_text(value) for value in values]
        broken = _inserted(lines[at], values[at], f'"{key}": "\t"')
        if broken is None:
            return None
        lines[at] = broken
        found = [Consequence("control-character", (*first, key), at + 1)]
        found += [Consequence("properties", (*first, key), at + 1)] if node.properties else []
        return _content(lines), found

    return make


# Lines.


def _without_last_newline(values: list[Any], at: int) -> _Broken:
    content = _content([as_text(value) for value in values]).removesuffix(b"\n")
    return content, [Consequence("missing-final-newline", (), len(values))]


def _cut(values: list[Any], at: int) -> _Broken:
    lines = [as_text(value) for value in values]
    last = lines[-1][: max(1, len(lines[-1]) // 2)]
    content = _content(lines[:-1]) + last.encode()
    line = len(lines)
    return content, [Consequence("invalid-json", (), line), Consequence("missing-final-newline", (), line)]


def _one_line(separator: str) -> Callable[[list[Any], int], _Broken]:
    def make(values: list[Any], at: int) -> _Broken:
        lines = [as_text(value) for value in values]
        at = min(at, len(lines) - 2)
        lines[at : at + 2] = [lines[at] + separator + lines[at + 1]]
        return _content(lines), [Consequence("several-values", (), at + 1)]

    return make


def _carriage_returns(values: list[Any], at: int) -> _Broken:
    content = "".join(f"{as_text(value)}\r" for value in values).encode()
    return content, [Consequence("several-values", (), 1), Consequence("missing-final-newline", (), 1)]


def _pretty(values: list[Any], at: int) -> _Broken:
    lines = [as_text(value) for value in values]
    lines[at] = json.dumps(values[at], indent=2, ensure_ascii=False)
    return (_content(lines), [Consequence("pretty-printed", (), at + 1)]) if "\n" in lines[at] else None


def _listed(values: list[Any], at: int) -> _Broken:
    content = "[\n" + ",\n".join(as_text(value) for value in values) + "\n]\n"
    return content.encode(), [Consequence("pretty-printed", (), 1)]


def _blank_lines(values: list[Any], at: int) -> _Broken:
    return b"\n \n", [Consequence("no-record", (), 1), *(Consequence("blank-line", (), n) for n in (1, 2))]


def _blank_line(values: list[Any], at: int) -> _Broken:
    lines = [as_text(value) for value in values]
    lines[at:at] = [""]
    return _content(lines), [Consequence("blank-line", (), at + 1)]


_LINES = (
    FileBreach("no newline at the end", _without_last_newline),
    FileBreach("the last line cut short", _cut),
    FileBreach("two records in one line, a newline missing", _one_line(""), least=2),
    FileBreach("two records in one line, a space between", _one_line(" "), least=2),
    FileBreach("carriage returns for newlines", _carriage_returns, least=2),
    FileBreach("a record pretty-printed", _pretty),
    FileBreach("one list of all records, a record a line", _listed),
    FileBreach("blank lines only", _blank_lines),
    FileBreach("a blank line", _blank_line),
)


def _cut_document(values: list[Any], at: int) -> _Broken:
    text = as_text(values[0])
    return text[: len(text) // 2].encode(), [Consequence("invalid-json", (), 1)]


_DOCUMENTS = (FileBreach("cut short", _cut_document),)
