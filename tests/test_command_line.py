"""The command line: what it prints, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from records import PROFILES, TRAINING, box, jsonl, record

from pytest_visionfmt import TABLE
from pytest_visionfmt.__main__ import main
from pytest_visionfmt.reports.explain import all_rules

CLEAN = jsonl(record([box()]))
BROKEN = jsonl(record([box(bottomX=0.05)]))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clean.jsonl").write_bytes(CLEAN)
    (tmp_path / "broken.jsonl").write_bytes(BROKEN)
    (tmp_path / "notes.json").write_text("{}")
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_clean_file_is_exit_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", "clean.jsonl") == (0, "0 errors, 0 warnings in 1 file, 1 line\n", "")


def test_an_error_is_exit_1_and_reads_as_a_compiler_s(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", "broken.jsonl")
    assert code == 1
    assert out == (
        "error[VF104] box-order: bottomX 0.05 is not greater than topX 0.1\n"
        "  --> broken.jsonl:1:229  $.label[0].bottomX\n"
        '   |  ... "bottomX": 0.05, "bottomY": 0.8}]}\n'
        "   = the reader drops this object silently [run]\n"
        "   = help: visionfmt explain VF104\n"
        "\n"
        "1 error, 0 warnings in 1 file, 1 line\n"
    )


def test_concise_is_a_line_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", "--output", "concise", ".")
    assert (code, out) == (1, "broken.jsonl:1:229: VF104 bottomX 0.05 is not greater than topX 0.1\n")


def test_a_folder_is_walked_and_foreign_files_are_skipped(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "broken.jsonl").write_bytes(BROKEN)
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "deep" / "er" / "a.manifest").write_bytes(BROKEN)
    (folder / "deep" / "a.txt").write_bytes(BROKEN)
    code, out, _ = run(capsys, "check", "-v", ".")
    assert code == 1
    assert "notes.json: skipped: its first lines show no key of a known format" in out
    assert "clean.jsonl: clean azure-od-record" in out
    assert out.endswith("2 errors, 0 warnings in 3 files, 3 lines; 1 file skipped\n")


def test_a_foreign_file_that_is_named_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "check", "notes.json")
    assert code == 1
    assert "error[VF002] unknown-format" in out


def test_standard_input_needs_a_format(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "check", "-")
    assert code == 2
    assert err == "visionfmt check: standard input has no name to go by: give its --format\n"


def test_standard_input_is_checked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BROKEN)))
    code, out, _ = run(capsys, "check", "-", "--format", "azure-od-record", "--output=concise")
    assert (code, out.partition(":")[0]) == (1, "<stdin>")


def test_warnings_pass_unless_strict(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "warned.jsonl").write_bytes(jsonl(record([box(area=1)])))
    assert run(capsys, "check", "warned.jsonl")[0] == 0
    assert run(capsys, "check", "--strict", "warned.jsonl")[0] == 1
    assert run(capsys, "check", "--strict", "--profile=reader", "warned.jsonl")[0] == 0


def test_many_findings_alike_are_counted_not_listed(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    polygon = [[n * 10 for n in range(40)]]
    (folder / "pixels.jsonl").write_bytes(jsonl(record([{"label": "a", "polygon": polygon}])))
    _, out, _ = run(capsys, "check", "pixels.jsonl")
    assert out.count("error[VF606]") == 3
    assert "... and 36 more VF606 in line 1\n" in out


def test_very_many_findings_end_with_their_number(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "many.jsonl").write_bytes(jsonl(*(record([box(bottomX=0)], f"{n}.jpg") for n in range(80))))
    _, out, _ = run(capsys, "check", "many.jsonl")
    assert out.count("error[VF104]") == 50
    assert "... and 30 more findings in many.jsonl\n" in out


USAGE = [
    (["check", "nowhere"], "visionfmt check: there is no file or folder 'nowhere'\n"),
    (["check", ".", "--format", "azure-od"], "visionfmt check: unknown format 'azure-od'. Did you mean"),
    (["check", ".", "--format", "nowhere:X"], "cannot be imported: No module named 'nowhere'"),
    (["schema", "azure-od-recrod"], "Did you mean 'azure-od-record'?"),
    (["explain", "VF1040"], "there is no rule 'VF1040'. Did you mean 'VF104'?"),
    (["explain", "box-odor"], "Did you mean 'box-order'?"),
]


@pytest.mark.parametrize(("arguments", "message"), USAGE, ids=[" ".join(a) for a, _ in USAGE])
def test_a_wrong_call_is_exit_2_with_a_way_out(
    capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    "arguments", [[], ["check"], ["check", ".", "--profile=x"], ["check", ".", "--max-findings=x"]]
)
def test_argparse_s_own_errors_are_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_formats_lists_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "formats")
    assert [line.split()[0] for line in out.splitlines()] == ["format", *TABLE]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("format_id", TRAINING)
def test_schema_prints_the_file(capsys: pytest.CaptureFixture[str], format_id: str, profile: Any) -> None:
    code, out, _ = run(capsys, "schema", format_id, "--profile", profile)
    assert code == 0
    assert json.loads(out) == TABLE[format_id].schema(profile)


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda rule: rule.code)
def test_explain_takes_the_code_and_the_name_of_every_rule(capsys: pytest.CaptureFixture[str], rule: Any) -> None:
    code, out, _ = run(capsys, "explain", rule.code)
    assert code == 0
    assert out.startswith(f"{rule.code} {rule.name}\n\n{rule.title}\nSource: {rule.source}\n")
    assert "documented: " in out
    assert run(capsys, "explain", rule.name)[1] == out
    assert run(capsys, "explain", rule.code.lower())[1] == out


def test_explain_says_what_the_service_does_where(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "explain", "not-allowed")
    assert "$.label[*].isCrowd, list  (azure-od-record, azure-is-record)" in out
    assert "error; the training job crashes (job-crashes) [run]" in out


def test_output_into_a_closed_pipe_is_quiet(folder: Path) -> None:
    (folder / "many.jsonl").write_bytes(jsonl(*(record([box(bottomX=0)], f"{n}.jpg") for n in range(3000))))
    command = f"{sys.executable} -m pytest_visionfmt check --output=concise --max-findings=5000 many.jsonl | head -1"
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    assert result.stdout.count("\n") == 1
    assert result.stderr == ""


def test_control_characters_of_a_file_name_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "e\x1b[31mvil.jsonl").write_bytes(jsonl({"image_url": 1}))
    (folder / "e\x1b[31mmpty.json").write_bytes(b"")
    _, out, _ = run(capsys, "check", "-v", ".")
    assert "e\\u001b[31mvil.jsonl was read as" in out
    assert "e\\u001b[31mmpty.json: skipped" in out
    assert out.replace("\n", "").isprintable()


def test_an_output_that_cannot_hold_the_data_is_no_crash(folder: Path) -> None:
    (folder / "wide.jsonl").write_bytes(jsonl(record([box("自行车", bottomX=0)])))
    command = [sys.executable, "-m", "pytest_visionfmt", "check", "wide.jsonl", "broken.jsonl"]
    env = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    run = subprocess.run(command, capture_output=True, env=env, check=False)
    assert run.returncode == 1
    assert not run.stderr
    assert b"2 errors" in run.stdout


def test_a_file_named_twice_is_checked_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check", "clean.jsonl", "clean.jsonl")[1] == "0 errors, 0 warnings in 1 file, 1 line\n"


@pytest.mark.parametrize(("variable", "coloured"), [("NO_COLOR", False), ("SOMETHING_ELSE", True)])
def test_colours_are_for_a_terminal_that_wants_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, variable: str, coloured: bool
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    _, out, _ = run(capsys, "check", "broken.jsonl")
    assert ("\x1b[1;31merror[VF104]" in out) == coloured


def test_control_characters_of_the_data_do_not_reach_the_terminal(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    (folder / "evil.jsonl").write_bytes(
        jsonl(record("\x1b[2J") | {"\x1b]0;x\x07": 1, "\x9b31m\u202e": 2})
        + jsonl(record("a", "\x1b[31m.jpg")).replace(b"\\u001b", b"\x1b")
    )
    _, out, _ = run(capsys, "check", "evil.jsonl", "--format", "azure-od-record")
    assert out.replace("\n", "").isprintable()
