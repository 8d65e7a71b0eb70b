"""The URL of an image and the local file that it means: below one folder, and never outside it."""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from functools import lru_cache
from os import PathLike
from pathlib import Path
from typing import Literal, TypeAlias

from pytest_visionfmt.values import show

__all__ = ["Locator", "NoLocalFile", "Why", "local_path", "parts_of", "split_url"]

Why: TypeAlias = Literal["missing", "ambiguous", "outside"]

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/]*)/?")
_AZUREML_PATH = "/paths/"
_DRIVE = re.compile(r"[A-Za-z]:")
_LONGEST_NAME = 255
# Devices to Windows, with any extension.
_RESERVED = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))})


class NoLocalFile(LookupError):
    """A URL means no file below the folder of images, or more than one.

    ``why`` is ``"missing"``, ``"ambiguous"``, or ``"outside"`` where no file below the folder may be meant;
    ``files`` are those that it would mean.
    """

    def __init__(self, why: Why, message: str, files: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.why = why
        self.files = files


def local_path(url: str, root: str | PathLike[str]) -> Path:
    """Return the file below ``root`` that the URL of an image means. Opens nothing, asks no network.

    The path of a URL is the part after ``/paths/`` of an ``azureml`` one, the key of an ``s3`` one, else
    what follows the host; it is percent-decoded once, except for ``s3``. A file is looked for at the whole
    path below ``root``, then without leading folders, the longest first.

    Raises ``NoLocalFile`` where there is no such file, where two names at one length are the same but for
    the Unicode form of their letters, and where the path would leave ``root``: by ``..``, an absolute path, a
    drive letter, a backslash or a symbolic link, or is no name that every system allows.
    """
    return Path(Locator(root).find(url))


def split_url(url: str) -> tuple[str, str, bool]:
    """Return the URL's part before the path, the path, and whether it is percent-encoded there."""
    match = _URL.match(url)
    if match is None:  # a plain relative name, as formats of one's own may have
        return "", url, False
    scheme = match[1].lower()
    if scheme == "azureml":
        before, mark, path = url.partition(_AZUREML_PATH)
        if not mark:
            raise NoLocalFile("missing", f"the URL has no {_AZUREML_PATH} in it, so it names no file")
        return before + mark, path, True
    path = url[match.end() :]
    if scheme in ("http", "https"):
        path = re.split("[?#]", path, maxsplit=1)[0]
    return match[0], path, scheme != "s3"


def parts_of(url: str) -> tuple[str, ...]:
    """Return the path that the URL of an image means, folders and name. Raises ``NoLocalFile``."""
    before, path, encoded = split_url(url)
    if encoded and "%" in path:
        from urllib.parse import unquote

        path = unquote(path, errors="surrogateescape")
    # A key of S3 is an opaque name, in which slashes may be anywhere.
    if path.startswith("/") and not before.lower().startswith("s3:"):
        raise NoLocalFile("outside", f"the path {show(path)} is absolute")
    parts = tuple(part for part in path.split("/") if part)
    for part in parts:
        if reason := _forbidden(part):
            raise NoLocalFile("outside", f"the path {show(path)} {reason}")
    if not parts or path.endswith("/"):
        raise NoLocalFile("missing", f"the path {show(path)} names a folder, not a file")
    return parts


@lru_cache(maxsize=1024)
def _forbidden(part: str) -> str:
    """Return what forbids a name, else nothing."""
    if part.isalnum() and len(part) < 64 and part.upper() not in _RESERVED:
        return ""
    if not part.strip(". "):
        return f"has the part {show(part)}, which does not name a file or folder"
    if "\\" in part:
        return "has a backslash, which parts folders on Windows"
    if _DRIVE.match(part):
        return "begins a part with a drive letter"
    if "\0" in part:
        return "has a NUL character"
    if part.partition(".")[0].rstrip(" ").upper() in _RESERVED:
        return f"has the name {show(part)}, which is a device on Windows"
    try:
        size = len(part.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return "has half of a surrogate pair, which no file name can hold"
    return f"has a name of {size} bytes; {_LONGEST_NAME} is the most" if size > _LONGEST_NAME else ""


class Locator:
    """Finds the files of many URLs below one folder; remembers which folders lie within it."""

    def __init__(self, root: str | PathLike[str]) -> None:
        self.root = os.path.abspath(root)
        self._real_root = os.path.realpath(self.root)
        self._within: dict[str, bool] = {}

    def find(self, url: str) -> str:
        """Return the file that a URL means. Raises ``NoLocalFile``; see ``local_path``."""
        parts = parts_of(url)
        for dropped in range(len(parts)):
            hits = self._hits("/".join(parts[dropped:]))
            if len(hits) > 1:
                names = " and ".join(show(os.path.basename(hit)) for hit in hits)
                raise NoLocalFile("ambiguous", f"{names} differ only in the Unicode form of their letters", tuple(hits))
            if hits:
                return hits[0]
        raise NoLocalFile("missing", f"there is no file {show('/'.join(parts))} below the folder of images")

    def _hits(self, path: str) -> list[str]:
        if path.isascii():
            file = os.path.join(self.root, path)
            return [file] if self._is_file(file) else []
        # macOS, and archives made there, write letters with accents as two characters.
        forms = dict.fromkeys((path, *(unicodedata.normalize(form, path) for form in ("NFC", "NFD"))))
        files = [os.path.join(self.root, form) for form in forms]
        there = {_identity(file): file for file in reversed(files) if self._is_file(file)}
        return list(there.values())

    def _is_file(self, file: str) -> bool:
        try:
            mode = os.lstat(file).st_mode
            folder = os.path.dirname(file)
            if (within := self._within.get(folder)) is None:
                within = self._within[folder] = self.holds(folder)
            if within and stat.S_ISREG(mode):
                return True
            if not within or (stat.S_ISLNK(mode) and not self.holds(file)):
                name = show(os.path.relpath(file, self.root))
                raise NoLocalFile("outside", f"{name} leads outside by a symbolic link", (file,))
            return os.path.isfile(file)
        except (OSError, ValueError):  # ValueError: no file can have that name
            return False

    def holds(self, path: str) -> bool:
        """Whether a path, its links followed, is the root or lies below it."""
        real = os.path.realpath(path)
        return real == self._real_root or real.startswith(os.path.join(self._real_root, ""))


def _identity(file: str) -> tuple[int, int] | str:
    found = os.stat(file)
    return (found.st_dev, found.st_ino) if found.st_ino else file
