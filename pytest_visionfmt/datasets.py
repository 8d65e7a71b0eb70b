"""The strategy for whole datasets: records that agree with their images, in folders as people have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument

from pytest_visionfmt.dataset_files import write_files
from pytest_visionfmt.draws.files import FILE_DRAWS
from pytest_visionfmt.encoders import as_repr
from pytest_visionfmt.format import Format
from pytest_visionfmt.formats import named
from pytest_visionfmt.image_claims import ending_of, fit_claim, put, small_size
from pytest_visionfmt.locations import split_url
from pytest_visionfmt.painting import PaintedImage, image_for
from pytest_visionfmt.strategies import azure_is_record, azure_od_record, record

__all__ = ["Dataset", "dataset"]

# The first of each is the simplest. A place has its number in it, so that no two are the same.
_PLACES = (
    "{}", "images/{}", "a/b/c/{}", "my images/image ({})", "größe/{}", "图像/é {}", "e\u0301/{}", "100%/%20{}",
    "x.y/{}.z",
)  # fmt: skip
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
    for i, value in enumerate(drawn):
        b = choices[i * _BYTES : (i + 1) * _BYTES]
        claim = format_.image_claim(value)
        if claim is None:
            raise InvalidArgument(f"records drew {value!r}, which names no image")
        sides = draw(image_sizes) if image_sizes is not None else small_size(format_, b[0], b[1])
        ending = ending_of(format_, claim, b[2])
        if b[3] >= _TWIN and stems and ending not in taken[stems[-1]]:
            stem = stems[-1]
        else:
            stem = _PLACES[b[3] % len(_PLACES) if b[3] > 127 else 0].format(i)
        stems.append(stem)
        taken.setdefault(stem, set()).add(ending)
        put(value, claim.url_at, _url(claim.url, f"{stem}.{ending}", spaces_encoded=b[4] > 127))
        fit_claim(value, claim, sides, ending)
        try:
            images.append(image_for(value, format_, size=sides))
        except (TypeError, ValueError) as error:
            raise InvalidArgument(f"there is no image for the drawn record {value!r}: {error}") from error
    return Dataset(format_, drawn, tuple(images))


def _url(url: str, path: str, *, spaces_encoded: bool) -> str:
    before, _, encoded = split_url(url)
    if encoded:
        path = path.replace("%", "%25")
        path = path.replace(" ", "%20") if spaces_encoded else path
    return f"{before}{path}"
