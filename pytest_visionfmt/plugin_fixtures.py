"""The fixtures ``visionfmt_*`` and the marker ``visionfmt``: samples, datasets and checks in tests.

Imports pytest and the standard library alone until one of them is used, as the plugin itself does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from inspect import signature
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    from pytest_visionfmt.checking_images import ImageMode
    from pytest_visionfmt.edges.cases import EdgeCase
    from pytest_visionfmt.format import Format, Profile
    from pytest_visionfmt.report import Report

__all__ = [
    "MARKER",
    "pytest_generate_tests",
    "visionfmt_assert_clean",
    "visionfmt_dataset",
    "visionfmt_record",
    "visionfmt_samples",
]

MARKER = (
    'visionfmt(format, *, examples=20, edge_cases=True, profile="documented", seed=0): '
    "run the test with visionfmt_record being each edge case of a format, and so many samples"
)
_RECORD = "visionfmt_record"


class Samples:
    """Gives samples, drawn once in a session; what it gives is fresh."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[Format, int, int, Profile], list[Any]] = {}

    def __call__(self, format: str | Format, size: int, *, seed: int = 0, profile: Profile = "documented") -> list[Any]:
        """Return fresh copies of the samples."""
        __tracebackhide__ = True
        from pytest_visionfmt.values import fresh

        records: list[Any] = fresh(self._of(format, size, seed, profile))
        return records

    def one(self, sample: Sample) -> Any:
        """Return a fresh copy of one of them."""
        from pytest_visionfmt.values import fresh

        return fresh(self._of(sample.format, sample.size, sample.seed, sample.profile)[sample.number])

    def _of(self, format: str | Format, size: int, seed: int, profile: Profile) -> list[Any]:
        from pytest_visionfmt.formats import named
        from pytest_visionfmt.sampling import samples

        __tracebackhide__ = True
        key = (named(format), size, seed, profile)
        if key not in self._drawn:
            self._drawn[key] = samples(format, size, seed=seed, profile=profile)
        return self._drawn[key]


class Sample(NamedTuple):
    """Which sample a test is to run with; it is drawn when the test runs."""

    format: Format
    size: int
    seed: int
    profile: Profile
    number: int


@pytest.fixture(scope="session")
def visionfmt_samples() -> Samples:
    """Valid records, the same in every run: ``visionfmt_samples("azure-od-record", 20, seed=0)``.

    The arguments are those of ``pytest_visionfmt.samples``. Every call returns fresh records.
    """
    return Samples()


@pytest.fixture(scope="session")
def visionfmt_dataset(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """A dataset in a folder of its own: ``visionfmt_dataset("azure-od-record", size=20, seed=0)`` is its file.

    The arguments are those of ``pytest_visionfmt.write_samples``, ``images`` and ``profile`` among them. A
    dataset is made once in a session; every call returns a fresh copy, to change as you like. Of a format whose
    files are documents, the folder of them is returned.
    """
    made: dict[tuple[Any, ...], Path] = {}

    def visionfmt_dataset(
        format: str | Format,
        *,
        size: int = 20,
        seed: int = 0,
        images: bool | None = None,
        profile: Profile = "documented",
        invalid: int = 0,
    ) -> Path:
        from pytest_visionfmt.formats import named
        from pytest_visionfmt.sample_folders import write_samples

        __tracebackhide__ = True
        format_ = named(format)
        rest: dict[str, Any] = {"seed": seed, "images": images, "profile": profile, "invalid": invalid}
        key = (format_, size, *rest.values())
        if key not in made:
            made[key] = write_samples(tmp_path_factory.mktemp("visionfmt-made"), format_, size, **rest)
        original = made[key]
        folder = tmp_path_factory.mktemp(format_.id)
        if original.is_dir():
            return Path(shutil.copytree(original, folder, dirs_exist_ok=True))
        return Path(shutil.copytree(original.parent, folder, dirs_exist_ok=True), original.name)

    return visionfmt_dataset


@pytest.fixture(scope="session")
def visionfmt_assert_clean(pytestconfig: pytest.Config) -> Callable[..., None]:
    """Checks a data file, or those of a folder, and fails with the findings: ``visionfmt_assert_clean(path)``.

    Further arguments are those of ``pytest_visionfmt.check_paths``: ``format``, which is told from the keys
    where it is None, ``profile``, ``images`` and ``image_root``. With ``strict`` warnings fail as well. Where
    ``profile`` and ``strict`` are None, the options ``--visionfmt-profile`` and ``--visionfmt-strict`` hold.
    """

    def option(name: str, given: Any) -> Any:
        if given is None:
            given = pytestconfig.getoption(f"visionfmt_{name}")
        return pytestconfig.getini(f"visionfmt_{name}") if given is None else given

    def visionfmt_assert_clean(
        path: str | PathLike[str],
        format: str | Format | None = None,
        *,
        profile: Profile | None = None,
        strict: bool | None = None,
        images: ImageMode | None = None,
        image_root: str | PathLike[str] | None = None,
    ) -> None:
        from pytest_visionfmt.checking_paths import check_paths

        __tracebackhide__ = True
        judge = option("profile", profile)
        reports = list(check_paths([path], format, profile=judge, images=images, image_root=image_root))
        if all(report.skipped for report in reports):
            why = "".join(f"\n  {report.file}: {report.skipped}" for report in reports)
            pytest.fail(f"there is no data file of a known format in {fspath(path)!r}{why}")
        failed = [report for report in reports if report.failed(strict=option("strict", strict))]
        if failed:
            pytest.fail(_text(failed))

    return visionfmt_assert_clean


def _text(reports: list[Report]) -> str:
    from pytest_visionfmt.reports.text import report_lines, summary

    lines = [line for report in reports for line, _ in report_lines(report)]
    return "\n".join([summary(reports), "", *lines]).rstrip()


# The marker.


class _Marked(NamedTuple):
    """What the marker says."""

    format: Format
    examples: int
    edge_cases: tuple[EdgeCase, ...]
    profile: Profile
    seed: int


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if _RECORD not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("visionfmt")
    if marker is None:
        return
    try:
        signature(_marked).bind(*marker.args, **marker.kwargs)
        marked = _marked(*marker.args, **marker.kwargs)
    except (TypeError, ValueError) as error:
        where = f"{metafunc.definition.nodeid}: the marker visionfmt"
        raise pytest.Collector.CollectError(f"{where}: {error}") from None
    samples = [
        Sample(marked.format, marked.examples, marked.seed, marked.profile, number) for number in range(marked.examples)
    ]
    ids = [*map(str, marked.edge_cases), *(f"sample-{sample.number}" for sample in samples)]
    metafunc.parametrize(_RECORD, [*marked.edge_cases, *samples], ids=ids, indirect=True)


def _marked(
    format: str | Format,
    *,
    examples: int = 20,
    edge_cases: bool = True,
    profile: Profile = "documented",
    seed: int = 0,
) -> _Marked:
    from pytest_visionfmt.format import check_profile
    from pytest_visionfmt.formats import imported, named

    format_ = imported(format) if isinstance(format, str) else named(format)
    check_profile(profile)
    for name, number in (("examples", examples), ("seed", seed)):
        if isinstance(number, bool) or not isinstance(number, int):
            raise ValueError(f"{name}={number!r} is not an integer")
    if examples < 0:
        raise ValueError(f"examples={examples} is negative")
    if not examples and not edge_cases:
        raise ValueError("examples=0 and edge_cases=False leave nothing to run the test with")
    cases: tuple[EdgeCase, ...] = ()
    if edge_cases:
        from pytest_visionfmt.edges.records import edge_cases as edge_cases_of

        cases = edge_cases_of(format_, profile=profile)
    return _Marked(format_, examples, cases, profile, seed)


@pytest.fixture
def visionfmt_record(request: pytest.FixtureRequest) -> Any:
    """A record of the format that the marker names: ``@pytest.mark.visionfmt("azure-od-record", examples=20)``.

    The test runs once with every edge case, and once with each of so many samples. The record is fresh.
    """
    asked = getattr(request, "param", None)
    if asked is None:
        pytest.fail(f'{_RECORD} needs the marker: @pytest.mark.visionfmt("azure-od-record")', pytrace=False)
    if isinstance(asked, Sample):
        samples: Samples = request.getfixturevalue("visionfmt_samples")
        return samples.one(asked)
    return asked.value
