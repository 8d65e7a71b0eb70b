"""``fuzz``: one call that finds the smallest input on which a converter crashes, lies or loses something."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pytest_visionfmt import laws
from pytest_visionfmt.conversions import Conversion, LawBroken, conversion
from pytest_visionfmt.format import Format
from pytest_visionfmt.fuzzing import corpus as corpora
from pytest_visionfmt.fuzzing.callers import Caller, InProcess, importable, worker
from pytest_visionfmt.fuzzing.failures import Failure, FuzzReport, reproduction
from pytest_visionfmt.fuzzing.hunt import Clock, hunt
from pytest_visionfmt.interchange import Interchange
from pytest_visionfmt.interchange.interchange import ConversionUnit
from pytest_visionfmt.tolerance import Tolerance

__all__ = ["Progress", "fuzz", "name_of"]

Progress = Callable[[str, FuzzReport], None]
_PAIRS = frozenset({"independent", "concatenation"})


def _sources(judged: Conversion, law: str) -> st.SearchStrategy[Any]:
    """Return a strategy of sources that the target can say, and the source again after a round trip."""
    target = judged.target
    if target is None:
        return judged.source.draw(judged.unit, whole=False)
    back = law == "round_trip" and judged.source.pixels
    drawn = judged.source.draw(judged.unit, whole=target.pixels or back)
    return drawn.map(lambda value: _in_words(value, judged.source, target))


def _in_words(value: Any, source: Interchange, target: Interchange) -> Any:
    """Return a source without class names that the target has no way to write."""
    labels = {item.label for image in source.read(value) for item in image.objects}
    unsayable = [label for label in labels if isinstance(label, str) and not target.can_write(label)]
    if not unsayable:
        return value
    taken = labels - set(unsayable)
    fresh = (name for i in range(len(labels) + 1) if (name := f"a{i or ''}") not in taken)
    return source.relabel(value, dict(zip(sorted(unsayable), fresh, strict=False)))


@dataclass
class _Callers:
    """The processes that call the converter and its inverse."""

    convert: Caller
    inverse: Caller | None
    elsewhere: Caller | None


def name_of(convert: Callable[..., Any]) -> str:
    """Return what a converter is called: ``package.module:name``."""
    name = getattr(convert, "__qualname__", None) or type(convert).__qualname__
    return f"{getattr(convert, '__module__', None) or '?'}:{name}"


def fuzz(
    convert: Callable[..., Any],
    *,
    source: str | Format | Interchange,
    target: str | Format | Interchange | None = None,
    unit: ConversionUnit = "dataset",
    inverse: Callable[..., Any] | None = None,
    losses: Collection[str] = frozenset(),
    tolerance: Tolerance | None = None,
    raises: type[BaseException] | tuple[type[BaseException], ...] = (ValueError,),
    max_examples: int = 200,
    max_failures: int = 5,
    call_timeout: float = 10.0,
    max_time: float | None = None,
    seed: int | None = None,
    in_process: bool = False,
    shrink: bool = True,
    only: Collection[str] | None = None,
    corpus: Path | str | None = None,
    progress: Progress | None = None,
) -> FuzzReport:
    """Return what was found wrong with a converter, on the smallest sources that show it.

    * ``convert`` is called with a value of ``source`` and returns one of ``target``; with ``unit="dataset"`` the
      values of a whole dataset, with ``"record"`` one, with ``"folder"`` two paths: a folder to read and an
      empty one to write. Where the source names no image, it is ``convert(value, images)``.
    * ``source`` and ``target`` are ids of formats, interchange formats among them, or a ``Format`` with a
      ``read``. Without a target only the laws that need none are judged.
    * ``inverse`` converts back, for the law ``round_trip``.
    * ``losses`` are what may be lost: crowd, folders, size, polygon, holes, empty-images, difficult, score,
      format. What the target cannot say at all need not be named.
    * ``tolerance`` is how far coordinates may be off: ``px(0.5)`` unless given.
    * ``raises`` is what the converter raises on a source that is not valid.
    * ``max_examples`` bounds the examples of each law, ``max_failures`` the distinct failures of each that are
      looked for, and ``max_time`` the seconds of all. ``rejects`` tries every breach of the format.
    * ``call_timeout`` is how many seconds a call may take before its process is killed.
    * ``seed`` makes the same run again; it is drawn and reported where it is not given.
    * ``in_process`` calls the converter here, for a debugger; nothing is killed then.
    * ``shrink`` makes sources small; without it, the first that show a failure are reported as they are.
    * ``only`` names the laws to judge, all that apply by default.
    * ``corpus`` is a folder where failures are kept as files, and tried again first.
    * ``progress`` is called with a law's name and the report so far, when a law begins.

    It goes on after a failure, and reports each distinct one once. Raises ``ValueError`` for a format, unit,
    loss or law that there is not.
    """
    judged = conversion(source, target, unit=unit, losses=losses, tolerance=tolerance, raises=raises)
    if unknown := sorted(set(only or ()) - set(laws.LAWS)):
        raise ValueError(f"unknown law {unknown[0]!r}: choose from {', '.join(laws.LAWS)}")
    for name, bound in (("max_examples", max_examples), ("max_failures", max_failures), ("call_timeout", call_timeout)):
        if bound <= 0:
            raise ValueError(f"{name}={bound} has to be above 0")
    number = random.SystemRandom().randrange(2**32) if seed is None else seed
    report = FuzzReport(name_of(convert), number)
    clock = Clock(None if max_time is None else time.monotonic() + max_time)
    folder = None if corpus is None else corpora.folder_of(Path(corpus), report.converter)
    with ExitStack() as stack:
        callers = _callers(convert, inverse, judged, call_timeout, in_process=in_process, stack=stack)
        run = _Run(convert, inverse, judged, callers, report, clock, max_examples, max_failures, shrink)
        for law in laws.LAWS:
            if only is not None and law not in only:
                continue
            if reason := laws.skip_reason(law, judged, has_inverse=inverse is not None):
                report.skipped[law] = reason
                continue
            if progress is not None:
                progress(law, report)
            start = time.monotonic()
            known = run.replay(law, folder) if folder is not None else frozenset()
            run.judge(law, known)
            report.seconds[law] = time.monotonic() - start
    report.out_of_time = clock.ran_out
    if folder is not None:
        for failure in report.failures:
            corpora.save(folder, failure, judged)
    return report


def _callers(
    convert: Callable[..., Any],
    inverse: Callable[..., Any] | None,
    judged: Conversion,
    call_timeout: float,
    *,
    in_process: bool,
    stack: ExitStack,
) -> _Callers:
    if in_process:
        return _Callers(InProcess(convert), None if inverse is None else InProcess(inverse), None)
    made = _Callers(
        worker(convert, call_timeout),
        None if inverse is None else worker(inverse, call_timeout),
        worker(convert, call_timeout, hash_seed="1") if importable(convert) else None,
    )
    for caller in (made.convert, made.inverse, made.elsewhere):
        if caller is not None:
            stack.callback(caller.close)
    return made


@dataclass
class _Run:
    """One run of ``fuzz``: what every law needs."""

    convert: Callable[..., Any]
    inverse: Callable[..., Any] | None
    judged: Conversion
    callers: _Callers
    report: FuzzReport
    clock: Clock
    max_examples: int
    max_failures: int
    shrink: bool

    def call(self, law: str, *arguments: Any) -> None:
        """Judge one law on values; raises ``LawBroken``."""
        convert, judged = self.callers.convert, self.judged
        match law:
            case "round_trip":
                assert self.callers.inverse is not None
                laws.round_trip(convert, arguments[0], judged, self.callers.inverse)
            case "deterministic":
                laws.deterministic(convert, arguments[0], judged, self.callers.elsewhere)
            case "independent":
                laws.independent(convert, arguments[0], arguments[1], judged)
            case "concatenation":
                laws.concatenation(convert, arguments[0], arguments[1], judged)
            case "rejects":
                laws.rejects(convert, arguments[0], judged, arguments[1])
            case _:
                laws.LAWS[law](convert, arguments[0], judged)

    def judge(self, law: str, known: frozenset[str]) -> None:
        """Find the distinct failures of one law."""
        self.report.examples.setdefault(law, 0)
        if law == "rejects":
            self._judge_invalid(known)
            return
        strategy = _sources(self.judged, law)
        strategies: list[st.SearchStrategy[Any]] = [strategy] * (2 if law in _PAIRS else 1)
        for _ in range(self.max_failures):
            found, examples, passed_over = hunt(
                law,
                strategies,
                lambda *arguments: self.call(law, *arguments),
                max_examples=self.max_examples,
                seed=self.report.seed,
                clock=self.clock,
                known=known,
                shrink=self.shrink,
            )
            self.report.examples[law] += examples
            self.report.passed_over[law] = self.report.passed_over.get(law, 0) + passed_over
            if found is None:
                return
            self._add(law, found.arguments, found.error, found.examples)
            known |= {found.error.kind}
            if found.error.kind in ("hung", "died") or self.clock.over:
                return

    def _judge_invalid(self, known: frozenset[str]) -> None:
        for value, why in self.judged.source.invalid(self.judged.unit):
            if (
                self.clock.over
                or sum(failure.law == "rejects" for failure in self.report.failures) >= self.max_failures
            ):
                return
            if self.judged.unit == "folder" and not self._can_be_written(value):
                continue
            self.report.examples["rejects"] += 1
            try:
                self.call("rejects", value, why)
            except LawBroken as error:
                if error.law == "rejects" and error.kind not in known:
                    self._add("rejects", (value, why), error, self.report.examples["rejects"])
                    known |= {error.kind}

    def _can_be_written(self, value: Any) -> bool:
        with tempfile.TemporaryDirectory(prefix="visionfmt-") as folder:
            try:
                self.judged.source.write(value, Path(folder))
            except (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError):
                return False
        return True

    def _add(self, law: str, arguments: tuple[Any, ...], error: LawBroken, examples: int) -> None:
        text = reproduction(law, arguments, self.judged, self.convert, self.inverse)
        self.report.failures.append(
            Failure(
                law, error.message, arguments[0], error.output, self.report.seed, text, error.kind, arguments, examples
            )
        )

    def replay(self, law: str, folder: Path) -> frozenset[str]:
        """Try the kept failures of a law again, and return the kinds that still fail."""
        known = set()
        for name, kind, arguments in self._kept(law, folder):
            try:
                self.call(law, *arguments)
            except LawBroken as error:
                if error.law == law and error.kind not in known:
                    self._add(law, arguments, error, 0)
                    known.add(error.kind)
            else:
                self.report.fixed.append(f"{name} ({kind})")
        return frozenset(known)

    def _kept(self, law: str, folder: Path) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
        for kept in corpora.kept(folder):
            if kept.law == law and kept.fits(self.judged):
                yield kept.path.name, kept.kind, kept.arguments
