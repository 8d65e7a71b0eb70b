"""The images of sampled records: names numbered as the records are, and claims that can be made true."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.format import Format, Profile
from pytest_visionfmt.image_claims import ending_of, fit_claim, put, small_size
from pytest_visionfmt.locations import NoLocalFile, parts_of, split_url
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.schema_refusals import accepts

__all__ = ["fit_images", "number_images"]


def number_images(records: Sequence[Any], format_: Format, profile: Profile) -> None:
    """Name the image of each record by the record's number, where the schema takes such a name.

    The folder, the ending and the spelling of the URL stay. So no image is there twice, however many
    records there are, and a record's image does not depend on the other records.
    """
    for number, value in enumerate(records):
        if claim := _claim(value, format_):
            with suppress(NoLocalFile):  # a URL that names no file keeps whatever it has
                _rename(value, claim, _numbered(claim.url, number), format_, profile)


def fit_images(records: Sequence[Any], format_: Format, profile: Profile, seed: int) -> None:
    """Make what numbered records say of their images true of images that can be made: small, of a known type.

    An image whose folder not every system allows is moved to the top.
    """
    for number, value in enumerate(records):
        if claim := _claim(value, format_):
            b = Random(f"{seed}/{number}/image").randbytes(3)
            ending = ending_of(format_, claim, b[0], keep=True)
            url = _numbered(claim.url, number, ending)
            _rename(
                value, claim, url if _has_place(url) else _numbered(url, number, ending, top=True), format_, profile
            )
            fit_claim(value, claim, small_size(format_, b[1], b[2]), ending)


def _claim(value: Any, format_: Format) -> ImageClaim | None:
    return format_.image_claim(value) if format_.image_claim else None


def _numbered(url: str, number: int, ending: str | None = None, *, top: bool = False) -> str:
    """Return a URL with a number for the name of its file, and perhaps another ending."""
    before, path, _ = split_url(url)
    after = url[len(before) + len(path) :]
    folder, slash, name = path.rpartition("/")
    _, dot, own = name.rpartition(".")
    if ending is not None or not dot:
        dot, own = ("." if ending else ""), ending or ""
    return f"{before}{'' if top else folder + slash}{number}{dot}{own}{after}"


def _has_place(url: str) -> bool:
    try:
        return bool(parts_of(url))
    except NoLocalFile:
        return False


def _rename(value: Any, claim: ImageClaim, url: str, format_: Format, profile: Profile) -> None:
    node = nodes_of(format_, profile).at(claim.url_at)
    if node is None or accepts(node, url):
        put(value, claim.url_at, url)
