"""From a URL to a file: where it is looked for, and that nothing outside of the folder is ever meant."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_visionfmt import NoLocalFile, local_path
from pytest_visionfmt.locations import parts_of

LONG = "azureml://subscriptions/s/resourcegroups/g/workspaces/w/datastores/d/paths/"

PARTS = [
    (LONG + "a/b.jpg", ("a", "b.jpg")),
    (LONG + "a/paths/b.jpg", ("a", "paths", "b.jpg")),
    ("azureml://datastores/d/paths/a/b.jpg", ("a", "b.jpg")),
    ("https://account.blob.core.windows.net/d/a/b.jpg?sv=1&sig=a/b#c", ("d", "a", "b.jpg")),
    ("http://localhost:80/a%20b.jpg", ("a b.jpg",)),
    ("wasbs://d@account.blob.core.windows.net/a.jpg", ("a.jpg",)),
    ("abfss://d@account.dfs.core.windows.net/a/b.jpg", ("a", "b.jpg")),
    ("AmlDatastore://d/a/b.jpg", ("a", "b.jpg")),
    ("file:///d/a.jpg", ("d", "a.jpg")),
    ("s3://bucket/a/b.jpg", ("a", "b.jpg")),
    ("s3://bucket//a//b.jpg", ("a", "b.jpg")),
    ("images/a.jpg", ("images", "a.jpg")),
    # Percent-decoded once, and not at all in a key of S3 or in what is no URL.
    (LONG + "%20/a%2520b.jpg", (" ", "a%20b.jpg")),
    (LONG + "gr%C3%B6%C3%9Fe.jpg", ("größe.jpg",)),
    ("s3://bucket/a%20b+c.jpg", ("a%20b+c.jpg",)),
    ("a%20b.jpg", ("a%20b.jpg",)),
    (LONG + "a?b#c.jpg", ("a?b#c.jpg",)),
    (LONG + "100%.jpg", ("100%.jpg",)),
]


@pytest.mark.parametrize(
    ("url", "parts"), [row for row in PARTS if row[1][0] != " "], ids=lambda value: str(value)[:80]
)
def test_the_path_that_a_url_means(url: str, parts: tuple[str, ...]) -> None:
    assert parts_of(url) == parts


HOSTILE = [
    ("../x", "does not name a file or folder"),
    ("../../x", "does not name a file or folder"),
    ("a/../../x", "does not name a file or folder"),
    ("%2e%2e/x", "does not name a file or folder"),
    ("..%2Fx", "does not name a file or folder"),
    (".. /x", "does not name a file or folder"),
    ("./x", "does not name a file or folder"),
    ("/etc/x", "is absolute"),
    ("//host/share/x", "is absolute"),
    ("%2Fetc/x", "is absolute"),
    ("C:\\x", "has a backslash"),
    ("a\\..\\x", "has a backslash"),
    ("%5C%5Chost%5Cx", "has a backslash"),
    ("C:/x", "begins a part with a drive letter"),
    ("a/c:x", "begins a part with a drive letter"),
    ("a%00b", "has a NUL character"),
    ("a/CON", "is a device on Windows"),
    ("nul.jpg", "is a device on Windows"),
    ("Com1.tar.gz/a", "is a device on Windows"),
    ("x" * 300, "300 bytes; 255 is the most"),
    ("é" * 128, "256 bytes; 255 is the most"),
    ("\ud800.jpg", "half of a surrogate pair"),
]


@pytest.mark.parametrize(
    ("path", "why"), HOSTILE, ids=[row[0][:20].encode("unicode_escape").decode() for row in HOSTILE]
)
def test_a_hostile_path_means_no_file_and_the_error_says_why(path: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(NoLocalFile, match=why) as error:
        local_path(LONG + path, tmp_path)
    assert error.value.why == "outside"
    assert str(error.value).isprintable()


@pytest.mark.parametrize("url", [LONG, LONG + "a/", "azureml://datastores/d", "https://host", ""])
def test_a_url_that_names_no_file_is_missing(url: str, tmp_path: Path) -> None:
    with pytest.raises(NoLocalFile) as error:
        local_path(url, tmp_path)
    assert error.value.why == "missing"


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")


def test_the_whole_path_is_tried_first_then_shorter_ones_the_longest_first(tmp_path: Path) -> None:
    names = ["c.jpg", "b/c.jpg", "a/b/c.jpg"]
    for name in names:
        touch(tmp_path, name)
        assert local_path(LONG + "a/b/c.jpg", tmp_path) == tmp_path / name


def test_a_folder_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a/b.jpg").mkdir(parents=True)
    touch(tmp_path, "b.jpg")
    assert local_path(LONG + "a/b.jpg", tmp_path) == tmp_path / "b.jpg"


def test_a_relative_root_is_that_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "images/a.jpg")
    monkeypatch.chdir(tmp_path)
    assert local_path(LONG + "a.jpg", "images") == tmp_path / "images/a.jpg"


@pytest.mark.skipif(sys.platform == "darwin", reason="to this system the two forms are one name")
def test_two_unicode_forms_of_one_name_are_ambiguous(tmp_path: Path) -> None:
    touch(tmp_path, "e\u0301.jpg")
    assert local_path(LONG + "\u00e9.jpg", tmp_path) == tmp_path / "e\u0301.jpg"
    touch(tmp_path, "\u00e9.jpg")
    with pytest.raises(NoLocalFile, match="differ only in the Unicode form") as error:
        local_path(LONG + "\u00e9.jpg", tmp_path)
    assert error.value.why == "ambiguous"
    assert sorted(error.value.files) == sorted(map(str, tmp_path.iterdir()))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder beside which lies a file that is not to be reached."""
    touch(tmp_path, "outside/x.jpg", "rootling/x.jpg")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.mark.skipif(sys.platform == "win32", reason="links are for those who may make them there")
def test_a_link_out_of_the_folder_is_not_followed(root: Path) -> None:
    (root / "file.jpg").symlink_to("../outside/x.jpg")
    (root / "folder").symlink_to("../outside", target_is_directory=True)
    (root / "sibling").symlink_to("../rootling", target_is_directory=True)
    for name in ("file.jpg", "folder/x.jpg", "sibling/x.jpg"):
        with pytest.raises(NoLocalFile, match="leads outside by a symbolic link") as error:
            local_path(LONG + name, root)
        assert error.value.why == "outside"


@pytest.mark.skipif(sys.platform == "win32", reason="links are for those who may make them there")
def test_a_link_within_the_folder_is_followed(root: Path) -> None:
    touch(root, "a/x.jpg")
    (root / "b").symlink_to("a", target_is_directory=True)
    (root / "c.jpg").symlink_to("b/x.jpg")
    (root / "broken.jpg").symlink_to("nowhere")
    assert local_path(LONG + "b/x.jpg", root) == root / "b/x.jpg"
    assert local_path(LONG + "c.jpg", root) == root / "c.jpg"
    with pytest.raises(NoLocalFile, match="there is no file"):
        local_path(LONG + "broken.jpg", root)


@pytest.mark.skipif(sys.platform == "win32", reason="links are for those who may make them there")
def test_the_folder_may_itself_be_a_link(root: Path) -> None:
    touch(root, "a.jpg")
    (root.parent / "link").symlink_to(root, target_is_directory=True)
    assert local_path(LONG + "a.jpg", root.parent / "link").samefile(root / "a.jpg")


FRAGMENTS = (
    "..",
    ".",
    "/",
    "\\",
    "a",
    "%2e",
    "%2f",
    "%5c",
    "%00",
    "C:",
    "x.jpg",
    "//",
    " ",
    "\u00e9",
    "%",
    "con",
    "?",
    "#",
)


@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join), st.sampled_from((LONG, "s3://b/", "https://h/", ""))
)
def test_whatever_a_url_says_it_means_a_file_below_the_folder_or_none(path: str, before: str) -> None:
    try:
        parts = parts_of(before + path)
    except NoLocalFile:
        return
    root = os.path.abspath("root")
    for flavour in (os.path, __import__("ntpath"), __import__("posixpath")):
        base = flavour.abspath(root) if flavour is os.path else {"ntpath": "D:\\root"}.get(flavour.__name__, "/root")
        joined = flavour.normpath(flavour.join(base, *parts))
        assert flavour.commonpath([base, joined]) == base != joined
