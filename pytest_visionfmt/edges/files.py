"""Edge cases of whole files: valid ones, written in ways that few people would think of."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any

from hypothesis.errors import InvalidArgument

from pytest_visionfmt.checking_files import check_bytes
from pytest_visionfmt.draws.files import FILE_DRAWS
from pytest_visionfmt.edges import EDGES
from pytest_visionfmt.edges.cases import EdgeFile
from pytest_visionfmt.edges.records import edge_cases, maker_of
from pytest_visionfmt.format import PROFILES, Format
from pytest_visionfmt.formats import named
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.jsonl_writing import (
    BLANK_LINES,
    BYTE_ORDER_MARK,
    CRLF,
    SPACES_AROUND,
    SPELLINGS,
    Line,
    is_reordered,
    write,
)
from pytest_visionfmt.schema_nodes import nodes_of

__all__ = ["EdgeFile", "edge_files"]

_FEW, _MANY = 12, 300


def edge_files(format: str | Format) -> tuple[EdgeFile, ...]:
    """Return whole valid files of a format, each with a name.

    ``format`` is the id of a format, or a ``Format`` of your own. The files are written in every way that
    costs nothing in that format (keys in another order, escapes, spaces; for Azure also Windows line
    endings, a byte order mark, blank lines), and hold what people of the field know: very many records,
    images of the same name in different folders, background images, every edge case at once. None
    has a finding in either profile. They are the same in every run. Raises ``ValueError`` for an unknown
    format.
    """
    return _edge_files(named(format))


@lru_cache(maxsize=32)
def _edge_files(format_: Format) -> tuple[EdgeFile, ...]:
    made: dict[bytes, EdgeFile] = {}
    for file in _documents(format_) if format_.unit == "json" else _all_lines(format_):
        if not any(check_bytes(file.value, format_, profile=profile).findings for profile in PROFILES):
            made.setdefault(file.value, file)
    return tuple(made.values())


def _all_lines(format_: Format) -> Iterator[EdgeFile]:
    maker = maker_of(format_, "documented")
    simplest = maker.clean_record({})
    if simplest is MISSING:
        return
    few = _as_one(format_, [case.value for case in edge_cases(format_)[:_FEW]])
    if check_bytes(_plainly(few), format_).findings:  # a rule over the whole file that only its author knows
        few = [simplest]
    yield _file("one-record", "The file has one line.", _plainly([simplest]), lambda content: content.count(b"\n") == 1)
    for name, (why, spell) in SPELLINGS.items():
        content = write(few, [Line(name)] * len(few))
        like = partial(_is_reordered, format_) if name.startswith("keys-") else partial(_is_spelt, spell)
        yield _file(f"spelling-{name}", why, content, like)
    yield from _line_variations(format_, few)
    many = _as_one(format_, [maker.clean_record({}) for _ in range(_MANY)])
    yield _file("many-records", f"The file has {_MANY} lines.", _plainly(many))
    every = _as_one(format_, [case.value for case in edge_cases(format_)])
    yield _file("every-edge-case", "The file holds every edge case of a record.", _plainly(every))
    if family := EDGES.get(format_.id):
        for name, why, records in family.files(maker):
            yield _file(name, why, _plainly(_as_one(format_, records)))


def _file(name: str, why: str, content: bytes, like: Callable[[bytes], bool] | None = None) -> EdgeFile:
    """Return one file, drawn where its like is given."""
    return EdgeFile(name, why, like is not None, lambda other: other == content or bool(like and like(other)), content)


def _as_one(format_: Format, records: list[Any]) -> list[Any]:
    """Return records as their family mends them; the first alone where an edited schema leaves no room for more."""
    if family := FILE_DRAWS.get(format_.id):
        try:
            family.make_one(records, format_, "documented")
        except InvalidArgument:
            return records[:1]
    return records


def _plainly(records: list[Any]) -> bytes:
    return write(records, [Line()] * len(records))


def _line_variations(format_: Format, records: list[Any]) -> Iterator[EdgeFile]:
    family = FILE_DRAWS.get(format_.id)
    harmless = family.harmless if family else frozenset()
    plain, windows = Line(), Line(ending="\r\n")
    length = len(records)
    if CRLF in harmless:
        yield _file("crlf", "Lines end as on Windows.", write(records, [windows] * length), _has(b"\r\n"))
        mixed = write(records, [(plain, windows)[i % 2] for i in range(length)])
        yield _file("mixed-endings", "Lines end now as on Unix, now as on Windows.", mixed, _has_mixed_endings)
    if BYTE_ORDER_MARK in harmless:
        content = write(records, [plain] * length, mark=True)
        yield _file("byte-order-mark", "The file begins with a byte order mark.", content, _has(codecs.BOM_UTF8))
    if BLANK_LINES in harmless:
        between = write(records, [Line(blank="\n")] * length)
        yield _file("blank-lines", "There is a blank line after every record.", between, _has(b"\n\n"))
        blank = write(records, [Line(blank=" \t\r\n")] * length)
        yield _file("lines-of-spaces", "There is a line of white space after every record.", blank, _has_line_of_spaces)
        yield _file("blank-line-first", "The file begins with a blank line.", b"\n" + _plainly(records))
    if SPACES_AROUND in harmless:
        around = write(records, [Line(around=" \t")] * length)
        yield _file("spaces-around", "There are spaces and tabs around every record.", around, _has_spaces_around)
    if harmless >= {CRLF, BYTE_ORDER_MARK, BLANK_LINES}:
        content = write(records, [Line("utf-8", "\r\n", blank="\r\n")] * length, mark=True)
        yield _file("from-windows", "The file is as Windows programs write it.", content)


def _has(mark: bytes) -> Callable[[bytes], bool]:
    return lambda content: mark in content


def _has_mixed_endings(content: bytes) -> bool:
    return 0 < content.count(b"\r\n") < content.count(b"\n")


def _has_line_of_spaces(content: bytes) -> bool:
    return any(line and not line.strip() for line in content.split(b"\n"))


def _has_spaces_around(content: bytes) -> bool:
    return any(line.strip() and line[:1] in b" \t" and line[:1] for line in content.split(b"\n"))


def _is_spelt(spell: Callable[[Any], str], content: bytes) -> bool:
    """Whether a line is spelt so, and where that is not the plain spelling, not plainly as well."""
    for text in _texts(content):
        value = json.loads(text)
        if text == spell(value) and (text != json.dumps(value) or spell is SPELLINGS["plain"][1]):
            return True
    return False


def _is_reordered(format_: Format, content: bytes) -> bool:
    order = tuple(nodes_of(format_, "documented").properties)
    return any(is_reordered(json.loads(text), order) for text in _texts(content))


def _texts(content: bytes) -> Iterator[str]:
    for line in content.removeprefix(codecs.BOM_UTF8).decode().split("\n"):
        if text := line.strip():
            yield text


def _documents(format_: Format) -> Iterator[EdgeFile]:
    """Yield files of one document, each the simplest and each written in another way."""
    value = maker_of(format_, "documented").clean_record({})
    if value is MISSING:
        return
    for name, (why, spell) in SPELLINGS.items():
        yield _file(f"spelling-{name}", why, f"{spell(value)}\n".encode())
    indented = json.dumps(value, indent=2)
    for name, why, text in (
        ("no-final-newline", "The file does not end in a newline.", json.dumps(value)),
        ("indented", "The document is spread over lines.", f"{indented}\n"),
        ("indented-with-tabs", "The document is indented with tabs.", json.dumps(value, indent="\t") + "\n"),
        ("indented-crlf", "The lines of the document end as on Windows.", indented.replace("\n", "\r\n") + "\r\n"),
        ("blank-lines-around", "There are blank lines before and after the document.", f"\n\n{indented}\n\n\n"),
    ):
        yield _file(name, why, text.encode())
