"""From the bytes of a file to texts that hold one value each: lines, blank lines, spread-out values."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.json_scan import STRING, Fact
from pytest_visionfmt.parsing import LineParser, Parsing, encoding_fact, sound_value

__all__ = ["Text", "TextReader", "is_blank", "last_line", "line_text", "texts", "whole_text"]

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


def is_blank(raw: bytes) -> bool:
    """Whether a line holds nothing but what JSON calls white space."""
    return not raw.strip(b" \t\r\n")


def last_line(raw: bytes) -> int:
    """Return the number of the last line of a whole file."""
    return raw.count(b"\n") + (not raw.endswith(b"\n"))


def whole_text(raw: bytes) -> Text:
    """Return a whole file that holds one JSON document."""
    lines = last_line(raw)
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
    value = sound_value(raw)
    return text, parser.parse(text) if value is MISSING else Parsing(value)


def line_text(n: int, raw: bytes) -> str:
    """Return the characters of line ``n`` of a file, as a text that begins there has them."""
    if n == 1:
        if wide := encoding_fact(raw[:4]):
            return _wide_text(raw, wide).text
        raw = raw.removeprefix(codecs.BOM_UTF8)
    return raw.decode("utf-8", "replace").removesuffix("\n").removesuffix("\r")


def texts(lines: Iterable[bytes], *, at_start: bool = True) -> Iterator[Text]:
    """Yield the texts of a JSON Lines file, given its lines with their endings; see ``TextReader``."""
    reader = TextReader(lines, at_start=at_start)
    for n, raw in reader:
        yield reader.text(n, raw)


class TextReader:
    """Reads the texts of a JSON Lines file, given its lines with their endings.

    Iterate for the numbered lines; ``text(n, raw)`` makes a text of the line just got, and may read on:
    a value that ends too soon in its line and is complete some lines later comes as one text, somebody
    pretty-printed it. ``at_start`` says that the first line is the first of the file, where a byte
    order mark may stand. A file of another encoding is one text with that fact, and no line after it.
    """

    def __init__(self, lines: Iterable[bytes], *, at_start: bool = True) -> None:
        self.open_at_end = False
        """Whether a value began here that the lines after these may complete."""
        self._at_start = at_start
        self._parser = LineParser()
        self._source: Iterator[tuple[int, bytes]] = enumerate(lines, 1)
        self._ahead: deque[tuple[int, bytes]] = deque()
        self._tried = 0  # no value is complete up to this line: what follows a failed attempt is not tried again

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        while (line := next(self.upcoming(), None)) is not None:
            yield line

    def upcoming(self) -> Iterator[tuple[int, bytes]]:
        """Return an iterator over the next numbered lines; where it ends there may be more, for another."""
        return self._read_ahead() if self._ahead else self._source

    def _read_ahead(self) -> Iterator[tuple[int, bytes]]:
        while self._ahead:
            yield self._ahead.popleft()

    def text(self, n: int, raw: bytes) -> Text:
        """Return the text that begins with line ``n``."""
        marked = False  # whether a byte order mark stands before this text
        if n == 1 and self._at_start:
            if wide := encoding_fact(raw[:4]):
                self._source = iter(())
                return _wide_text(raw, wide)
            marked = raw.startswith(codecs.BOM_UTF8)
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if is_blank(raw):
            return Text(n, n, raw, "", _marked(_BLANK, marked), blank=True, ends_line=raw.endswith(b"\n"))
        text, parsing = _decode(raw, self._parser)
        if parsing.open_at_end and n > self._tried:
            spread = self._spread(n, text)
            if spread is None:
                self._tried = self._ahead[-1][0] if self._ahead else n
            else:
                last, whole, ends_line = spread
                return Text(n, last, raw, whole, _marked(self._parser.parse(whole), marked), ends_line=ends_line)
        return Text(n, n, raw, text, _marked(parsing, marked), ends_line=raw.endswith(b"\n"))

    def _spread(self, n: int, text: str) -> tuple[int, str, bool] | None:
        """Read on until the brackets that ``text`` opens are closed.

        Returns the last line, the whole, and whether that line ends in a newline.

        The lines of the value are taken from ``ahead``; where there is none they all stay there.
        """
        ahead = self._ahead
        depth = _depth(text)
        parts = [text]
        size = len(text)
        position = 0
        while depth > 0 and len(parts) < _MOST_LINES_OF_A_VALUE and size < _MOST_CHARS_OF_A_VALUE:
            if position == len(ahead):
                item = next(self._source, None)
                if item is None:
                    self.open_at_end = True
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
