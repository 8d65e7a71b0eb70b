"""``visionfmt generate`` and ``write_samples``: what is written, what is broken, and what is said."""

from __future__ import annotations

import io
import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from records import PROFILES

from pytest_visionfmt import (
    TABLE,
    AnnotatedImage,
    Format,
    ImageClaim,
    check_file,
    read_dataset,
    sample_folders,
    samples,
    write_samples,
)
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.commands.generate import part
from pytest_visionfmt.findings import Severity
from pytest_visionfmt.format import Profile

OD = "azure-od-record"
OUTPUT = "rekognition-output-record"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["generate", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def found_in(file: Path, format_id: str, **rest: Any) -> set[tuple[str, int, str, str]]:
    """Return what a check finds: file, line, rule and path, without notes."""
    findings = check_file(file, format_id, **rest).findings
    return {(file.name, f.line, f.code, f.path) for f in findings if f.severity != Severity.NOTE}


def stated_in(root: Path) -> set[tuple[str, int, str, str]]:
    """Return what the sidecar says must be found."""
    breaches = json.loads((root / "breaches.json").read_text(encoding="utf-8"))["breaches"]
    return {(b["file"], b["line"], f["rule"], f["path"]) for b in breaches for f in b["findings"]}


# What is written.


def test_records_images_and_the_line_that_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, OD, "-n", "12", "--seed", "1", "--images", "--out", "data") == (
        0,
        f"12 records of {OD} in {Path('data', OD)}.jsonl\n",
        "",
    )
    records, images = read_dataset("data")
    assert len(records) == 12
    for value, image in zip(records, images, strict=True):
        assert image
        assert image.name.partition(".")[0] == value["image_url"].rpartition("/")[2].partition(".")[0]
        with Image.open(image) as opened:
            assert max(opened.size) <= 100
    assert not Path("data", "breaches.json").exists()


def test_without_images_the_records_are_the_samples(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, OD, "--seed", "3", "--out", "data")[0] == 0
    assert [path.name for path in Path("data").iterdir()] == [f"{OD}.jsonl"]
    assert read_dataset("data").records == samples(OD, 20, seed=3)


def test_documents_are_a_file_each(capsys: pytest.CaptureFixture[str]) -> None:
    format_id = "azure-od-response"
    code, out, _ = run(capsys, format_id, "-n", "11", "--out", "data")
    assert (code, out) == (0, f"11 documents of {format_id} in data\n")
    written = [json.loads(Path("data", f"{number}.json").read_text(encoding="utf-8")) for number in range(11)]
    assert written == samples(format_id, 11)
    assert len(list(Path("data").iterdir())) == 11


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", ["azure-multilabel-record", "azure-is-record", OUTPUT])
def test_every_image_is_what_its_record_says(format_id: str, profile: Profile) -> None:
    path = write_samples("data", format_id, 30, profile=profile)
    assert check_file(path, format_id, profile=profile, images="full").findings == ()
    assert None not in read_dataset("data").images


# What is broken.


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", [name for name, format_ in TABLE.items() if format_.unit == "jsonl"])
def test_a_check_finds_what_the_sidecar_states_and_nothing_else(format_id: str, profile: Profile) -> None:
    path = write_samples("data", format_id, 40, seed=2, profile=profile, invalid=12)
    stated = stated_in(path.parent)
    assert len({line for _, line, _, _ in stated}) == 12
    assert found_in(path, format_id, profile=profile, images="full") == stated


@pytest.mark.parametrize("format_id", ["azure-scoring-request", "azure-is-response", "rekognition-moderation-response"])
def test_of_documents_the_broken_ones_are_those_of_the_sidecar(format_id: str) -> None:
    root = write_samples("data", format_id, 8, invalid=4)
    found = set().union(*(found_in(root / f"{number}.json", format_id) for number in range(8)))
    assert found == stated_in(root)
    assert len({file for file, *_ in found}) == 4


def test_all_may_be_broken(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, OD, "-n", "25", "--invalid", "100%", "--out", "data")
    assert (code, out) == (0, f"25 records of {OD}, 25 of them invalid, in {Path('data', OD)}.jsonl\n")
    stated = stated_in(Path("data"))
    assert {line for _, line, _, _ in stated} == {*range(1, 26)}
    assert found_in(Path("data", f"{OD}.jsonl"), OD) == stated


def test_the_others_are_as_if_none_was_broken() -> None:
    path = write_samples("data", OD, 30, images=False, invalid=6)
    lines = path.read_bytes().splitlines()
    broken = {line for _, line, _, _ in stated_in(path.parent)}
    whole = write_samples("whole", OD, 30, images=False).read_bytes().splitlines()
    assert {number for number, (a, b) in enumerate(zip(lines, whole, strict=True), 1) if a != b} == broken


def test_the_broken_ones_break_one_rule_each_before_any_comes_twice() -> None:
    path = write_samples("data", OD, 20, images=False, invalid=10)
    breaches = json.loads((path.parent / "breaches.json").read_text(encoding="utf-8"))["breaches"]
    rules = [breach["rule"] for breach in breaches]
    assert len(set(rules)) >= 8  # a rule whose breach would show at other lines too gives way to the next


def test_two_that_would_be_at_odds_are_not_made_together() -> None:
    # Some change the name of the image to the same, which is a duplicate where nobody looks at the whole file.
    format_id = "rekognition-input-record"
    for seed in range(2):
        path = write_samples(f"data-{seed}", format_id, 60, seed=seed, images=False, invalid=60)
        assert found_in(path, format_id) == stated_in(path.parent)


def test_the_sidecar_says_how_all_was_made() -> None:
    write_samples("data", OD, 10, seed=4, invalid=1)
    about = json.loads(Path("data", "breaches.json").read_text(encoding="utf-8"))
    (breach,) = about.pop("breaches")
    assert about == {
        "format": OD,
        "size": 10,
        "seed": 4,
        "profile": "documented",
        "versions": {
            "visionfmt": version("pytest-visionfmt"),
            "hypothesis": version("hypothesis"),
            "pillow": version("pillow"),
            "python": sys.version.split()[0],
        },
    }
    assert breach.keys() == {"file", "line", "breach", "rule", "name", "path", "reaction", "findings"}
    rule = next(rule for rule in TABLE[OD].rules if rule.code == breach["rule"])
    assert breach["name"] == rule.name
    assert {"rule": breach["rule"], "path": breach["path"]} in breach["findings"]


@pytest.mark.parametrize(("text", "wanted"), [("7", 7), ("10%", 4), ("2.5%", 1), ("0%", 0), ("100%", 40)])
def test_a_part_is_a_number_or_a_percentage(text: str, wanted: int) -> None:
    assert part(text).of(40) == wanted


# What is refused.


def test_a_folder_that_is_not_empty_is_left_alone(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data", f"{OD}.jsonl").write_text("mine")
    code, out, err = run(capsys, OD, "--out", "data")
    assert (code, out) == (2, "")
    assert err == "visionfmt generate: the folder 'data' is not empty; --force writes into it\n"
    assert Path("data", f"{OD}.jsonl").read_text() == "mine"


def test_force_replaces_files_of_the_same_names(capsys: pytest.CaptureFixture[str]) -> None:
    Path("data").mkdir()
    Path("data", f"{OD}.jsonl").write_text("old")
    Path("data", "mine.txt").write_text("mine")
    assert run(capsys, OD, "--out", "data", "--force")[0] == 0
    assert read_dataset("data").records == samples(OD, 20)
    assert Path("data", "mine.txt").read_text() == "mine"


WRONG: list[tuple[list[str], str]] = [
    (["azure-od-rekord"], "unknown format 'azure-od-rekord'. Did you mean 'azure-od-record'?"),
    ([OD, "--invalid", "21"], "invalid=21 is not a number of records, 0 to 20"),
    ([OD, "-n", "0"], "size=0: a file without a record is no valid one"),
    (["azure-od-response", "--images"], "records of azure-od-response name no image, so there are none to make"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_wrong_call_is_exit_2(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments, "--out", "data")
    assert (code, out) == (2, "")
    assert err.startswith(f"visionfmt generate: {message}")
    assert not Path("data").exists()


@pytest.mark.parametrize("invalid", [-1, 4, 1.0, True])
def test_a_number_of_records_to_break_is_one_of_those_there_are(invalid: Any) -> None:
    with pytest.raises(ValueError, match=f"invalid={invalid!r} is not a number of records, 0 to 3"):
        write_samples("data", OD, 3, invalid=invalid)


def test_documents_of_ones_own_have_their_images_beside_them() -> None:
    schema = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string", "pattern": "^[a-z]+$"}}}
    mine = Format(
        "mine", "t", "s", "json", {"documented": schema}, (),
        read=lambda value: [AnnotatedImage(value["file"])],
        image_claim=lambda value: ImageClaim(value["file"], ("file",)),
    )  # fmt: skip
    root = write_samples("data", mine, 1)
    (value,) = samples(mine, 1)
    assert sorted(path.name for path in root.iterdir()) == sorted(["0.json", value["file"]])
    with Image.open(root / value["file"]) as opened:
        assert opened.format == "PNG"


@pytest.mark.parametrize("text", ["101%", "-1%", "%", "1.%", "a%", "1e2%", "-1", "1.5"])
def test_what_is_no_part_is_a_wrong_call(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["generate", OD, "--out", "data", f"--invalid={text}"])
    assert stopped.value.code == 2
    assert "argument --invalid" in capsys.readouterr().err


def test_stopped_by_the_user_nothing_is_left_behind(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sample_folders, "image_for", stop)
    assert run(capsys, OD, "--images", "--out", "data") == (130, "", "stopped: nothing was written\n")
    assert list(folder.iterdir()) == []


# Progress.


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TERM", "xterm")
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["generate", OD, "--images", "--out", "data"]) == 0
    return terminal.getvalue()


def test_a_terminal_shows_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = shown_on_a_terminal(monkeypatch)
    assert f"{OD} " in shown
    assert "100%" in shown


def test_without_rich_a_terminal_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    assert shown_on_a_terminal(monkeypatch) == ""


def test_every_record_and_every_image_is_a_step() -> None:
    steps: list[None] = []
    write_samples("data", OD, 15, tick=lambda: steps.append(None))
    assert len(steps) == 30
