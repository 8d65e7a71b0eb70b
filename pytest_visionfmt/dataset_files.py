"""Datasets on disk: a file of records, and their images where ``local_path`` looks for them.

Nothing is written outside of the folder, nothing overwritten unasked, and a write that fails leaves
nothing behind: what is written goes to a folder of a temporary name first.
"""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from secrets import token_hex
from typing import Any, NamedTuple, TypeAlias

from pytest_visionfmt.data_files import has_data_name, is_compressed, is_document
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named
from pytest_visionfmt.locations import Locator, NoLocalFile, parts_of
from pytest_visionfmt.painting import image_for
from pytest_visionfmt.recognition import HEAD_LINES, recognise
from pytest_visionfmt.values import show

__all__ = [
    "DatasetFiles",
    "Place",
    "check_free",
    "file_name",
    "json_line",
    "places_of",
    "read_dataset",
    "write_dataset",
    "write_files",
    "write_folder",
]

Place: TypeAlias = tuple[str, ...]
"""Where a file is below a folder: the folders on the way, and its name."""


class DatasetFiles(NamedTuple):
    """What a folder holds: its records, and the file of the image of each, None where there is none."""

    records: list[Any]
    images: list[Path | None]


def write_dataset(
    root: str | PathLike[str],
    records: Iterable[Any],
    *,
    format: str | Format | None = None,
    images: bool = True,
    exist_ok: bool = False,
    name: str | None = None,
) -> Path:
    """Write records and their images below a folder, and return the path of the file of records.

    * ``format`` is the id of the records' format, or a ``Format`` of your own; None tells it from their keys.
    * ``images`` says whether to make the images, by ``image_for``, each where ``local_path`` looks for it.
    * ``exist_ok`` allows a folder that is not empty, and replaces the files in it that have the same names.
    * ``name`` is that of the file of records; ``<format id>.jsonl`` when None.

    A folder that was not there appears when all is written. In one that was, each file does, the records last.
    Raises ``NoLocalFile`` where a URL means no file below ``root``, ``InvalidRecord`` and ``ValueError`` where
    there is no image for a record, ``FileExistsError`` where ``root`` is not empty. Nothing is left behind then.
    """
    listed = list(records)
    format_ = named(format) if format is not None else _recognised(listed)
    if not images:
        return write_files(root, format_, listed, None, exist_ok=exist_ok, name=name)
    return write_files(
        root, format_, listed, lambda i: image_for(listed[i], format_).content, exist_ok=exist_ok, name=name
    )


def _recognised(records: Sequence[Any]) -> Format:
    found = recognise([json_line(record) for record in records[:HEAD_LINES]])
    if found.format is None:
        raise ValueError(f"no known format: {found.reason}; give the format")
    return found.format


def json_line(record: Any) -> bytes:
    """Return a record as a line of a file. Raises ``ValueError`` where JSON, or a file, cannot hold it."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def write_files(
    root: str | PathLike[str],
    format_: Format,
    records: Sequence[Any],
    content_of: Callable[[int], bytes] | None,
    *,
    exist_ok: bool = False,
    name: str | None = None,
) -> Path:
    """Write records, and the image of each that ``content_of`` returns for its number."""
    name = file_name(format_, name)
    lines = b"".join(map(json_line, records))
    places = places_of(format_, dict(enumerate(records)), name) if content_of else {}
    return write_folder(root, places, content_of, {name: lines}, exist_ok=exist_ok) / name


def write_folder(
    root: str | PathLike[str],
    places: Mapping[Place, Sequence[int]],
    content_of: Callable[[int], bytes] | None,
    files: Mapping[str, bytes],
    *,
    exist_ok: bool = False,
) -> Path:
    """Write images to their places below a folder, by the numbers of their records, and then other files.

    Returns the folder. Where anything fails, nothing is left behind.
    """
    with _staged_folder(Path(root), exist_ok=exist_ok) as (stage, publish):
        made = {""}
        for parts, numbers in places.items():
            folder = "/".join(parts[:-1])
            if folder not in made:
                os.makedirs(os.path.join(stage, folder), exist_ok=True)
                made.add(folder)
            assert content_of
            content = content_of(numbers[0])
            for other in numbers[1:]:
                if content_of(other) != content:
                    raise ValueError(
                        f"records {numbers[0]} and {other} name the same image and differ in what it shows"
                    )
            write_new(os.path.join(stage, *parts), content)
        for name, content in files.items():
            write_new(os.path.join(stage, name), content)
        publish([*("/".join(parts) for parts in places), *files])
    return Path(root)


def check_free(root: Path, *, exist_ok: bool) -> None:
    """Raise ``FileExistsError`` where nothing may be written to a folder."""
    if os.path.lexists(root) and not root.is_dir():
        raise FileExistsError(f"{os.fspath(root)!r} is not a folder")
    if root.is_dir() and not exist_ok and any(root.iterdir()):
        raise FileExistsError(f"the folder {os.fspath(root)!r} is not empty; exist_ok=True writes into it")


def file_name(format_: Format, name: str | None = None) -> str:
    """Return the name of the file of a format's records. Raises ``ValueError`` where it cannot be one."""
    if format_.unit != "jsonl":
        raise ValueError(f"a {format_.id} is a document of its own; datasets are of formats with a record a line")
    return _checked(name or f"{format_.id}.jsonl")


def _checked(name: str) -> str:
    try:
        (only,) = parts_of(name)
    except (NoLocalFile, ValueError):
        only = ""
    if only != name or not has_data_name(name) or is_document(name) or is_compressed(name):
        raise ValueError(f"name={name!r} is not the name of a file of records, such as 'train.jsonl'")
    return name


def places_of(format_: Format, records: Mapping[int, Any], name: str) -> dict[Place, list[int]]:
    """Return the place below the root of every image, with the numbers of the records that name it."""
    places: dict[Place, list[int]] = {}
    spelt: dict[Place, Place] = {}
    for i, record in records.items():
        claim = format_.image_claim(record) if format_.image_claim else None
        if claim is None:
            raise ValueError(f"record {i} names no image: images=False writes the records alone")
        try:
            parts = parts_of(claim.url)
        except NoLocalFile as error:
            raise NoLocalFile(error.why, f"record {i}: {error}") from None
        if not "".join(parts).isascii():
            plain = tuple(unicodedata.normalize("NFC", part) for part in parts)
            if spelt.setdefault(plain, parts) != parts:
                raise NoLocalFile(
                    "ambiguous", f"record {i}: another names {show('/'.join(parts))} in another Unicode form"
                )
        places.setdefault(parts, []).append(i)
    folders = {parts[:end]: numbers for parts, numbers in places.items() for end in range(1, len(parts))}
    for parts, numbers in places.items():
        if parts in folders or parts == (name,):
            what = f"a folder of record {folders[parts][0]}" if parts in folders else "the file of records"
            raise ValueError(f"record {numbers[0]}: the image {show('/'.join(parts))} has the name of {what}")
    return places


def write_new(path: str, content: bytes) -> None:
    """Write a file that is not there yet. Raises ``ValueError`` where it is."""
    try:
        with open(path, "xb", buffering=0) as stream:
            stream.write(content)
    except FileExistsError:  # a system to which upper and lower case are the same
        raise ValueError(f"two images have the same name to this system: {path!r}") from None


@contextmanager
def _staged_folder(root: Path, *, exist_ok: bool) -> Iterator[tuple[str, Callable[[list[str]], None]]]:
    """Give a fresh folder to write to, and what puts the named files of it in their places below the root."""
    check_free(root, exist_ok=exist_ok)
    there = root.is_dir()
    # The folders that have to be made, the outermost last: they go again where the write fails.
    missing = [] if there else [folder for folder in Path(os.path.abspath(root)).parents if not folder.exists()]
    try:
        Path(os.path.abspath(root)).parent.mkdir(parents=True, exist_ok=True)
        above = root if there else root.parent
        stage = os.path.join(os.path.abspath(above), f".{root.name}.{token_hex(8)}.tmp")
        os.mkdir(stage)
        try:
            yield stage, lambda names: _move(stage, root, names) if there else os.rename(stage, root)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except BaseException:
        for folder in missing:
            if folder.exists() and not any(folder.iterdir()):
                folder.rmdir()
        raise


def _move(stage: str, root: Path, names: list[str]) -> None:
    """Move files to a folder that is there, one by one; take back those that are new where one fails."""
    locator = Locator(root)
    new: list[str] = []
    folders: list[str] = []
    try:
        for name in names:
            target = os.path.join(locator.root, name)
            if not locator.holds(os.path.dirname(target)):
                raise NoLocalFile("outside", f"{show(name)} leads outside by a symbolic link")
            folder = os.path.dirname(target)
            while not os.path.isdir(folder):
                folders.append(folder)
                folder = os.path.dirname(folder)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if not os.path.lexists(target):
                new.append(target)
            os.replace(os.path.join(stage, name), target)
    except BaseException:
        for path in new:
            if os.path.lexists(path):
                os.unlink(path)
        for folder in sorted(folders, key=len, reverse=True):
            if os.path.isdir(folder):
                os.rmdir(folder)
        raise


def read_dataset(
    root: str | PathLike[str], *, format: str | Format | None = None, name: str | None = None
) -> DatasetFiles:
    """Return the records of a folder, and the file of the image of each, where ``local_path`` finds it.

    * ``format`` is the id of the records' format, or a ``Format`` of your own; None tells it from their keys.
    * ``name`` is that of the file of records; when None, the one there is at the top of the folder.

    Raises ``ValueError`` where there is no such file, or several, or a line is no JSON; and ``NoLocalFile``
    where a URL means no file below ``root`` or two. An image that is not there is None.
    """
    path = Path(root, name) if name is not None else _only(Path(root))
    if is_compressed(path.name):
        import gzip

        content = gzip.decompress(path.read_bytes())
    else:
        content = path.read_bytes()
    records = [json.loads(line) for line in content.decode("utf-8-sig").split("\n") if line.strip()]
    format_ = named(format) if format is not None else _recognised(records)
    locator = Locator(root)
    return DatasetFiles(records, [_image(record, format_, locator) for record in records])


def _only(root: Path) -> Path:
    found = sorted(path for path in root.iterdir() if has_data_name(path.name) and not is_document(path.name))
    if len(found) != 1:
        names = ", ".join(path.name for path in found) or "none"
        raise ValueError(f"there is not one file of records in {os.fspath(root)!r} but {names}: give its name")
    return found[0]


def _image(record: Any, format_: Format, locator: Locator) -> Path | None:
    claim = format_.image_claim(record) if format_.image_claim else None
    if claim is None:
        return None
    try:
        return Path(locator.find(claim.url))
    except NoLocalFile as error:
        if error.why == "missing":
            return None
        raise
