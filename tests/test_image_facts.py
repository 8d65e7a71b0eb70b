"""What an image file is: the fast readers of headers say what Pillow says, and nothing broken passes."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from pytest_visionfmt import DrawnImage, ImageFacts, ImageProblem, facts_of, image
from pytest_visionfmt.encoders import MODES, Recipe, encoded
from pytest_visionfmt.image_facts import type_of
from pytest_visionfmt.image_headers import READERS, Unsure

TILE = bytes(range(48))
SOUND = {type_: encoded(Recipe(type_, "RGB", 60, 40, TILE)) for type_ in MODES}


def by_pillow(content: bytes) -> ImageFacts:
    """Return what Pillow alone says of an image."""
    with Image.open(io.BytesIO(content)) as opened:
        return ImageFacts(str(opened.format), *opened.size, opened.getexif().get(0x0112, 1))


def fast(content: bytes) -> ImageFacts | None:
    """Return what the reader of its own says of a header, None where it leaves that to Pillow."""
    reader = READERS.get(content[:2])
    try:
        return reader(content) if reader else None
    except (Unsure, IndexError):
        return None


@given(image())
def test_the_facts_are_those_of_pillow(drawn: DrawnImage) -> None:
    said = by_pillow(drawn.content)
    assert facts_of(drawn.content) == facts_of(drawn.content, full=True) == said


@pytest.mark.parametrize("type_", MODES)
def test_a_plain_header_is_read_without_pillow(type_: str) -> None:
    assert fast(SOUND[type_]) == ImageFacts(type_, 60, 40)


def test_a_bmp_from_top_to_bottom_has_a_negative_height() -> None:
    content = SOUND["BMP"][:22] + struct.pack("<i", -40) + SOUND["BMP"][26:]
    assert fast(content) == by_pillow(content) == ImageFacts("BMP", 60, 40)


def test_the_orientation_of_a_jpeg_is_read_without_pillow() -> None:
    assert fast(encoded(Recipe("JPEG", "RGB", 20, 10, orientation=6))) == ImageFacts("JPEG", 20, 10, 6)


@given(st.sampled_from(sorted(SOUND)), st.data())
def test_the_reader_of_a_damaged_header_never_says_other_than_pillow(type_: str, data: st.DataObject) -> None:
    damaged = bytearray(SOUND[type_])
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, min(len(damaged), 200) - 1))] = data.draw(st.integers(0, 255))
    if (own := fast(bytes(damaged))) is not None:
        # What makes Pillow refuse a file may stand where its type and size have long been said.
        whole = facts_of(bytes(damaged), full=True)
        said = whole.facts if isinstance(whole, ImageProblem) else whole
        assert said in (None, own)


@given(st.binary(max_size=64))
@example(b"II*\0\x08\0\0\0")
@example(b"BM")
@example(b"\xff\xd8\xff")
@example(b"\x89PNG\r\n\x1a\n")
def test_no_bytes_raise(content: bytes) -> None:
    for whole in (content, *(sound[:30] + content for sound in SOUND.values())):
        assert isinstance(facts_of(whole, full=True), ImageFacts | ImageProblem)
        assert isinstance(facts_of(whole), ImageFacts | ImageProblem)


@pytest.mark.parametrize("type_", MODES)
def test_a_file_cut_short_anywhere_is_a_problem_once_it_is_decoded(type_: str) -> None:
    content = SOUND[type_]
    # Pillow decodes a PNG whose pixels are complete, whatever follows them.
    end = content.index(b"IEND") - 12 if type_ == "PNG" else len(content)
    for length in range(0, end, 7):
        assert isinstance(facts_of(content[:length], full=True), ImageProblem)
    for length in range(end * 2 // 3, end, 7):
        problem = facts_of(content[:length], full=True)
        assert (problem.kind, problem.facts) == ("truncated", ImageFacts(type_, 60, 40))  # type: ignore[union-attr]


def test_a_file_cut_short_passes_where_the_header_alone_is_read() -> None:
    assert facts_of(SOUND["BMP"][:-100]) == ImageFacts("BMP", 60, 40)


def test_damaged_pixels_are_unreadable() -> None:
    content = SOUND["PNG"]
    at = content.index(b"IDAT") + 8
    problem = facts_of(content[:at] + bytes(8) + content[at + 8 :], full=True)
    assert isinstance(problem, ImageProblem)
    assert (problem.kind, problem.facts) == ("unreadable", ImageFacts("PNG", 60, 40))


def test_every_page_is_decoded() -> None:
    first, both = (encoded(Recipe("TIFF", "RGB", 60, 40, TILE, pages=n)) for n in (1, 2))
    broken = facts_of(both[:-50], full=True)
    assert len(both) > len(first) + 7000
    assert isinstance(broken, ImageProblem)


def test_a_bomb_is_unreadable_and_not_decoded() -> None:
    bmp = SOUND["BMP"]
    bomb = bmp[:18] + struct.pack("<ii", 60_000, 60_000) + bmp[26:]
    for full in (False, True):
        problem = facts_of(bomb, full=full)
        assert isinstance(problem, ImageProblem)
        assert "decompression bomb" in problem.message


def test_a_type_without_a_reader_of_its_own_is_asked_of_pillow() -> None:
    out = io.BytesIO()
    Image.new("RGB", (5, 4)).save(out, "WEBP")
    assert facts_of(out.getvalue()) == ImageFacts("WEBP", 5, 4)


def test_a_large_header_is_read_in_full(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (5, 4)).save(out, "JPEG", icc_profile=b"x" * 200_000)
    path = tmp_path / "a.jpg"
    path.write_bytes(out.getvalue())
    assert facts_of(path) == facts_of(path, full=True) == ImageFacts("JPEG", 5, 4)


def test_what_is_no_regular_file_is_a_problem(tmp_path: Path) -> None:
    assert facts_of(tmp_path) == ImageProblem("unreadable", "it cannot be read: Is a directory")
    assert facts_of(tmp_path / "none") == ImageProblem("unreadable", "it cannot be read: No such file or directory")
    assert isinstance(facts_of("a\0b"), ImageProblem)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("full", [False, True])
def test_a_pipe_that_nobody_feeds_is_a_problem_and_no_hang(tmp_path: Path, full: bool) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    assert isinstance(facts_of(tmp_path / "pipe.jpg", full=full), ImageProblem)


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="there is no such device here")
def test_a_device_without_an_end_is_a_problem_and_no_hang() -> None:
    assert facts_of("/dev/zero") == ImageProblem("unreadable", "it cannot be read: it is not a regular file")


def test_spellings_of_types() -> None:
    assert [type_of(name) for name in ("jpg", "JPEG", "jpe", "jfif", "png", "bmp", "tif", "tiff", "webp")] == [
        *4 * ["JPEG"], "PNG", "BMP", "TIFF", "TIFF", "WEBP",
    ]  # fmt: skip
    assert type_of("txt") is type_of("") is None
