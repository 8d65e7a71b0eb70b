"""Datasets on disk: what is written is read and checks clean, nothing leaves the folder, no failure leaves a trace."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import InvalidArgument
from PIL import Image
from records import LABELS, TRAINING, URL, box, jsonl, record

from pytest_visionfmt import (
    TABLE,
    Dataset,
    Format,
    InvalidRecord,
    NoLocalFile,
    azure_od_record,
    check_file,
    dataset,
    image_for,
    local_path,
    read_dataset,
    write_dataset,
)
from pytest_visionfmt import dataset_files as module
from pytest_visionfmt.image_facts import type_of

OD = "azure-od-record"
PATHS = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"
windows_only = pytest.mark.skipif(sys.platform == "win32", reason="links are for those who may make them there")


def at(path: str, label: Any = None) -> dict[str, Any]:
    return {"image_url": PATHS + path, "label": [box()] if label is None else label}


def tree(root: Path) -> dict[str, bytes | None]:
    """Return all that lies below a folder: the bytes of files, None for folders and links."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes() if path.is_file() and not path.is_symlink() else None
        for path in sorted(root.rglob("*"))
    }


# The formats whose records name images.
IMAGED = [format_.id for format_ in TABLE.values() if format_.image_claim]


def url_of(value: Any) -> str:
    return str(value.get("image_url") or value["source-ref"])


@pytest.mark.parametrize("format_id", IMAGED)
@given(data=st.data())
def test_a_drawn_dataset_checks_clean_with_every_pixel_read(format_id: str, data: st.DataObject) -> None:
    drawn = data.draw(dataset(format_id))
    with tempfile.TemporaryDirectory() as folder:
        path = drawn.write(Path(folder, "new", "data"))
        for profile in ("documented", "reader"):
            assert check_file(path, format_id, profile=profile, images="full").findings == ()
        assert os.listdir(folder) == ["new"]
        assert os.listdir(Path(folder, "new")) == ["data"]
        records, images = read_dataset(path.parent)
        assert records == drawn.records
        for value, found, image in zip(drawn.records, images, drawn.images, strict=True):
            assert found == local_path(url_of(value), path.parent)
            assert found is not None
            assert found.read_bytes() == image.content
            with Image.open(found) as opened:
                assert (opened.format, opened.size) == (image.type, (image.width, image.height))
            if limits := TABLE[format_id].image_limits:
                assert found.suffix[1:] in limits.endings
                assert image.type in ("JPEG", "PNG")
                assert min(image.width, image.height) >= 80


@pytest.mark.parametrize("format_id", [id_ for id_ in IMAGED if id_ not in TRAINING])
def test_a_manifest_is_written_below_the_keys_of_its_images(format_id: str, tmp_path: Path) -> None:
    (example, *_) = TABLE[format_id].schema()["examples"]
    values = [{**example, "source-ref": f"s3://foo/{key}"} for key in ("bar/1.jpg", "a b%20/2.png", "/c//3.JPG")]
    path = write_dataset(tmp_path / "data", values, name="train.manifest")
    assert path == tmp_path / "data/train.manifest"
    assert check_file(path, images="full").findings == ()
    assert read_dataset(tmp_path / "data") == (
        values,
        [tmp_path / "data" / key for key in ("bar/1.jpg", "a b%20/2.png", "c/3.JPG")],
    )
    with Image.open(tmp_path / "data/bar/1.jpg") as opened:
        assert opened.size == (80, 80)


@pytest.mark.parametrize("size", [float("inf"), float("nan"), "1e400", 1e400, True, None])
def test_a_size_that_is_no_number_of_pixels_is_none(size: Any) -> None:
    claim_of = TABLE[OD].image_claim
    assert claim_of
    claim = claim_of({"image_url": "a.jpg", "image_details": {"width": size, "height": 3}})
    assert claim
    assert (claim.width, claim.height) == (None, 3)


def properties(drawn: Dataset) -> set[str]:
    paths = [url_of(value).partition("/paths/")[2] for value in drawn.records]
    stems = [path.rpartition(".")[0] for path in paths]
    found = {"several folders": len({path.rpartition("/")[0] for path in paths}) > 2}
    found["a space"] = any(" " in path or "%20" in path for path in paths)
    found["%20 in a name"] = any("%2520" in path for path in paths)
    found["not ASCII"] = not "".join(paths).isascii()
    found["two that differ by their ending"] = len(set(stems)) < len(stems)
    return {name for name, is_so in found.items() if is_so}


@pytest.mark.parametrize(
    "wanted", ["several folders", "a space", "%20 in a name", "not ASCII", "two that differ by their ending"]
)
def test_datasets_have_names_as_people_have_them(wanted: str) -> None:
    find(
        dataset("azure-multiclass-record"),
        lambda drawn: wanted in properties(drawn),
        settings=settings(max_examples=1000, database=None, phases=[Phase.generate]),
    )


def test_a_dataset_shrinks_to_one_record() -> None:
    few = settings(max_examples=5, database=None)
    drawn = find(dataset("azure-multiclass-record"), lambda drawn: True, settings=few)
    assert drawn.records == [{"image_url": PATHS + "0.jpg", "label": "a"}]
    drawn = find(dataset(OD), lambda drawn: True, settings=few)
    assert [value["label"] for value in drawn.records] == [
        [{"label": "a", "topX": 0, "topY": 0, "bottomX": 1, "bottomY": 1}]
    ]
    assert repr(drawn).startswith("Dataset(format=<Format azure-od-record>, records=[{'image_url': ")


@given(
    dataset(OD, min_size=2, max_size=3, records=azure_od_record(labels=st.just("cat")), image_sizes=st.just((20, 10)))
)
def test_a_dataset_is_of_the_records_and_sizes_asked_for(drawn: Dataset) -> None:
    assert 2 <= len(drawn.records) <= 3
    assert {item["label"] for value in drawn.records for item in value["label"]} <= {"cat"}
    for value, image in zip(drawn.records, drawn.images, strict=True):
        assert (image.width, image.height) == (20, 10)
        details = value.get("image_details", {})
        assert [str(details.get(key, size)).removesuffix("px") for key, size in (("width", 20), ("height", 10))] == [
            "20", "10",
        ]  # fmt: skip
        assert image == image_for(value, OD, size=(20, 10))


def test_datasets_follow_an_edited_schema() -> None:
    schema = TABLE[OD].schema()
    schema["$defs"]["image_details"]["properties"]["format"]["enum"] = ["webp"]
    edited = replace(TABLE[OD], schemas={"documented": schema})
    once = settings(max_examples=1, database=None, phases=[Phase.generate])
    drawn = find(dataset(edited, min_size=3), lambda drawn: True, settings=once)
    assert {value["image_url"].rpartition(".")[2] for value in drawn.records} == {"webp"}
    assert {image.type for image in drawn.images} == {"WEBP"}


@given(dataset(OD, records=azure_od_record().map(lambda value: {**value, "image_details": {"format": "raw"}})))
def test_a_type_that_cannot_be_made_is_replaced_by_one_that_can(drawn: Dataset) -> None:
    for value, image in zip(drawn.records, drawn.images, strict=True):
        ending = value["image_url"].rpartition(".")[2]
        assert value["image_details"] == {"format": ending}
        assert type_of(ending) == image.type


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"min_size": 3, "max_size": 2}, "min_size=3 is larger than max_size=2"),
    ({"min_size": -1}, "min_size=-1 is not a number of records"),
    ({"records": [{}]}, "is not a strategy"),
    ({"image_sizes": (3, 4)}, "is not a strategy"),
    ({"records": st.just({"label": []})}, "which names no image"),
    ({"image_sizes": st.just((0, 4))}, "an image of 0 x 4 pixels has none"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_arguments_raise_when_first_drawn_from(arguments: dict[str, Any], message: str) -> None:
    drawn = dataset(OD, **arguments)
    with pytest.raises(InvalidArgument, match=message):
        find(drawn, lambda drawn: True, settings=settings(database=None))


def test_a_format_whose_records_name_no_image_has_no_datasets(tmp_path: Path) -> None:
    mine = Format("mine", "t", "s", "jsonl", {"documented": {"type": "object"}}, ())
    with pytest.raises(InvalidArgument, match="records of mine name no image"):
        find(dataset(mine), lambda drawn: True, settings=settings(database=None))
    with pytest.raises(ValueError, match="record 0 names no image: images=False writes the records alone"):
        write_dataset(tmp_path / "a", [{}], format=mine)
    assert write_dataset(tmp_path / "a", [{}], format=mine, images=False) == tmp_path / "a/mine.jsonl"
    assert read_dataset(tmp_path / "a", format=mine).records == [{}]


# Writing.


@pytest.mark.parametrize("format_id", TRAINING)
def test_the_format_is_told_from_the_records(format_id: str, tmp_path: Path) -> None:
    values = [record(LABELS[format_id], "a/1.png"), record(LABELS[format_id], "2.jpg")]
    path = write_dataset(tmp_path / "data", values)
    assert path == tmp_path / f"data/{format_id}.jsonl"
    assert path.read_bytes() == jsonl(*values)
    assert read_dataset(tmp_path / "data") == (
        values,
        [tmp_path / "data/image_data/a/1.png", tmp_path / "data/image_data/2.jpg"],
    )


def test_records_alone_are_written_without_images(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", [at("1.jpg")], images=False, name="train.jsonl")
    assert list(tree(tmp_path)) == ["data", "data/train.jsonl"]
    assert read_dataset(tmp_path / "data").images == [None]


def test_an_empty_folder_that_is_there_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_dataset(".", [at("a/1.jpg")])
    assert list(tree(tmp_path)) == ["a", "a/1.jpg", f"{OD}.jsonl"]
    assert Path("a/1.jpg").exists()


def test_a_folder_that_is_not_empty_is_left_alone_unless_asked(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.jpg").write_bytes(b"old")
    (tmp_path / "a/notes.txt").write_bytes(b"mine")
    before = tree(tmp_path)
    with pytest.raises(FileExistsError, match="is not empty; exist_ok=True writes into it"):
        write_dataset(tmp_path, [at("a/1.jpg")])
    assert tree(tmp_path) == before
    write_dataset(tmp_path, [at("a/1.jpg"), at("b/2.jpg")], exist_ok=True)
    after = tree(tmp_path)
    assert list(after) == ["a", "a/1.jpg", "a/notes.txt", f"{OD}.jsonl", "b", "b/2.jpg"]
    assert after["a/notes.txt"] == b"mine"
    assert after["a/1.jpg"] == image_for(at("a/1.jpg"), OD).content


def test_two_files_of_records_share_a_folder(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", [at("1.jpg")], name="train.jsonl")
    write_dataset(tmp_path / "data", [at("2.jpg")], name="validation.jsonl", exist_ok=True)
    assert read_dataset(tmp_path / "data", name="validation.jsonl").records == [at("2.jpg")]
    with pytest.raises(ValueError, match=r"train\.jsonl, validation\.jsonl: give its name"):
        read_dataset(tmp_path / "data")


def test_a_file_of_records_that_is_compressed_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b"\xef\xbb\xbf\r\n" + jsonl(at("1.jpg"))))
    assert read_dataset(tmp_path).records == [at("1.jpg")]


def test_the_modes_of_new_folders_are_those_of_any(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    write_dataset(tmp_path / "data", [at("a/1.jpg")])
    assert (tmp_path / "data").stat().st_mode == (tmp_path / "plain").stat().st_mode


# What must not be written.

HOSTILE = [
    "../../x", "a/../../x", "%2e%2e/x", "/etc/x", "//etc/x", "C:\\x", "C:/x", "a\\b", "a%00b", "x" * 300 + ".jpg",
    "con.jpg", "a/NUL", "aux/1.jpg", ".", "..", "a/", "",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE, ids=[path[:12].replace("\\", "|") or "empty" for path in HOSTILE])
@pytest.mark.parametrize("there", [False, True])
def test_a_hostile_name_is_an_error_and_nothing_is_written(path: str, there: bool, tmp_path: Path) -> None:
    root = tmp_path / "new/data"
    if there:
        root.mkdir(parents=True)
    before = tree(tmp_path)
    with pytest.raises(NoLocalFile, match="record 1: "):
        write_dataset(root, [at("good.jpg"), at(path)], format=OD)
    assert tree(tmp_path) == before


@windows_only
def test_a_link_within_the_folder_that_leads_out_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data/out").symlink_to("../outside", target_is_directory=True)
    before = tree(tmp_path)
    with pytest.raises(NoLocalFile, match="leads outside by a symbolic link"):
        write_dataset(tmp_path / "data", [at("a/1.jpg"), at("out/2.jpg")], exist_ok=True)
    assert tree(tmp_path) == before


@windows_only
def test_a_link_in_the_place_of_an_image_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"mine")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/1.jpg").symlink_to("../outside.jpg")
    write_dataset(tmp_path / "data", [at("1.jpg")], exist_ok=True)
    assert (tmp_path / "outside.jpg").read_bytes() == b"mine"
    assert not (tmp_path / "data/1.jpg").is_symlink()


CLASHES: list[tuple[list[Any], type[Exception], str]] = [
    ([at("a.jpg"), at("a.jpg/b.jpg")], ValueError, "has the name of a folder of record 1"),
    ([at(f"{OD}.jsonl")], ValueError, "has the name of the file of records"),
    ([at("1.jpg"), at("1.jpg", [])], ValueError, "records 0 and 1 name the same image and differ in what it shows"),
    ([at("\u00e9.jpg"), at("e\u0301.jpg")], NoLocalFile, "record 1: another names"),
    ([at("1.jpg"), {"image_url": PATHS}], NoLocalFile, "record 1: "),
    ([at("1.jpg"), {"image_url": PATHS + "2.jpg"}], InvalidRecord, "VF601"),
    (
        [{**at("1.jpg"), "image_details": {"width": 10**6, "height": 10**6}}],
        ValueError,
        "a side of a JPEG image is at most",
    ),
]


@pytest.mark.parametrize(("values", "error", "message"), CLASHES, ids=[message for *_, message in CLASHES])
@pytest.mark.parametrize("there", [False, True])
def test_records_that_cannot_be_written_leave_nothing_behind(
    values: list[Any], error: type[Exception], message: str, there: bool, tmp_path: Path
) -> None:
    root = tmp_path / "new/data"
    if there:
        root.mkdir(parents=True)
        (root / "mine.txt").write_bytes(b"mine")
    before = tree(tmp_path)
    with pytest.raises(error, match=message):
        write_dataset(root, values, format=OD, exist_ok=True)
    assert tree(tmp_path) == before


def test_one_image_of_two_records_that_show_the_same_is_written_once(tmp_path: Path) -> None:
    path = write_dataset(tmp_path / "a", [at("1.jpg"), at("x/../1.jpg".replace("x/../", ""))])
    assert check_file(path, images="full").counts == {"VF301": 1}


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("after", range(4))
def test_a_write_that_fails_midway_leaves_nothing_behind(
    after: int, there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "new/data"
    if there:
        root.mkdir(parents=True)
    before = tree(tmp_path)
    written: list[Any] = []
    inner = os.replace if there else module.write_new

    def full_disk(*arguments: Any) -> None:
        if len(written) == after:
            raise OSError(28, "No space left on device")
        written.append(arguments)
        inner(*arguments)

    monkeypatch.setattr(*((os, "replace") if there else (module, "write_new")), full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_dataset(root, [at("a/1.jpg"), at("a/b/2.jpg"), at("3.jpg")])
    assert tree(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"mine")
    with pytest.raises(FileExistsError, match="is not a folder"):
        write_dataset(tmp_path / "data", [at("1.jpg")], exist_ok=True)
    assert tree(tmp_path) == {"data": b"mine"}


@pytest.mark.parametrize("name", ["../a.jsonl", "a/b.jsonl", "a.txt", "a.json", "a.jsonl.gz", "/a.jsonl", "con.jsonl"])
def test_a_name_that_is_none_of_a_file_of_records_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is not the name of a file of records"):
        write_dataset(tmp_path / "data", [at("1.jpg")], name=name)
    assert tree(tmp_path) == {}


def test_a_document_is_no_dataset_and_unknown_records_have_no_format(tmp_path: Path) -> None:
    document = next(
        (f for f in TABLE.values() if f.unit == "json"), Format("mine", "t", "s", "json", {"documented": {}}, ())
    )
    with pytest.raises(ValueError, match="is a document of its own"):
        write_dataset(tmp_path / "data", [{}], format=document)
    with pytest.raises(ValueError, match="give the format"):
        write_dataset(tmp_path / "data", [{"a": 1}])
    assert tree(tmp_path) == {}


# The same seed, the same bytes.

SCRIPT = """
import hashlib, pathlib, sys
from hypothesis import HealthCheck, given, seed, settings
from pytest_visionfmt import dataset

number = 0

@seed(7)
@settings(max_examples=12, database=None, deadline=None, suppress_health_check=list(HealthCheck))
@given(dataset(sys.argv[2]))
def write(drawn):
    global number
    number += 1
    drawn.write(pathlib.Path(sys.argv[1], str(number)))

write()
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        print(path.relative_to(sys.argv[1]).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
"""


@pytest.mark.parametrize("format_id", [OD, "azure-is-record"])
def test_two_processes_write_the_same_bytes_from_the_same_seed(format_id: str, tmp_path: Path) -> None:
    found = []
    for hash_seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONUTF8": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", SCRIPT, str(tmp_path / hash_seed), format_id]
        found.append(subprocess.run(command, env=env, check=True, capture_output=True, encoding="utf-8").stdout)
    assert found[0].count("\n") > 24
    assert found[0] == found[1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset("azure-multilabel-record", max_size=3))
def test_the_same_dataset_written_twice_is_the_same(tmp_path: Path, drawn: Dataset) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for root in (one, other):
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            drawn.write(Path(folder, "data"))
            Path(folder, "data").rename(root)
    assert tree(one) == tree(other)
    for root in (one, other):
        for path in sorted(root.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        root.rmdir()


def test_a_line_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps(at("1.jpg")) + "\n{\n")
    with pytest.raises(ValueError, match=r"property name|Expecting"):
        read_dataset(tmp_path)


def test_reading_a_url_that_leads_outside_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(jsonl({"image_url": URL + "../../x.jpg", "label": "a"}))
    with pytest.raises(NoLocalFile, match="does not name a file or folder"):
        read_dataset(tmp_path)


def test_images_are_real_files(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data", [at("1.jpg")])
    with Image.open(tmp_path / "data/1.jpg") as opened:
        assert opened.size == (64, 64)
