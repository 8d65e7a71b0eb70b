"""What the bytes of an image in a request are: Pillow, decoding every pixel of its first frame, is the judge."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile

from pytest_visionfmt import ImageFacts, ImageProblem, facts_of
from pytest_visionfmt.image_facts import facts_of_first

TYPES = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA")


def image_bytes(type_: str, size: tuple[int, int] = (5, 3), mode: str = "RGB", noise: int = 1) -> bytes:
    pixels = bytes((x * x * noise + 31 * x) % 256 for x in range(size[0] * size[1] * len(mode)))
    stream = BytesIO()
    Image.frombytes(mode, size, pixels).save(stream, type_)
    return stream.getvalue()


def decodes(data: bytes) -> bool:
    """Whether Pillow decodes all of it, as the service's reader does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(BytesIO(data)) as image:
                image.convert("RGB")
        except Exception:
            return False
    return True


def is_sound(data: bytes) -> bool:
    return isinstance(facts_of_first(data), ImageFacts)


def problem_of(data: bytes) -> ImageProblem:
    problem = facts_of_first(data)
    assert isinstance(problem, ImageProblem)
    return problem


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and holds next to nothing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("type_", TYPES)
def test_type_and_size_are_those_of_the_image(type_: str) -> None:
    assert facts_of_first(image_bytes(type_, (7, 4))) == ImageFacts(type_, 7, 4)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_any_mode_of_pixels_will_do(mode: str) -> None:
    assert is_sound(image_bytes("TIFF", mode=mode))


@pytest.mark.parametrize("type_", TYPES)
@given(data=st.data())
def test_a_cut_image_is_judged_as_pillow_judges_it(type_: str, data: st.DataObject) -> None:
    whole = image_bytes(type_, (9, 8), noise=data.draw(st.integers(1, 9)))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    assert is_sound(cut) == decodes(cut)


@given(data=st.data())
def test_a_png_that_lost_bytes_in_its_middle_is_judged_as_pillow_judges_it(data: st.DataObject) -> None:
    whole = image_bytes("PNG", (9, 8))
    at = data.draw(st.integers(0, len(whole) - 1))
    less = whole[:at] + whole[at + data.draw(st.integers(1, 4)) :]
    assert is_sound(less) == decodes(less)


@given(data=st.data())
def test_a_png_with_another_byte_in_it_is_judged_as_pillow_judges_it(data: st.DataObject) -> None:
    other = bytearray(image_bytes("PNG", (9, 8)))
    other[data.draw(st.integers(0, len(other) - 1))] ^= data.draw(st.integers(1, 255))
    assert is_sound(bytes(other)) == decodes(bytes(other))


def test_a_png_without_its_pixels_is_judged_as_pillow_judges_it() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    empty = b"\x89PNG\r\n\x1a\n" + header + chunk(b"tEXt", b"a\0b") + chunk(b"IEND", b"")
    assert is_sound(empty) == decodes(empty)


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"RIFF....WEBP"]),
       st.binary(max_size=60))  # fmt: skip
def test_any_bytes_are_judged_and_nothing_raises(begin: bytes, rest: bytes) -> None:
    assert is_sound(begin + rest) == decodes(begin + rest)


@pytest.mark.parametrize("type_", ["PNG", "JPEG"])
def test_the_pixels_of_a_whole_file_are_not_decoded(type_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any) -> None:
        raise AssertionError("decoded")

    whole = image_bytes(type_)
    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert is_sound(whole)
    assert is_sound(whole + b"\0\0")
    assert problem_of(whole[:-12]).facts == ImageFacts(type_, 5, 3)


def test_more_pixels_than_pillow_agrees_to_are_too_many_and_fewer_are_no_warning() -> None:
    assert problem_of(png_of(20_000, 10_000)).too_large
    assert facts_of_first(png_of(10_000, 10_000)) == ImageFacts("PNG", 10_000, 10_000)


def test_no_other_program_is_started_for_an_image() -> None:
    facts = facts_of_first(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 20\n%%EndComments\n%%EOF\n")
    assert facts == ImageFacts("EPS", 10, 20)


PROBLEMS = {
    "nothing": (b"", "unreadable"),
    "text": (b"<html>", "unreadable"),
    "half a header": (image_bytes("PNG")[:20], "truncated"),
    "half an image": (image_bytes("JPEG")[:-40], "truncated"),
}


@pytest.mark.parametrize(("data", "kind"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_has_words(data: bytes, kind: str) -> None:
    problem = problem_of(data)
    assert problem.kind == kind
    assert problem.message
    assert not problem.too_large


def test_a_later_frame_that_is_broken_is_no_problem_where_only_the_first_is_wanted() -> None:
    stream = BytesIO()
    frames = [Image.frombytes("RGB", (40, 30), bytes(range(240)) * 15) for _ in range(2)]
    frames[0].save(stream, "TIFF", save_all=True, append_images=frames[1:])
    cut = stream.getvalue()[:-50]
    assert decodes(cut)
    assert is_sound(cut)
    assert isinstance(facts_of(cut, full=True), ImageProblem)
