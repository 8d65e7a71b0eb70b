"""Who calls a converter: this process, or a long-lived worker that is killed and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from pytest_visionfmt.fuzzing.calls import Answer, call
from pytest_visionfmt.fuzzing.worker import receive, send, serve

__all__ = ["Caller", "InProcess", "Worker", "WorkerFailed", "importable", "worker"]

_START_TIMEOUT = 60.0


class WorkerFailed(RuntimeError):
    """The worker process cannot be started, or cannot import the converter."""


class Caller(Protocol):
    """Calls a converter with packed argument lists, all in one process, one after the other."""

    def run(self, packed: Sequence[bytes]) -> list[Answer]:
        """Return what became of each call."""

    def close(self) -> None:
        """End whatever was started."""


class InProcess:
    """Calls a converter here: nothing is killed, and a debugger sees it."""

    def __init__(self, convert: Callable[..., Any]) -> None:
        self._convert = convert

    def run(self, packed: Sequence[bytes]) -> list[Answer]:
        return call(self._convert, packed)

    def close(self) -> None:
        pass


def importable(convert: Callable[..., Any]) -> tuple[str, str, str] | None:
    """Return (module, name, path of a script) by which another process finds a converter, None if there is none."""
    module, name = getattr(convert, "__module__", None), getattr(convert, "__qualname__", None)
    if not module or not name or "<" in name:
        return None
    found: Any = sys.modules.get(module)
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is not convert:
        return None
    if module != "__main__":
        return module, name, ""
    path = getattr(sys.modules["__main__"], "__file__", None)
    return (module, name, str(Path(path).resolve())) if path else None


class _Process(Protocol):
    requests: IO[bytes]
    answers: IO[bytes]

    def kill(self) -> None: ...
    def end(self) -> int: ...


class _Spawned:
    """A fresh interpreter that imports the converter by its name."""

    def __init__(self, found: tuple[str, str, str], hash_seed: str) -> None:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pytest_visionfmt.fuzzing.worker", *found],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self.requests: IO[bytes] = self._process.stdin
        self.answers: IO[bytes] = self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            send(self.requests, [entry for entry in sys.path if isinstance(entry, str)])

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int:
        with contextlib.suppress(OSError):
            self.requests.close()
        self.answers.close()
        try:
            return self._process.wait(_START_TIMEOUT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class _Forked:
    """A copy of this process, for a converter that has no name to be imported by."""

    def __init__(self, convert: Callable[..., Any]) -> None:
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        sys.stdout.flush()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of threads that a fork does not take along
            self._pid = os.fork()
        if self._pid == 0:
            self._child(convert, theirs_in, theirs_out, (ours_in, ours_out))
        os.close(theirs_in)
        os.close(theirs_out)
        self.requests: IO[bytes] = os.fdopen(ours_out, "wb")
        self.answers: IO[bytes] = os.fdopen(ours_in, "rb")

    @staticmethod
    def _child(convert: Callable[..., Any], requests: int, answers: int, others: tuple[int, int]) -> None:
        try:
            for other in others:
                os.close(other)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            serve(os.fdopen(requests, "rb"), os.fdopen(answers, "wb"), lambda: convert)
        finally:
            os._exit(0)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)

    def end(self) -> int:
        with contextlib.suppress(OSError):
            self.requests.close()
        self.answers.close()
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)


class Worker:
    """Calls a converter in a process of its own, killed when a call takes too long, started again when it is gone."""

    def __init__(self, start: Callable[[], _Process], call_timeout: float) -> None:
        self._start = start
        self._timeout = call_timeout
        self._process: _Process | None = None

    def run(self, packed: Sequence[bytes]) -> list[Answer]:
        process = self._process = self._process or self._started()
        try:
            # One time limit for all calls of a batch, each of which may take its own.
            found = self._exchange(process, list(packed), self._timeout * len(packed))
        except EOFError:
            return [self._ended(process)] * len(packed)
        if found is None:
            self._stop(process)
            message = f"it did not return within {self._timeout:g} seconds"
            return [Answer("hung", message=message)] * len(packed)
        return [Answer(*answer) for answer in found]

    def _started(self) -> _Process:
        process = self._start()
        try:
            if self._receive(process, _START_TIMEOUT) == "ready":
                return process
        except EOFError:
            pass
        process.kill()
        code = process.end()
        raise WorkerFailed(
            f"the worker process cannot import the converter (exit code {code}); its message stands above"
        )

    def _exchange(self, process: _Process, packed: list[bytes], timeout: float) -> Any:
        try:
            send(process.requests, packed)
        except BrokenPipeError:
            raise EOFError from None
        return self._receive(process, timeout)

    def _receive(self, process: _Process, timeout: float) -> Any:
        """Return the next message, None where the process had to be killed for being late."""
        late = threading.Event()

        def kill() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(timeout, kill)
        timer.daemon = True
        timer.start()
        try:
            return receive(process.answers)
        except EOFError:
            if late.is_set():
                return None
            raise
        finally:
            timer.cancel()

    def _ended(self, process: _Process) -> Answer:
        code = self._stop(process)
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return Answer("died", message=f"it ended the interpreter ({how})")

    def _stop(self, process: _Process) -> int:
        self._process = None
        return process.end()

    def close(self) -> None:
        if self._process is not None:
            self._stop(self._process)


def worker(convert: Callable[..., Any], call_timeout: float, *, hash_seed: str = "0") -> Worker:
    """Return a worker for a converter: by its name where it has one, else as a copy of this process."""
    found = importable(convert)
    if found is not None:
        name = found
        return Worker(lambda: _Spawned(name, hash_seed), call_timeout)
    if not hasattr(os, "fork"):
        raise ValueError(
            f"{convert!r} cannot be imported by name, and this system cannot copy a process: "
            "move it to the top of a module, or pass in_process=True"
        )
    return Worker(lambda: _Forked(convert), call_timeout)
