"""What bytes are: Pillow, decoding every pixel, is the judge."""

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

from pytest_visionfmt.image_bytes import Fault, look_at

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


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width: int, height: int) -> bytes:
    """Return a PNG that says how large it is, and holds next to nothing."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("type_", TYPES)
def test_type_and_size_are_those_of_the_image(type_: str) -> None:
    facts = look_at(image_bytes(type_, (7, 4)))
    assert (facts.type, facts.width, facts.height, facts.fault) == (type_, 7, 4, None)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK"])
def test_any_mode_of_pixels_will_do(mode: str) -> None:
    assert look_at(image_bytes("TIFF", mode=mode)).fault is None


@pytest.mark.parametrize("type_", TYPES)
@given(data=st.data())
def test_a_cut_image_is_judged_as_pillow_judges_it(type_: str, data: st.DataObject) -> None:
    whole = image_bytes(type_, (9, 8), noise=data.draw(st.integers(1, 9)))
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    assert (look_at(cut).fault is None) == decodes(cut)


@given(data=st.data())
def test_a_png_that_lost_bytes_in_its_middle_is_judged_as_pillow_judges_it(data: st.DataObject) -> None:
    whole = image_bytes("PNG", (9, 8))
    at = data.draw(st.integers(0, len(whole) - 1))
    less = whole[:at] + whole[at + data.draw(st.integers(1, 4)) :]
    assert (look_at(less).fault is None) == decodes(less)


@given(data=st.data())
def test_a_png_with_another_byte_in_it_is_judged_as_pillow_judges_it(data: st.DataObject) -> None:
    other = bytearray(image_bytes("PNG", (9, 8)))
    other[data.draw(st.integers(0, len(other) - 1))] ^= data.draw(st.integers(1, 255))
    assert (look_at(bytes(other)).fault is None) == decodes(bytes(other))


def test_a_png_without_its_pixels_is_judged_as_pillow_judges_it() -> None:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    empty = b"\x89PNG\r\n\x1a\n" + header + chunk(b"tEXt", b"a\0b") + chunk(b"IEND", b"")
    assert (look_at(empty).fault is None) == decodes(empty)


@given(st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"GIF89a", b"BM", b"II*\0", b"RIFF....WEBP"]),
       st.binary(max_size=60))  # fmt: skip
def test_any_bytes_are_judged_and_nothing_raises(begin: bytes, rest: bytes) -> None:
    facts = look_at(begin + rest)
    assert (facts.fault is None) == decodes(begin + rest)
    assert bool(facts.why) == (facts.fault is not None)


@pytest.mark.parametrize("type_", ["PNG", "JPEG"])
def test_the_pixels_of_a_whole_file_are_not_decoded(type_: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Any) -> None:
        raise AssertionError("decoded")

    whole = image_bytes(type_)
    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    assert look_at(whole).fault is None
    assert look_at(whole + b"\0\0").fault is None
    assert look_at(whole[:-12]).fault is Fault.BROKEN


def test_more_pixels_than_pillow_agrees_to_are_too_many_and_fewer_are_no_warning() -> None:
    assert look_at(png_of(20_000, 10_000)).fault is Fault.TOO_LARGE
    facts = look_at(png_of(10_000, 10_000))
    assert (facts.type, facts.width, facts.fault) == ("PNG", 10_000, None)


def test_no_other_program_is_started_for_an_image() -> None:
    facts = look_at(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 20\n%%EndComments\n%%EOF\n")
    assert (facts.type, facts.width, facts.height, facts.fault) == ("EPS", 10, 20, None)


@pytest.mark.parametrize(("data", "fault"), [(b"", Fault.UNIDENTIFIED), (b"<html>", Fault.UNIDENTIFIED),
                                             (image_bytes("JPEG")[:-40], Fault.BROKEN)])  # fmt: skip
def test_a_fault_has_words(data: bytes, fault: Fault) -> None:
    facts = look_at(data)
    assert facts.fault is fault
    assert facts.why
