"""The strategy for whole datasets: records that agree with their images, in folders as people have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.annotations import ImageClaim
from pytest_visionfmt.dataset_files import write_files
from pytest_visionfmt.draws.files import FILE_DRAWS
from pytest_visionfmt.encoders import as_repr
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named
from pytest_visionfmt.image_facts import ImageLimits, type_of
from pytest_visionfmt.images import documented_spellings
from pytest_visionfmt.json_paths import Path as JsonPath
from pytest_visionfmt.json_paths import value_at
from pytest_visionfmt.locations import split_url
from pytest_visionfmt.painting import PaintedImage, image_for, plain_side
from pytest_visionfmt.schema_nodes import nodes_of
from pytest_visionfmt.strategies import azure_is_record, azure_od_record, record

__all__ = ["Dataset", "dataset"]

# The first of each is the simplest. A place has its number in it, so that no two are the same.
_PLACES = (
    "{}", "images/{}", "a/b/c/{}", "my images/image ({})", "größe/{}", "图像/é {}", "e\u0301/{}", "100%/%20{}",
    "x.y/{}.z",
)  # fmt: skip
_SIDES = (1, 2, 7, 8, 9, 16, 31, 33, 48, 65, 100)
_TWIN = 192
_BYTES = 5
# A file of these in which no record has an object does not load.
_WITH_OBJECTS: dict[str, Callable[..., st.SearchStrategy[Any]]] = {
    "azure-od-record": azure_od_record,
    "azure-is-record": azure_is_record,
}


@dataclass(frozen=True)
class Dataset:
    """Records of one format, and the image of each; ``write`` writes them to a folder."""

    format: Format
    records: list[Any]
    images: tuple[PaintedImage, ...] = field(repr=False)

    _repr_pretty_ = as_repr

    def write(self, root: str | PathLike[str], *, exist_ok: bool = False, name: str | None = None) -> Path:
        """Write records and images below a folder and return the file of records; see ``write_dataset``."""
        contents = [image.content for image in self.images]
        return write_files(root, self.format, self.records, contents.__getitem__, exist_ok=exist_ok, name=name)


@st.composite
def dataset(
    draw: st.DrawFn,
    format: str | Format,
    *,
    min_size: int = 1,
    max_size: int = 6,
    records: st.SearchStrategy[Any] | None = None,
    image_sizes: st.SearchStrategy[tuple[int, int]] | None = None,
) -> Dataset:
    """Return a strategy for datasets: records of a format and their images, which agree.

    * ``format`` is the id of a format whose records name images, or a ``Format`` of your own.
    * ``min_size`` and ``max_size`` bound how many records a dataset has.
    * ``records`` draws one record; by default any of the format.
    * ``image_sizes`` draws pairs of width and height; by default sides of 1 to 100 pixels, or of the least
      that the service takes and up to 99 more.

    Images lie in several folders, under names with spaces, letters of other scripts and ``%20``; some differ
    only by their ending. URLs, sizes and types in the records are made to fit. Shrinks to one record whose image
    is ``0.jpg``. Contradictory arguments raise ``InvalidArgument`` when first drawn from.
    """
    format_ = named(format)
    for name, bound in (("min_size", min_size), ("max_size", max_size)):
        if isinstance(bound, bool) or not isinstance(bound, int) or bound < 0:
            raise InvalidArgument(f"{name}={bound!r} is not a number of records")
    if min_size > max_size:
        raise InvalidArgument(f"min_size={min_size} is larger than max_size={max_size}")
    for name, strategy in (("records", records), ("image_sizes", image_sizes)):
        if strategy is not None and not isinstance(strategy, st.SearchStrategy):
            raise InvalidArgument(f"{name}={strategy!r} is not a strategy; st.just({strategy!r}) would be one")
    if format_.image_claim is None or format_.read is None:
        raise InvalidArgument(f"records of {format_.id} name no image, so there is no dataset of them")
    one = records if records is not None else record(format_)
    first = _WITH_OBJECTS[format_.id](min_objects=1) if records is None and format_.id in _WITH_OBJECTS else one
    size = draw(st.integers(min_size, max_size))
    choices = draw(st.binary(min_size=size * _BYTES, max_size=size * _BYTES))
    drawn = [draw(one if i else first) for i in range(size)]
    if records is None and format_.id in FILE_DRAWS:
        FILE_DRAWS[format_.id].make_one(drawn, format_, "documented")
    images = []
    stems: list[str] = []
    taken: dict[str, set[str]] = {}
    all_sides = _sides(format_)
    for i, value in enumerate(drawn):
        b = choices[i * _BYTES : (i + 1) * _BYTES]
        claim = format_.image_claim(value)
        if claim is None:
            raise InvalidArgument(f"records drew {value!r}, which names no image")
        by_default = (all_sides[b[0] % len(all_sides)], all_sides[b[1] % len(all_sides)])
        sides = draw(image_sizes) if image_sizes is not None else by_default
        ending = _ending(format_, claim, b[2])
        if b[3] >= _TWIN and stems and ending not in taken[stems[-1]]:
            stem = stems[-1]
        else:
            stem = _PLACES[b[3] % len(_PLACES) if b[3] > 127 else 0].format(i)
        stems.append(stem)
        taken.setdefault(stem, set()).add(ending)
        _put(value, claim.url_at, _url(claim.url, f"{stem}.{ending}", spaces_encoded=b[4] > 127))
        _fit(value, claim, sides, ending)
        try:
            images.append(image_for(value, format_, size=sides))
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"there is no image for the drawn record {value!r}: {error}") from error
    return Dataset(format_, drawn, tuple(images))


def _sides(format_: Format) -> tuple[int, ...]:
    """Return sides that images may have, the simplest first: as many as any format's, from its least on."""
    limits = format_.image_limits or ImageLimits()
    sides = (plain_side(format_), *(limits.min_side - 1 + side for side in _SIDES))
    return tuple(side for side in sides if limits.max_side is None or side <= limits.max_side) or (limits.min_side,)


def _ending(format_: Format, claim: ImageClaim, byte: int) -> str:
    if claim.type is not None and type_of(claim.type):
        return claim.type
    node = nodes_of(format_, "documented").at(claim.type_at) if claim.type_at else None
    limits = format_.image_limits.endings if format_.image_limits else ()
    endings = tuple(map(str, node.enum)) if node and node.enum else limits or documented_spellings()
    return endings[byte % len(endings)]


def _url(url: str, path: str, *, spaces_encoded: bool) -> str:
    before, _, encoded = split_url(url)
    if encoded:
        path = path.replace("%", "%25")
        path = path.replace(" ", "%20") if spaces_encoded else path
    return f"{before}{path}"


def _fit(value: Any, claim: ImageClaim, sides: tuple[int, int], ending: str) -> None:
    """Make what a record says of its image's size and type true, in the spelling that it has."""
    for claimed, path, side in ((claim.width, claim.width_at, sides[0]), (claim.height, claim.height_at, sides[1])):
        if claimed is not None:
            was = value_at(value, path)
            _put(value, path, was.replace(str(claimed), str(side)) if isinstance(was, str) else side)
    if claim.type is not None:
        _put(value, claim.type_at, ending)


def _put(value: Any, path: JsonPath, new: Any) -> None:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new
