"""Samples written to a folder: their file or files, the images, and what was broken on purpose."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from os import PathLike
from pathlib import Path

from pytest_visionfmt import __version__
from pytest_visionfmt.checking import value_of
from pytest_visionfmt.dataset_files import check_free, file_name, json_line, places_of, write_folder
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.formats import named
from pytest_visionfmt.invalid.values import Invalid
from pytest_visionfmt.json_paths import MISSING
from pytest_visionfmt.painting import image_for
from pytest_visionfmt.parsing import LineParser
from pytest_visionfmt.sample_breaches import broken_samples, line_of
from pytest_visionfmt.sampled_images import fit_images
from pytest_visionfmt.sampling import Tick, sampled

__all__ = ["SIDECAR", "write_samples"]

SIDECAR = "breaches.json"
"""The file that names what is broken in a folder of samples, and how."""


def write_samples(
    root: str | PathLike[str],
    format: str | Format,
    size: int,
    *,
    seed: int = 0,
    profile: Profile = "documented",
    images: bool | None = None,
    invalid: int = 0,
    exist_ok: bool = False,
    tick: Tick = lambda: None,
) -> Path:
    """Write the records that ``samples`` returns to a folder, and return their file.

    * ``format``, ``size``, ``seed`` and ``profile`` are those of ``samples``.
    * ``images`` says whether to make the images of the records, by ``image_for``; None makes them where records
      name any. What records say of the size and type of their images is made true then.
    * ``invalid`` is how many of the records to break, each in one named way; ``breaches.json`` says which and how,
      and with which versions all was made. A check of the file finds that and nothing else.
    * ``exist_ok`` allows a folder that is not empty, and replaces the files in it that have the same names.
    * ``tick()`` is called for every record that is drawn and every image that is made, to show how far it is.

    Of a format whose files are documents, each is in a file of its own, and the folder is returned.
    Raises ``ValueError`` where an argument is wrong, ``FileExistsError`` where ``root`` is not empty. Nothing is left
    behind then.
    """
    format_ = named(format)
    if images and format_.image_claim is None:
        raise ValueError(f"records of {format_.id} name no image, so there are none to make")
    if size == 0:
        raise ValueError("size=0: a file without a record is no valid one")
    check_free(Path(root), exist_ok=exist_ok)
    images = format_.image_claim is not None if images is None else images
    values = sampled(format_, size, seed, profile, tick)
    if images:
        fit_images(values, format_, profile, seed)
    broken = broken_samples(values, invalid, format_, profile, seed, images=images)
    contents = [line_of(broken[i].value) if i in broken else json_line(value) for i, value in enumerate(values)]
    name = "" if format_.unit == "json" else file_name(format_)
    if name:
        files = {name: b"".join(contents)}
        lines = [(name, line) for line in range(1, size + 1)]
    else:
        files = {f"{number}.json": content for number, content in enumerate(contents)}
        lines = [(file, 1) for file in files]
    if invalid:
        files[SIDECAR] = _sidecar(format_, size, seed, profile, lines, broken)
    shown = {
        number: value
        for number, value in enumerate(values)
        if number not in broken or _names_image(contents[number], format_, profile)
    }

    def image(number: int) -> bytes:
        tick()
        return image_for(values[number], format_).content

    places = places_of(format_, shown, name) if images else {}
    write_folder(root, places, image, files, exist_ok=exist_ok)
    return Path(root, name)


def _names_image(line: bytes, format_: Format, profile: Profile) -> bool:
    """Whether a line names an image to who checks it: what is no JSON says nothing."""
    value = value_of(LineParser().parse(line.decode()), format_, profile)
    return value is not MISSING and format_.image_claim is not None and format_.image_claim(value) is not None


def _sidecar(
    format_: Format,
    size: int,
    seed: int,
    profile: Profile,
    lines: Sequence[tuple[str, int]],
    broken: Mapping[int, Invalid],
) -> bytes:
    names = {rule.code: rule.name for rule in format_.rules}
    about = {
        "format": format_.id,
        "size": size,
        "seed": seed,
        "profile": profile,
        "versions": versions(),
        "breaches": [
            {
                "file": lines[number][0],
                "line": lines[number][1],
                "breach": case.breach,
                "rule": case.rule,
                "name": names[case.rule],
                "path": case.path,
                "reaction": case.reaction.value,
                "findings": [{"rule": rule, "path": path} for rule, path in sorted(case.findings)],
            }
            for number, case in broken.items()
        ],
    }
    return f"{json.dumps(about, indent=2)}\n".encode()


def versions() -> dict[str, str]:
    """Return the versions that the bytes of samples depend on."""
    return {
        "visionfmt": __version__,
        "hypothesis": version("hypothesis"),
        "pillow": version("pillow"),
        "python": platform.python_version(),
    }
