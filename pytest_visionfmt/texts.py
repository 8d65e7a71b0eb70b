"""From the bytes of a file to texts that hold one value each: lines, blank lines, spread-out values."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.json_scan import STRING, Fact
from pytest_visionfmt.parsing import LineParser, Parsing, encoding_fact

__all__ = ["Text", "is_blank", "texts", "whole_text"]

_BLANK = Parsing(MISSING, (Fact("blank-line", (), 0, "a blank line, which holds no record"),))
_MARK = Fact("byte-order-mark", (), 0, "the file begins with a byte order mark, U+FEFF")
_MOST_LINES_OF_A_VALUE = 100_000
_MOST_CHARS_OF_A_VALUE = 1 << 24


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a file: its first and last line, its characters, what they parse to.

    ``raw`` is the line as it stands in the file. ``blank`` is a line of white space, ``last > first``
    a value spread over lines.
    """

    first: int
    last: int
    raw: bytes
    text: str
    parsing: Parsing
    blank: bool = False
    ends_line: bool = True

    @classmethod
    def empty(cls, n: int) -> Text:
        """Return a line that is not there."""
        return cls(n, n, b"", "", Parsing(MISSING), blank=True)


def is_blank(raw: bytes) -> bool:
    """Whether a line holds nothing but what JSON calls white space."""
    return not raw.strip(b" \t\r\n")


def whole_text(raw: bytes) -> Text:
    """Return a whole file that holds one JSON document."""
    lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
    if wide := encoding_fact(raw[:4]):
        return replace(_wide_text(raw, wide), last=lines)
    text, parsing = _decode(raw.removeprefix(codecs.BOM_UTF8), LineParser())
    return Text(1, lines, raw, text, _marked(parsing, raw.startswith(codecs.BOM_UTF8)))


def _marked(parsing: Parsing, marked: bool) -> Parsing:
    """Return a parsing with the fact that a byte order mark stands before it, where one does."""
    return replace(parsing, facts=(_MARK, *parsing.facts)) if marked else parsing


def _wide_text(raw: bytes, fact: Fact) -> Text:
    """Return the beginning of a file of another encoding, legible as far as it is ASCII."""
    text = raw.replace(b"\0", b"").decode("ascii", "ignore").rstrip("\r\n")
    return Text(1, 1, raw, text, Parsing(MISSING, (fact,)))


def _decode(raw: bytes, parser: LineParser) -> tuple[str, Parsing]:
    """Return bytes as text without its line ending, parsed."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = len(raw[: error.start].decode("utf-8"))
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        text = raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")
        return text, Parsing(MISSING, (Fact("invalid-utf8", (), offset, found),))
    text = text.removesuffix("\n").removesuffix("\r")
    return text, parser.parse(text)


def texts(lines: Iterable[bytes], *, at_start: bool = True) -> Iterator[Text]:
    """Yield the texts of a JSON Lines file, given its lines with their endings.

    A value that ends too soon in its line and is complete some lines later comes as one text:
    somebody pretty-printed it. ``at_start`` says that the first line is the first of the file,
    where a byte order mark may stand. A file of another encoding is one text with that fact.
    """
    parser = LineParser()
    ahead: deque[tuple[int, bytes]] = deque()
    source = enumerate(lines, 1)
    tried = 0  # no value is complete up to this line: what follows a failed attempt is not tried again
    while True:
        item = ahead.popleft() if ahead else next(source, None)
        if item is None:
            return
        n, raw = item
        marked = False  # whether a byte order mark stands before this text
        if n == 1 and at_start:
            if wide := encoding_fact(raw[:4]):
                yield _wide_text(raw, wide)
                return
            marked = raw.startswith(codecs.BOM_UTF8)
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if is_blank(raw):
            yield Text(n, n, raw, "", _marked(_BLANK, marked), blank=True, ends_line=raw.endswith(b"\n"))
            continue
        text, parsing = _decode(raw, parser)
        if parsing.open_at_end and n > tried:
            spread = _spread(n, text, ahead, source)
            if spread is None:
                tried = ahead[-1][0] if ahead else n
            else:
                last, whole, ends_line = spread
                yield Text(n, last, raw, whole, _marked(parser.parse(whole), marked), ends_line=ends_line)
                continue
        yield Text(n, n, raw, text, _marked(parsing, marked), ends_line=raw.endswith(b"\n"))


def _spread(
    n: int, text: str, ahead: deque[tuple[int, bytes]], source: Iterator[tuple[int, bytes]]
) -> tuple[int, str, bool] | None:
    """Read on until the brackets that ``text`` opens are closed.

    Returns the last line, the whole, and whether that line ends in a newline.

    The lines of the value are taken from ``ahead``; where there is none they all stay there.
    """
    depth = _depth(text)
    parts = [text]
    size = len(text)
    position = 0
    while depth > 0 and len(parts) < _MOST_LINES_OF_A_VALUE and size < _MOST_CHARS_OF_A_VALUE:
        if position == len(ahead):
            item = next(source, None)
            if item is None:
                return None
            ahead.append(item)
        part = ahead[position][1].decode("utf-8", "replace").rstrip("\r\n")
        position += 1
        parts.append(part)
        size += len(part) + 1
        depth += _depth(part)
    if depth != 0 or position == 0:
        return None
    ends_line = ahead[position - 1][1].endswith(b"\n")
    for _ in range(position):
        ahead.popleft()
    return n + position, "\n".join(parts), ends_line


def _depth(text: str) -> int:
    bare = STRING.sub("", text)
    return bare.count("{") + bare.count("[") - bare.count("}") - bare.count("]")
