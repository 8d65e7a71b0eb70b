"""Files to reports: open, recognise, check; a file that cannot be read is a finding, not an exception."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, suppress
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import IO, cast

from pytest_visionfmt.accepting import acceptor_of
from pytest_visionfmt.checking import check_parsing
from pytest_visionfmt.checking_images import ImageCheck, ImageMode, image_check, with_images
from pytest_visionfmt.data_files import is_compressed, is_document
from pytest_visionfmt.findings import Finding
from pytest_visionfmt.format import Format, Profile, check_profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.formats.shared_rules import JSON_RULES
from pytest_visionfmt.line_reading import Progress, bounded_lines, told
from pytest_visionfmt.parts import Part, tally_text
from pytest_visionfmt.recognition import DOCUMENT_BYTES, HEAD_BYTES, HEAD_LINES, Recognition, recognise
from pytest_visionfmt.report import MAX_FINDINGS, Report, Tally
from pytest_visionfmt.sharding import SHARD_BYTES, read_in_shards
from pytest_visionfmt.texts import is_blank, last_line, whole_text

__all__ = [
    "CheckInterrupted",
    "Source",
    "check_bytes",
    "check_file",
    "check_found",
    "head_of",
    "is_shardable",
    "open_file",
]

_UNREADABLE = (OSError, EOFError, zlib.error)
_READ_AT_ONCE = 1 << 20
_BUFFER = 1 << 18  # with Python's own size, lines of files cost half as much again
_RULES = {rule.name: rule for rule in JSON_RULES}


class CheckInterrupted(KeyboardInterrupt):
    """The user stopped a check; ``report`` says what was seen of the file until then."""

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report


def check_file(
    path: str | PathLike[str],
    format: str | Format | None = None,
    *,
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
    shown_as: str | None = None,
    images: ImageMode | None = None,
    image_root: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a file and return the report. Never raises on bad data, nor on a file that cannot be read.

    * ``format`` is the id of a format, or a ``Format`` of your own; None tells it from the keys of the
      first 100 lines, and a file of no known format is an error.
    * ``profile`` says who judges: the ``"documented"`` page, or the service's ``"reader"`` alone.
    * ``max_findings`` is how many findings of one code to keep; all are counted.
    * ``shown_as`` is what the findings call the file; its path as given, when None.
    * ``images`` says what to look at of the images that the records name: their ``"headers"``, or ``"full"``,
      every pixel, the only way to see that one is cut short; ``"off"``, the default, is nothing.
    * ``image_root`` is the folder below which the images are looked for, as ``local_path`` does; giving it
      means ``images="headers"``. The folder of the file, when None.
    * ``executor`` shares the work out where the file is large, and ``progress`` is told of it; see ``check_paths``.

    A name that ends in ``.gz`` is decompressed. Raises ``ValueError`` for an unknown format, profile or
    ``images``, where ``max_findings`` is negative, and where ``image_root`` is no folder.
    """
    return _check(path, format, profile, max_findings, shown_as, images, image_root, executor, progress, found=False)


def check_found(
    path: str | PathLike[str],
    *,
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
    shown_as: str | None = None,
    images: ImageMode | None = None,
    image_root: str | PathLike[str] | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Report:
    """Check a file that was found by walking a folder: one of no known format is skipped with a reason."""
    return _check(path, None, profile, max_findings, shown_as, images, image_root, executor, progress, found=True)


def check_bytes(
    content: bytes,
    format: str | Format,
    *,
    file: str = "<bytes>",
    profile: Profile = "documented",
    max_findings: int = MAX_FINDINGS,
    images: ImageMode | None = None,
    image_root: str | PathLike[str] | None = None,
) -> Report:
    """Check the content of a file, already in memory, and return the report; see ``check_file``."""
    _check_arguments(profile, max_findings)
    check = image_check(images, image_root, None)
    return _report(lambda: io.BytesIO(content), file, Recognition(named(format)), profile, max_findings, check)


def _check_arguments(profile: str, max_findings: int) -> None:
    check_profile(profile)
    if max_findings < 0:
        raise ValueError(f"max_findings={max_findings} is negative")


def _check(
    path: str | PathLike[str],
    format_: str | Format | None,
    profile: Profile,
    max_findings: int,
    shown_as: str | None,
    images: ImageMode | None,
    image_root: str | PathLike[str] | None,
    executor: Executor | None,
    progress: Progress | None,
    *,
    found: bool,
) -> Report:
    _check_arguments(profile, max_findings)
    check = image_check(images, image_root, Path(path).parent)
    file = str(path) if shown_as is None else shown_as
    recognition = Recognition(named(format_)) if format_ is not None else None
    try:
        if recognition is None:
            with open_file(Path(path)) as stream:
                recognition = recognise(head_of(stream, Path(path).name), Path(path).name)
        if recognition.format is None:
            if found:
                return Report(file, max_findings=max_findings, skipped=recognition.reason)
            message = f"no known format: {recognition.reason}"
            return Report.of([_lone("unknown-format", message, file)], max_findings=max_findings, file=file)
        part = None
        if executor is not None and recognition.format.unit == "jsonl" and is_shardable(Path(path)):
            part = read_in_shards(Path(path), recognition.format, profile, max_findings, executor, progress=progress)
        return _report(lambda: open_file(Path(path)), file, recognition, profile, max_findings, check, part, progress)
    except _UNREADABLE as error:
        return Report.of([_unreadable(error, file)], max_findings=max_findings, file=file)


def is_shardable(path: Path) -> bool:
    """Whether a file may be worth reading in shards: large, and not compressed."""
    try:
        return not is_compressed(path.name) and path.is_file() and path.stat().st_size > SHARD_BYTES
    except (OSError, ValueError):
        return False


def _lone(rule_name: str, message: str, file: str, line: int = 1) -> Finding:
    """Return a finding on a file as a whole, which every format's reader would make."""
    rule = _RULES[rule_name]
    judgement = rule.verdict.documented
    assert judgement is not None
    return Finding(
        rule.code, rule.name, judgement.severity, message, "$", file, line, 1, "",
        judgement.reaction, judgement.evidence, judgement.consequence,
    )  # fmt: skip


def _unreadable(error: BaseException, file: str, line: int = 1) -> Finding:
    why = getattr(error, "strerror", None) or error
    after = f" from line {line} on" if line > 1 else ""
    return _lone("unreadable-file", f"cannot be read{after}: {why}", file, line)


def open_file(path: Path) -> IO[bytes]:
    """Open a regular file; anything else (a folder, a pipe that nobody feeds) is an error, not a hang."""
    try:
        mode = path.stat().st_mode
    except ValueError as error:  # a name that no file can have
        raise OSError(str(error)) from None
    if stat.S_ISDIR(mode):
        raise OSError("it is a folder")
    if not stat.S_ISREG(mode):
        raise OSError("it is not a regular file")
    # GzipFile is not declared to be an IO[bytes], and reads like one.
    return cast("IO[bytes]", gzip.GzipFile(path)) if is_compressed(path.name) else path.open("rb", _BUFFER)


def head_of(stream: IO[bytes], name: str) -> Sequence[bytes]:
    """Return the first lines of a file, or the whole of one that is named as a document."""
    if is_document(name):
        return stream.read(DOCUMENT_BYTES).splitlines(keepends=True)
    head: list[bytes] = []
    size = lines = 0
    while lines < HEAD_LINES and size < HEAD_BYTES and (raw := stream.readline(HEAD_BYTES)):
        head.append(raw)
        size += len(raw)
        lines += not is_blank(raw)
    return head


class Source:
    """A file that can be read more than once. What stops a reading short is kept in ``error``."""

    def __init__(self, opened: Callable[[], IO[bytes]], streams: ExitStack, progress: Progress | None = None) -> None:
        self._opened = opened
        self._streams = streams
        self._progress = progress
        self.error: BaseException | None = None

    def lines(self) -> Iterator[bytes]:
        """Return the lines; reading them may raise."""
        stream = self._streams.enter_context(self._opened())
        lines = bounded_lines(stream)
        progress, self._progress = self._progress, None  # what is read once more has been told
        return told(lines, stream, progress) if progress else lines

    def whole(self) -> bytes:
        """Return the whole file, as far as it can be read; nothing of one that is too large for a document."""
        stream = self._streams.enter_context(self._opened())
        parts = []
        size = 0
        try:
            while part := stream.read(_READ_AT_ONCE):
                parts.append(part)
                size += len(part)
                if size > DOCUMENT_BYTES:
                    parts.clear()
                    raise OSError(f"a document of over {DOCUMENT_BYTES >> 20} MiB")
        except _UNREADABLE as error:
            self.error = error
        return b"".join(parts)

    def lines_again(self) -> Iterator[bytes]:
        """Yield the lines once more, as far as they can be read."""
        with suppress(*_UNREADABLE):
            yield from self.lines()


def _report(
    opened: Callable[[], IO[bytes]],
    file: str,
    recognition: Recognition,
    profile: Profile,
    max_findings: int,
    check: ImageCheck | None,
    part: Part | None = None,
    progress: Progress | None = None,
) -> Report:
    """Return the report on a file, whose lines may have been read already, as ``part``."""
    format_ = recognition.format
    assert format_ is not None
    with ExitStack() as streams:
        source = Source(opened, streams, progress)
        if format_.unit == "json":
            report = _document_report(source, file, format_, profile, max_findings)
            report = replace(report, also_fits=recognition.also_fits)
        else:
            if part is None:
                part = Part.empty(format_, profile, max_findings)
                lines = source.lines()
                try:
                    part.read(lines)
                except _UNREADABLE as error:
                    source.error = error
                except KeyboardInterrupt:
                    raise CheckInterrupted(part.report(list, file, recognition.also_fits)) from None
            report = part.report(source.lines_again, file, recognition.also_fits)
            if check:
                report = with_images(report, source.lines_again, format_, profile, check)
        if source.error:
            stopped = Report.of([_unreadable(source.error, file, report.lines + 1)], file=file, format=format_.id)
            report = replace(report.merge(replace(stopped, max_findings=max_findings)), also_fits=report.also_fits)
        return report


def _document_report(source: Source, file: str, format_: Format, profile: Profile, max_findings: int) -> Report:
    raw = source.whole()
    if source.error and not raw:
        return Report(file, format_.id, max_findings=max_findings)
    acceptor = acceptor_of(format_, profile)
    if acceptor and acceptor.accepts(raw):
        return Report(file, format_.id, last_line(raw), max_findings=max_findings)
    text = whole_text(raw)
    tally = Tally(max_findings)
    tally_text(tally, check_parsing(text.parsing, format_, profile), lambda: text.text)
    findings = tuple(replace(finding, file=file) for finding in tally.findings)
    return replace(tally.report(file=file, format=format_.id, lines=text.last), findings=findings)
