"""Image files against the records that name them: each thing that can be wrong is found, and that alone."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import sys
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moderation import manifest_record, output_record
from PIL import Image
from records import PROFILES, box

from pytest_visionfmt import (
    IMAGE_LIMIT_RULES,
    IMAGE_RULES,
    JSON_RULES,
    BrokenImage,
    Evidence,
    Format,
    Hit,
    ImageClaim,
    ImageLimits,
    Judgement,
    Reaction,
    Report,
    Rule,
    SeenImage,
    Severity,
    Verdict,
    broken_image,
    check_bytes,
    check_file,
    image_for,
    named,
    write_dataset,
)
from pytest_visionfmt import Image as ImageLook
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.encoders import encode

OD = "azure-od-record"
PATHS = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"
TYPES = {"jpg": "JPEG", "png": "PNG", "bmp": "BMP", "tif": "TIFF"}


def of(path: str, width: int = 40, height: int = 30, **details: Any) -> dict[str, Any]:
    claimed = {"format": path.rpartition(".")[2], "width": width, "height": height, **details}
    return {
        "image_url": PATHS + path,
        "image_details": {key: value for key, value in claimed.items() if value is not None},
        "label": [box()],
    }


RECORDS = [of("images/1.jpg"), of("images/2.png"), of("images/3.bmp"), of("more images/4.tif")]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return the file of records of a dataset with an image of every type."""
    return write_dataset(tmp_path / "data", RECORDS)


def found(report: Report) -> list[tuple[str, int, str]]:
    return [(finding.name, finding.line, finding.path) for finding in report.findings]


def encoded(type_: str, width: int = 40, height: int = 30, **options: Any) -> bytes:
    return encode(Image.effect_noise((width, height), 80), type_, **options)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("images", ["headers", "full"])
def test_a_dataset_that_was_written_has_no_finding(data: Path, images: Any, profile: Any) -> None:
    assert check_file(data, OD, images=images, profile=profile).findings == ()


def make_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


Change = Callable[[Path], object]
BREACHES: dict[str, tuple[Change, list[tuple[str, int, str]]]] = {
    "a missing image": (
        lambda root: (root / "images/2.png").unlink(),
        [("image-missing", 2, "$.image_url")],
    ),
    "a folder in its place": (
        lambda root: make_folder(root / "images/2.png"),
        [("image-missing", 2, "$.image_url")],
    ),
    "an image swapped for a wider one": (
        lambda root: (root / "images/1.jpg").write_bytes(encoded("JPEG", 41, 30)),
        [("image-size-mismatch", 1, "$.image_details.width")],
    ),
    "an image of another size": (
        lambda root: (root / "images/3.bmp").write_bytes(encoded("BMP", 30, 40)),
        [("image-size-mismatch", 3, "$.image_details.width"), ("image-size-mismatch", 3, "$.image_details.height")],
    ),
    "an image of another type": (
        lambda root: (root / "images/1.jpg").write_bytes((root / "images/2.png").read_bytes()),
        [("image-type-mismatch", 1, "$.image_details.format")],
    ),
    "an image to be turned": (
        lambda root: (root / "images/1.jpg").write_bytes(encoded("JPEG", exif=orientation(3))),
        [("image-orientation", 1, "$.image_url")],
    ),
    "an image that has the size given once it is turned": (
        lambda root: (root / "images/1.jpg").write_bytes(encoded("JPEG", 30, 40, exif=orientation(6))),
        [("image-orientation", 1, "$.image_url")],
    ),
    "an image turned on its side with the size as stored": (
        lambda root: (root / "images/1.jpg").write_bytes(encoded("JPEG", exif=orientation(8))),
        [("image-orientation", 1, "$.image_url")],
    ),
    "a page of text": (
        lambda root: (root / "images/2.png").write_bytes(b"<!DOCTYPE html>"),
        [("image-unreadable", 2, "$.image_url")],
    ),
    "an empty file": (
        lambda root: (root / "images/2.png").write_bytes(b""),
        [("image-unreadable", 2, "$.image_url")],
    ),
    "an image beside them": (
        lambda root: (root / "images/5.jpg").write_bytes(encoded("JPEG")),
        [("orphaned-image", 1, "$")],
    ),
    "a renamed image": (
        lambda root: (root / "more images/4.tif").rename(root / "more images/04.tif"),
        [("orphaned-image", 1, "$"), ("image-missing", 4, "$.image_url")],
    ),
}


def orientation(value: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


@pytest.mark.parametrize("images", ["headers", "full"])
@pytest.mark.parametrize("breach", BREACHES)
def test_one_thing_that_is_wrong_is_found_and_that_alone(breach: str, images: Any, data: Path) -> None:
    change, wanted = BREACHES[breach]
    change(data.parent)
    assert found(check_file(data, OD, images=images)) == wanted
    assert check_file(data, OD).findings == ()
    assert check_file(data, OD, images="off", image_root=data.parent).findings == ()


@pytest.mark.parametrize("number", range(4))
def test_an_image_that_is_cut_short_is_found_by_decoding_alone(number: int, data: Path) -> None:
    url = RECORDS[number]["image_url"]
    path = data.parent / url.removeprefix(PATHS)
    content = encoded(TYPES[path.suffix[1:]])
    path.write_bytes(content[: len(content) * 9 // 10])
    assert check_file(data, OD, images="headers").findings == ()
    (finding,) = check_file(data, OD, images="full").findings
    assert (finding.name, finding.line, finding.severity) == ("image-truncated", number + 1, "error")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(broken=broken_image())
def test_a_broken_image_is_found_and_nothing_raises(broken: BrokenImage, tmp_path: Path) -> None:
    (tmp_path / f"1.{broken.format}").write_bytes(broken.content)
    content = json.dumps(of(f"1.{broken.format}", format=None)).encode() + b"\n"
    report = check_bytes(content, OD, images="full", image_root=tmp_path)
    (tmp_path / f"1.{broken.format}").unlink()
    names = {name for name, *_ in found(report)}
    assert len(names & {"image-unreadable", "image-truncated"}) == 1
    # The first bytes of another type may be the header of one, and a bomb has a size as well.
    assert names - {"image-unreadable", "image-truncated"} <= {"image-ending-mismatch", "image-size-mismatch"}


def test_an_ending_of_another_type_is_found_where_the_record_gives_no_type(tmp_path: Path) -> None:
    value = of("1.jpg", format=None)
    (tmp_path / "1.jpg").write_bytes(image_for({**value, "image_url": PATHS + "1.png"}, OD).content)
    (finding,) = check_bytes(json.dumps(value).encode() + b"\n", OD, image_root=tmp_path).findings
    assert (finding.name, finding.severity, finding.path) == ("image-ending-mismatch", "warning", "$.image_url")
    assert finding.message == 'the name ends in ".jpg"; the image is PNG'


VERDICTS = [
    ("image-missing", "error", "image-skipped", "inferred", "error"),
    ("image-unreadable", "error", "image-skipped", "read", "error"),
    ("image-truncated", "error", "image-skipped", "inferred", "error"),
    ("image-type-mismatch", "error", "accepted", "run", None),
    ("image-ending-mismatch", "warning", "accepted", "inferred", None),
    ("image-size-mismatch", "error", "accepted", "run", None),
    ("image-orientation", "warning", "unknown", "inferred", "warning"),
    ("image-ambiguous", "warning", "unknown", "inferred", "warning"),
    ("image-outside-root", "error", "unknown", "inferred", "error"),
    ("orphaned-image", "warning", "accepted", "inferred", "warning"),
]


@pytest.mark.parametrize("row", VERDICTS, ids=[row[0] for row in VERDICTS])
def test_what_the_service_does(row: tuple[str, str, str, str, str | None]) -> None:
    name, *_, by_reader = row
    rule = next(rule for rule in named(OD).rules if rule.name == name)
    verdict = named(OD).verdict(rule, "$.image_url", ("string", "any"))
    assert verdict.documented
    assert (verdict.documented.severity, verdict.documented.reaction, verdict.documented.evidence) == row[1:4]
    assert (verdict.reader.severity if verdict.reader else None) == by_reader


def test_every_rule_of_images_is_listed_above() -> None:
    assert [rule.name for rule in IMAGE_RULES] == [row[0] for row in VERDICTS]


# Which file is meant.


def lines(*values: Any) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_images_are_looked_for_beside_the_file_or_below_the_root_given(data: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.jsonl"
    data.rename(moved)
    assert len(check_file(moved, OD, images="headers").findings) == 4
    assert check_file(moved, OD, image_root=tmp_path / "data").findings == ()
    assert len(check_file(moved, OD, image_root=tmp_path).findings) == 4


HOSTILE = ["../../x.jpg", "/etc/x.jpg", "C:\\x.jpg", "x" * 300 + ".jpg", "con.jpg", "a%00.jpg", "%2e%2e/x.jpg"]


@pytest.mark.parametrize("path", HOSTILE, ids=[path[:12].replace("\\", "|") for path in HOSTILE])
def test_a_url_that_leads_outside_is_found_and_not_followed(path: str, tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"")
    (tmp_path / "data/images").mkdir(parents=True)
    report = check_bytes(lines(of(path)), OD, images="full", image_root=tmp_path / "data/images")
    assert found(report) == [("image-outside-root", 1, "$.image_url")]


@pytest.mark.skipif(sys.platform == "win32", reason="links are for those who may make them there")
def test_a_link_that_leads_outside_is_found_and_not_followed(data: Path) -> None:
    (data.parent / "images/2.png").rename(data.parent.parent / "2.png")
    (data.parent / "images/2.png").symlink_to("../../2.png")
    assert found(check_file(data, OD, images="full")) == [("image-outside-root", 2, "$.image_url")]


@pytest.mark.skipif(sys.platform == "darwin", reason="to this system the two forms are one name")
def test_two_unicode_forms_of_a_name_are_found(tmp_path: Path) -> None:
    for name in ("\u00e9.png", "e\u0301.png"):
        (tmp_path / name).write_bytes(image_for(of("a.png"), OD).content)
    report = check_bytes(lines(of("\u00e9.png")), OD, image_root=tmp_path)
    assert found(report) == [("image-ambiguous", 1, "$.image_url")]


def test_orphans_are_one_finding_a_folder_and_looked_for_where_images_lie(data: Path) -> None:
    root = data.parent
    for name in ("images/a.jpg", "images/b.PNG", "images/c.tif", "images/d.webp", "more images/e.jpg"):
        (root / name).write_bytes(b"")
    (root / "unnamed").mkdir()
    for name in ("unnamed/f.jpg", "g.jpg", "images/notes.txt", "images/.hidden.jpg"):
        (root / name).write_bytes(b"")
    messages = [finding.message for finding in check_file(data, OD, images="headers").findings]
    assert messages == [
        'the folder "images" has 4 images no record names: "a.jpg", "b.PNG", "c.tif", ...',
        'the folder "more images" has one image that no record names: "e.jpg"',
    ]


def test_a_finding_stands_at_what_the_record_says(data: Path) -> None:
    (data.parent / "images/2.png").write_bytes(encoded("PNG", 50, 30))
    (finding,) = check_file(data, OD, images="headers").findings
    line = data.read_text().splitlines()[1]
    assert line[finding.column - 1 :].startswith("40")
    assert finding.message == "the width is said to be 40; the image is 50 x 30 pixels"
    assert (finding.file, finding.excerpt[:3]) == (str(data), "...")


def test_findings_on_images_stand_among_the_others_in_the_order_of_the_file(data: Path) -> None:
    values = [{**value, "label": [box(bottomX=0)]} for value in RECORDS]
    data.write_bytes(lines(*values))
    for number in (1, 2):
        (data.parent / RECORDS[number]["image_url"].removeprefix(PATHS)).unlink()
    report = check_file(data, OD, images="headers", max_findings=1)
    assert report.counts == {"VF104": 4, "VF201": 2}
    assert (report.lines, report.errors) == (4, 6)
    assert [(finding.code, finding.line) for finding in report.findings] == [("VF104", 1), ("VF201", 2)]


def test_a_record_with_errors_is_asked_for_its_image_and_a_line_that_is_no_json_is_not(tmp_path: Path) -> None:
    content = lines({"image_url": PATHS + "1.jpg"}) + b'{"image_url": "' + PATHS.encode() + b'2.jpg", "label": NaN}\n'
    pretty = json.dumps(of("3.jpg"), indent=1).encode() + b"\n"
    report = check_bytes(content + pretty, OD, image_root=tmp_path)
    assert [(f.code, f.line) for f in report.findings if f.code.startswith("VF2")] == [("VF201", 1)]


@given(st.recursive(st.none() | st.integers() | st.text(max_size=3), lambda x: st.lists(x) | st.dictionaries(
    st.sampled_from(("image_url", "image_details", "format", "width", "height", "label")), x)))  # fmt: skip
def test_no_value_raises(value: Any) -> None:
    check_bytes(lines(value), OD, images="full", image_root=".")
    check_bytes(lines({"image_url": PATHS + "1.jpg", "image_details": value}), OD, images="full", image_root=".")


def test_nothing_is_asked_of_a_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> None:
        raise AssertionError("a socket was made")

    monkeypatch.setattr(socket, "socket", refuse)
    value = {**of("1.jpg"), "image_url": "https://example.com/1.jpg"}
    report = check_bytes(lines(value), OD, profile="reader", images="full", image_root=tmp_path)
    assert [name for name, *_ in found(report)] == ["image-missing"]


# Manifests of Rekognition: their records say where the image is, its service what images it takes.

MANIFESTS = {
    "rekognition-input-record": manifest_record("Violence", ref="s3://foo/bar/1.jpg"),
    "rekognition-output-record": {**output_record(), "source-ref": "s3://foo/bar/1.jpg"},
}
REF = "$['source-ref']"
TAKEN: dict[str, tuple[Change, list[tuple[str, str]], str]] = {
    "nothing": (lambda path: None, [], ""),
    "a missing image": (Path.unlink, [("image-missing", "error")], 'there is no file "bar/1.jpg" below'),
    "an image cut short": (
        lambda path: path.write_bytes(encoded("JPEG", 80, 80)[:-40]),
        [("image-truncated", "error")],
        "the file ends before its image is complete",
    ),
    "a page of text": (
        lambda path: path.write_bytes(b"<!DOCTYPE html>"), [("image-unreadable", "error")], "does not know it",
    ),
    "an image of the other type": (
        lambda path: path.write_bytes(encoded("PNG", 80, 80)),
        [("image-ending-mismatch", "warning")],
        'the name ends in ".jpg"; the image is PNG',
    ),
    "an image of a type that is not taken": (
        lambda path: path.write_bytes(encoded("BMP", 80, 80)),
        [("image-ending-mismatch", "warning"), ("image-type-not-taken", "error")],
        "the image is BMP; JPEG or PNG is wanted",
    ),
    "an image that is too small": (
        lambda path: path.write_bytes(encoded("JPEG", 80, 79)),
        [("image-size-not-taken", "error")],
        "the image is 80 x 79 pixels; 80 are the least of a side",
    ),
    "an image that is as large as can be": (lambda path: path.write_bytes(encoded("JPEG", 10_000, 80)), [], ""),
    "an image that is too large": (
        lambda path: path.write_bytes(encoded("JPEG", 80, 10_001)),
        [("image-size-not-taken", "error")],
        "the image is 80 x 10001 pixels; 10000 are the most of a side",
    ),
    "a file that is too large": (
        lambda path: path.write_bytes(encoded("JPEG", 80, 80) + bytes(15 << 20)),
        [("image-file-too-large", "error")],
        "15728640 are the most",
    ),
    "an image to be turned": (
        lambda path: path.write_bytes(encoded("JPEG", 80, 80, exif=orientation(6))),
        [("image-orientation", "warning")],
        "EXIF orientation 6",
    ),
}  # fmt: skip


@pytest.mark.parametrize("format_id", MANIFESTS)
@pytest.mark.parametrize("change", TAKEN)
def test_the_images_of_a_manifest_are_held_to_what_the_service_takes(
    change: str, format_id: str, tmp_path: Path
) -> None:
    make, wanted, words = TAKEN[change]
    path = write_dataset(tmp_path / "data", [MANIFESTS[format_id]], format=format_id, name="a.manifest")
    make(tmp_path / "data/bar/1.jpg")
    findings = check_file(path, format_id, images="full").findings
    assert [(finding.name, finding.severity) for finding in findings] == wanted
    assert {finding.path for finding in findings} <= {REF}
    assert words in " ".join(finding.message for finding in findings)
    assert check_file(path, format_id).findings == ()


@pytest.mark.parametrize("format_id", MANIFESTS)
def test_a_key_that_is_no_path_is_said_to_be_that_and_no_more(format_id: str, tmp_path: Path) -> None:
    content = lines(*({**MANIFESTS[format_id], "source-ref": f"s3://foo/{key}"} for key in ("a/../1.jpg", "a\\1.jpg")))
    report = check_bytes(content, format_id, image_root=tmp_path)
    assert [(finding.name, finding.severity) for finding in report.findings] == [("image-outside-root", "warning")] * 2


def test_the_limits_of_a_format_of_ones_own(tmp_path: Path) -> None:
    mine = Format(
        "mine", "t", "s", "jsonl", {"documented": {"type": "object"}}, (*JSON_RULES, *IMAGE_LIMIT_RULES),
        image_claim=lambda value: ImageClaim(value["file"], ("file",)),
        image_limits=ImageLimits(max_side=9),
    )  # fmt: skip
    for width in (9, 10):
        (tmp_path / f"{width}.bmp").write_bytes(encoded("BMP", width, 1))
    content = lines({"file": "9.bmp"}, {"file": "10.bmp"}, {"file": "11.bmp"})
    assert found(check_bytes(content, mine, image_root=tmp_path)) == [("image-size-not-taken", 2, "$.file")]
    boundless = replace(mine, image_limits=None)
    assert check_bytes(content, boundless, image_root=tmp_path).findings == ()


# A format of one's own.


def test_a_format_of_ones_own_has_image_rules_of_its_own(tmp_path: Path) -> None:
    def find(value: Any, image: SeenImage) -> list[Hit]:
        square = image.facts is None or image.facts.width == image.facts.height
        return [] if square else [Hit(("file",), f"{value['file']} is not square")]

    judgement = Judgement(Severity.ERROR, Reaction.UNKNOWN, Evidence.DOCUMENTED)
    square = Rule("MY201", "not-square", "t", "s", Verdict(judgement, judgement), ImageLook(find))
    mine = Format(
        "mine", "t", "s", "jsonl", {"documented": {"type": "object"}}, (*JSON_RULES, *IMAGE_RULES, square),
        image_claim=lambda value: ImageClaim(value["file"], ("file",)),
    )  # fmt: skip
    (tmp_path / "a.png").write_bytes(encoded("PNG", 3, 3))
    (tmp_path / "b.png").write_bytes(encoded("PNG", 3, 4))
    content = b"".join(json.dumps({"file": f"{name}.png"}).encode() + b"\n" for name in "abc")
    report = check_bytes(content, mine, image_root=tmp_path)
    assert found(report) == [("not-square", 2, "$.file"), ("image-missing", 3, "$.file")]


# Arguments, the command line and the plugin.


def test_wrong_arguments_raise_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown images='all': choose from 'off', 'headers', 'full'"):
        check_file(tmp_path / "a", OD, images="all")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="image_root='none' is not a folder"):
        check_file(tmp_path / "a", OD, image_root="none")
    with pytest.raises(ValueError, match="images='full' needs an image_root"):
        check_bytes(b"{}\n", OD, images="full")


def test_the_command_line_checks_images(data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    assert main(["check", "--images", "full", str(data)]) == 0
    (data.parent / "images/2.png").unlink()
    assert main(["check", str(data)]) == 0
    assert main(["check", "--images", "headers", str(data)]) == 1
    assert main(["check", "--image-root", str(data.parent), "--output", "concise", str(data)]) == 1
    assert "VF201 there is no file" in capsys.readouterr().out.splitlines()[-1]
    assert main(["check", "--images", "off", "--image-root", str(data.parent), str(data)]) == 0
    assert main(["check", "--image-root", "none", str(data)]) == 2
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data.read_bytes())))
    assert main(["check", "--format", OD, "--images", "full", "-"]) == 2
    assert "give an --image-root" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data.read_bytes())))
    assert main(["check", "--format", OD, "--image-root", str(data.parent), "-"]) == 1


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a folder with a dataset whose images lie apart, one of them cut short."""
    path = write_dataset(pytester.path / "data", RECORDS)
    (pytester.path / "pictures").mkdir()
    for name in ("images", "more images"):
        (path.parent / name).rename(pytester.path / "pictures" / name)
    (pytester.path / "pictures/images/3.bmp").write_bytes(encoded("BMP")[:-100])
    return pytester


PLUGIN: list[tuple[tuple[str, ...], str, dict[str, int]]] = [
    ((), "", {"passed": 1}),
    (("--visionfmt-images=headers",), "", {"failed": 1}),
    (("--visionfmt-image-root=pictures",), "", {"passed": 1}),
    (("--visionfmt-image-root=pictures", "--visionfmt-images=full"), "", {"failed": 1}),
    ((), "visionfmt_image_root = pictures\nvisionfmt_images = full", {"failed": 1}),
    (("--visionfmt-images=off",), "visionfmt_image_root = pictures\nvisionfmt_images = full", {"passed": 1}),
]


@pytest.mark.parametrize(("options", "ini", "outcome"), PLUGIN, ids=[f"{row[0]} {row[1]}" for row in PLUGIN])
def test_the_plugin_checks_images(
    options: tuple[str, ...], ini: str, outcome: dict[str, int], project: pytest.Pytester
) -> None:
    project.makeini(f"[pytest]\n{ini}\n")
    project.runpytest("--visionfmt-check", "data", *options).assert_outcomes(**outcome)


def test_the_plugin_shows_what_is_wrong_and_says_so_in_its_header(project: pytest.Pytester) -> None:
    result = project.runpytest(
        "--visionfmt-check", "--visionfmt-image-root=pictures", "--visionfmt-images=full", "data"
    )
    result.stdout.fnmatch_lines(["visionfmt: profile documented, images full", "error?VF203? image-truncated: *"])


@pytest.mark.parametrize("option", ["--visionfmt-images=all", "--visionfmt-image-root=none"])
def test_a_wrong_option_of_the_plugin_is_a_usage_error(option: str, project: pytest.Pytester) -> None:
    result = project.runpytest("--visionfmt-check", option, "data")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert re.search("visionfmt_images, visionfmt_image_root: ", result.stderr.str())


def test_an_ini_root_is_relative_to_the_root_folder_of_pytest(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\nvisionfmt_check = true\nvisionfmt_image_root = pictures\n")
    os.chdir(project.path / "data")
    project.runpytest("--rootdir", str(project.path)).assert_outcomes(passed=1)


def test_reading_headers_does_not_decode(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zlib, "decompress", None)
    monkeypatch.setattr(Image.Image, "load", None)
    assert check_file(data, OD, images="headers").findings == ()
