"""The fixtures and the marker: what a test is given, what it is told, and that nobody else pays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_visionfmt import check_file, edge_cases, samples

OD = "azure-od-record"


def test_samples_are_those_of_the_function_and_fresh(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from pytest_visionfmt import samples

        def test_samples(visionfmt_samples):
            drawn = visionfmt_samples("azure-od-record", 5, seed=3)
            assert drawn == samples("azure-od-record", 5, seed=3)
            drawn[0].clear()
            assert visionfmt_samples("azure-od-record", 5, seed=3) == samples("azure-od-record", 5, seed=3)
            reader = visionfmt_samples("azure-multiclass-record", 9, profile="reader")
            assert reader == samples("azure-multiclass-record", 9, profile="reader")
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)


def test_a_dataset_is_made_once_and_every_call_is_given_a_copy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import json
        import shutil
        from pathlib import Path

        import pytest
        from pytest_visionfmt import read_dataset, sample_folders, samples

        OD = "azure-od-record"
        SEEN = []

        @pytest.fixture(scope="session", autouse=True)
        def counted():
            inner = sample_folders.write_samples
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(sample_folders, "write_samples", lambda *a, **k: SEEN.append(a) or inner(*a, **k))
                yield

        @pytest.mark.parametrize("turn", range(3))
        def test_each_has_a_whole_one(turn, visionfmt_dataset):
            path = visionfmt_dataset(OD, size=6, seed=2)
            assert path.name == "azure-od-record.jsonl"
            records, images = read_dataset(path.parent)
            assert len(records) == 6 and all(images)
            shutil.rmtree(path.parent)
            assert len(SEEN) == 1

        def test_two_calls_are_two_folders(visionfmt_dataset):
            assert visionfmt_dataset(OD, size=6, seed=2) != visionfmt_dataset(OD, size=6, seed=2)
            assert len(SEEN) == 1

        def test_another_is_made_for_other_arguments(visionfmt_dataset):
            path = visionfmt_dataset(OD, size=6, seed=2, images=False)
            assert read_dataset(path.parent).records == samples(OD, 6, seed=2)
            assert [file.name for file in path.parent.iterdir()] == ["azure-od-record.jsonl"]
            broken = visionfmt_dataset(OD, size=6, invalid=2)
            assert len(json.loads((broken.parent / "breaches.json").read_text())["breaches"]) == 2

        def test_documents_are_a_folder(visionfmt_dataset):
            folder = visionfmt_dataset("azure-od-response", size=3)
            assert sorted(path.name for path in folder.iterdir()) == ["0.json", "1.json", "2.json"]
        """
    )
    pytester.runpytest().assert_outcomes(passed=6)


def test_fixtures_work_beside_given_and_in_fixtures_of_a_module(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from hypothesis import given, settings, strategies as st

        @pytest.fixture(scope="module")
        def data(visionfmt_dataset):
            return visionfmt_dataset("azure-multiclass-record", size=3)

        @settings(max_examples=5, deadline=None)
        @given(st.integers(0, 2))
        def test_given(data, visionfmt_samples, visionfmt_assert_clean, number):
            visionfmt_assert_clean(data)
            assert visionfmt_samples("azure-multiclass-record", 3)[number]
        """
    )
    pytester.runpytest().assert_outcomes(passed=1)


def test_assert_clean_fails_with_the_findings_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_clean(visionfmt_assert_clean, visionfmt_dataset):
            path = visionfmt_dataset("azure-od-record", size=2)
            visionfmt_assert_clean(path)
            visionfmt_assert_clean(path, "azure-od-record", images="full")
            visionfmt_assert_clean(str(path.parent))

        def test_findings(visionfmt_assert_clean, visionfmt_dataset, tmp_path):
            path = tmp_path / "a.jsonl"
            path.write_text('{"image_url": 1, "label": "a"}\\n')
            visionfmt_assert_clean(path, "azure-multiclass-record")

        def test_nothing(visionfmt_assert_clean, tmp_path):
            (tmp_path / "a.json").write_text("{}")
            visionfmt_assert_clean(tmp_path)

        def test_warning(visionfmt_assert_clean, visionfmt_samples, tmp_path):
            import json
            path = tmp_path / "a.jsonl"
            path.write_text(json.dumps({**visionfmt_samples("azure-od-record", 1)[0], "extra": 1}) + "\\n")
            visionfmt_assert_clean(path)
            visionfmt_assert_clean(path, profile="reader", strict=True)
            visionfmt_assert_clean(path, strict=True)
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=3)
    result.stdout.fnmatch_lines(
        [
            '>       visionfmt_assert_clean(path, "azure-multiclass-record")',
            "E       Failed: 1 error, 0 warnings in 1 file, 1 line",
            "E       error?VF602? wrong-type: 1 is an integer; a string is wanted",
            "E         --> *a.jsonl:1:15  $.image_url",
            "E          = help: visionfmt explain VF602",
            "*Failed: there is no data file of a known format in *",
            "E         *a.json: its first lines show no key of a known format*",
            ">       visionfmt_assert_clean(path, strict=True)",
            "E       warning?VF612? unknown-key: *",
        ]
    )
    # No frame is shown but that of the test.
    result.stdout.no_fnmatch_line("*plugin_fixtures.py*")
    # The options of the run hold where a call says nothing else.
    strict = pytester.runpytest("--visionfmt-strict", "-k", "warning")
    strict.stdout.fnmatch_lines([">       visionfmt_assert_clean(path)", "E       warning?VF612? unknown-key: *"])
    pytester.runpytest("--visionfmt-profile", "reader", "-k", "warning").assert_outcomes(passed=1, deselected=3)


def test_the_marker_runs_a_test_with_edge_cases_and_samples(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from pytest_visionfmt import samples

        SEEN = []

        @pytest.mark.visionfmt("azure-od-record", examples=2)
        def test_all(visionfmt_record):
            assert visionfmt_record.pop("image_url")

        @pytest.mark.visionfmt("azure-od-record", examples=3, edge_cases=False, seed=4)
        class TestSamples:
            def test_them(self, visionfmt_record):
                SEEN.append(visionfmt_record)

            def test_that_they_were_those(self):
                assert SEEN == samples("azure-od-record", 3, seed=4)

            @pytest.mark.visionfmt("rekognition-evaluation", examples=1, edge_cases=False)
            def test_another_format(self, visionfmt_record):
                assert "EvaluationDetails" in visionfmt_record
        """
    )
    result = pytester.runpytest("-v", "--strict-markers", "-p", "no:xdist")
    cases = [f"test_all[[]{case}] PASSED*" for case in edge_cases(OD)]
    result.stdout.fnmatch_lines([f"*::{line}" for line in [*cases, "test_all[[]sample-0] PASSED*"]])
    result.stdout.fnmatch_lines(["*TestSamples::test_them[[]sample-2] PASSED*"])
    result.assert_outcomes(passed=len(cases) + 2 + 3 + 1 + 1)


WRONG = {
    '"azure-od-rekord"': "unknown format 'azure-od-rekord'. Did you mean 'azure-od-record'?*",
    '"no.such:FORMAT"': "format 'no.such:FORMAT' cannot be imported: No module named 'no'",
    '"azure-od-record", example=3': "got an unexpected keyword argument 'example'",
    "": "missing a required argument: 'format'",
    '"azure-od-record", examples=-1': "examples=-1 is negative",
    '"azure-od-record", examples="3"': "examples='3' is not an integer",
    '"azure-od-record", examples=0, edge_cases=False': "examples=0 and edge_cases=False leave nothing to run the test*",
    '"azure-od-record", profile="page"': "unknown profile 'page'*",
    "3, edge_cases=False": "unknown format 3. There are: *",
}


def test_a_wrong_marker_is_one_clear_error_of_collection(pytester: pytest.Pytester) -> None:
    for number, arguments in enumerate(WRONG):
        (pytester.path / f"test_{number}.py").write_text(
            f"import pytest\n@pytest.mark.visionfmt({arguments})\ndef test_it(visionfmt_record): pass\n"
        )
    result = pytester.runpytest()
    result.assert_outcomes(errors=len(WRONG))
    for number, message in enumerate(WRONG.values()):
        result.stdout.fnmatch_lines([f"test_{number}.py::test_it: the marker visionfmt: {message}"])
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*plugin_fixtures*")


def test_a_record_without_the_marker_says_what_is_missing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(visionfmt_record): pass")
    result = pytester.runpytest()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(['visionfmt_record needs the marker: @pytest.mark.visionfmt("azure-od-record")'])


def test_all_of_it_works_under_xdist(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.visionfmt("azure-multilabel-record", examples=4, edge_cases=False)
        def test_records(visionfmt_record, visionfmt_dataset):
            path = visionfmt_dataset("azure-multilabel-record", size=2, images=False)
            assert len(path.read_bytes().splitlines()) == 2
            path.unlink()
        """
    )
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=4)


def test_the_marker_and_the_fixtures_are_listed(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest("--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.visionfmt(format, *, examples=20, edge_cases=True, *"])
    fixtures = pytester.runpytest("--fixtures").stdout
    fixtures.fnmatch_lines_random([f"visionfmt_{name}*" for name in ("samples", "dataset", "assert_clean", "record")])


def test_a_dataset_of_the_fixture_checks_clean(
    visionfmt_dataset: Callable[..., Path], visionfmt_samples: Callable[..., list[Any]]
) -> None:
    path = visionfmt_dataset("rekognition-input-record", size=4)
    assert check_file(path, images="full").findings == ()
    assert visionfmt_samples(OD, 2) == samples(OD, 2)
