"""Loading and judging in several processes.

A worker is given some of the roots and returns their Deployments as bytes. Any object that has `submit` as
`concurrent.futures.Executor` has it can run the workers: a process pool, or the executor of a cluster whose machines
see the same files. `Forks`, which is used if no executor is given, imports nothing and copies nothing.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from io import BytesIO
from types import TracebackType
from typing import Any, NoReturn, Protocol

from iaclint.linting.judge import DeploymentSource, in_order, judge_deployment, judge_inventory
from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Verdict
from iaclint.model.inventory import Deployment, Inventory
from iaclint.run.processes import can_fork
from iaclint.run.roots import Root, load_root
from iaclint.source.files import Comment, SourceFile, Workspace

WORKER_RECURSION_LIMIT = 12_000
"""The recursion limit of a worker, for the pickling of models that are nested deeply. If a worker exceeds the stack and
crashes, its share is loaded by this process."""
OWN_SHARE = 1.2
"""The size of the share of this process, relative to that of a worker: this process sends nothing back."""


class Pending(Protocol):
    """A call in another process, such as a `concurrent.futures.Future`."""

    def result(self) -> Any:
        """Return what the call returned, or raise what it raised."""


class Executor(Protocol):
    """What runs calls in other processes, such as a `concurrent.futures.Executor`."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Pending:
        """Start the call of a function."""


def load_share(workspace: Workspace, roots: Sequence[Root]) -> bytes:
    """Return the Deployments of some roots, as bytes that `load_shared` reads. A worker calls this."""
    return _pickled([load_root(workspace, root) for root in roots], {SourceFile: _whole_file})


def load_shared(
    workspace: Workspace,
    roots: Sequence[Root],
    weights: Sequence[tuple[int, str]],
    jobs: int,
    executor: Executor | None = None,
    announce: Callable[[Root], None] = lambda _root: None,
) -> list[Deployment]:
    """Return the Deployments of the roots, in their order. They are the same however many processes load them.

    weights   for each root, about how much work it is, and a name; roots with the same name are loaded by one process,
              but "" is no name
    jobs      the number of shares: this process loads the first, the executor the others
    executor  if it is None, forks of this process, or new processes if it cannot be forked
    announce  is called with each root before this process loads it
    """
    own, *shares = _shares(weights, min(jobs, len(roots)))
    loaded: dict[int, Deployment] = {}

    def load_here(places: Sequence[int]) -> None:
        for i in places:
            announce(roots[i])
            loaded[i] = load_root(workspace, roots[i])

    with nullcontext(executor) if executor else _workers(len(shares)) as workers:
        pending = [(share, _submitted(workers, load_share, workspace, [roots[i] for i in share])) for share in shares]
        load_here(own)
        for share, work in pending:
            try:
                models = _unpickled(work.result(), {SourceFile: partial(_own_file, workspace)})
                loaded.update(zip(share, models, strict=True))
            except Exception:  # the worker crashed, or the models are nested too deeply to be pickled
                load_here(share)
    return [loaded[i] for i in range(len(roots))]


def _workers(number: int) -> AbstractContextManager[Executor]:
    if can_fork():
        return Forks()
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(number, mp_context=get_context("spawn"))


def judge_shared(
    inventory: Inventory,
    rules: Sequence[Rule[Any]],
    workspace: Workspace,
    weights: Sequence[int],
    jobs: int,
    source: DeploymentSource,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Verdict, ...]:
    """Return the verdicts over the inventory, as `judge` does. Forks of this process judge some of the deployments.

    workspace  what the deployments were read through
    weights    for each deployment, about how much work it is
    jobs       the number of shares
    source     evaluates deployments again with other inputs
    progress   is called with the number of deployments that are done, and of all in the share of this process
    """
    deployments = inventory.deployments
    indexes = {id(deployment): i for i, deployment in enumerate(deployments)}
    senders: Senders = {SourceFile: _whole_file, Rule: lambda rule: (rule.id,)}
    senders |= {type(deployment): lambda deployment: (indexes[id(deployment)],) for deployment in deployments}
    receivers: Receivers = {SourceFile: partial(_own_file, workspace), Rule: {r.id: r for r in rules}.__getitem__}
    receivers |= {type(deployment): deployments.__getitem__ for deployment in deployments}
    verdicts: dict[int, list[Verdict]] = {}

    def judged(share: Sequence[int], progress: Callable[[int, int], None] | None = None) -> list[list[Verdict]]:
        found = []
        for done, i in enumerate(share):
            if progress:
                progress(done, len(share))
            found.append(judge_deployment(inventory, rules, deployments[i], source))
        return found

    def judged_elsewhere(share: Sequence[int]) -> bytes:
        return _pickled(judged(share), senders)

    own, *shares = _shares([(weight, "") for weight in weights], min(jobs, len(weights)))
    with Forks() as forks:
        pending = [(share, _submitted(forks, judged_elsewhere, share)) for share in shares]
        verdicts.update(zip(own, judged(own, progress), strict=True))
        about_inventory = judge_inventory(inventory, rules)
        for share, work in pending:
            try:
                found = _unpickled(work.result(), receivers)
            except Exception:  # the worker crashed
                found = judged(share)
            verdicts.update(zip(share, found, strict=True))
    return in_order(*(verdicts[i] for i in range(len(deployments))), about_inventory)


def _shares(weights: Sequence[tuple[int, str]], number: int) -> list[list[int]]:
    """Return the indexes of `weights` in shares of about equal weight, the first one larger. No share is empty.

    Those that have the same name with their weight are in one share; "" is no name.
    """
    groups: dict[object, list[int]] = {}
    for i, (_, name) in enumerate(weights):
        groups.setdefault(name or i, []).append(i)
    sizes = [(sum(weights[i][0] + 1 for i in group), group) for group in groups.values()]
    shares: list[list[int]] = [[] for _ in range(number)]
    load = [0.0] * number
    for size, group in sorted(sizes, key=lambda entry: (-entry[0], entry[1])):
        least = min(range(number), key=lambda share: (load[share], share))
        shares[least] += group
        load[least] += size / (OWN_SHARE if least == 0 else 1)
    return [sorted(share) for share in shares if share]


# -- pickling ------------------------------------------------------------------------------------------

Senders = dict[type, Callable[[Any], tuple[Any, ...]]]
"""What is sent in place of an object of a type: the arguments of its receiver."""
Receivers = dict[type, Callable[..., Any]]
"""Returns the object of a type from what was sent in its place."""


def _pickled(thing: Any, senders: Senders) -> bytes:
    stream = BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {kind: partial(_replaced, kind, send) for kind, send in senders.items()}
    pickler.dump(thing)
    return stream.getvalue()


def _replaced(kind: type, send: Callable[[Any], tuple[Any, ...]], item: Any) -> tuple[Any, ...]:
    return _place_holder, (kind, *send(item))


def _unpickled(data: bytes, receivers: Receivers) -> Any:
    return _Unpickler(BytesIO(data), receivers).load()


def _place_holder(_kind: type, *_sent: Any) -> NoReturn:
    raise pickle.UnpicklingError("only this module reads what it pickled")


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: BytesIO, receivers: Receivers) -> None:
        super().__init__(stream)
        self.receivers = receivers

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == (__name__, "_place_holder"):
            return self._receive
        return super().find_class(module, name)

    def _receive(self, kind: type, *sent: Any) -> Any:
        return self.receivers[kind](*sent)


def _whole_file(source: SourceFile) -> tuple[Any, ...]:
    comments = tuple((comment.span.start, comment.span.end, comment.text) for comment in source.comments)
    return source.path, source.name, source.text, source.encoding, comments


def _own_file(
    workspace: Workspace, path: str, name: str, text: str, encoding: str, comments: Sequence[tuple[int, int, str]]
) -> SourceFile:
    """Return the file that this run has for the path, so that spans in it are equal; else add one to the workspace."""
    key = ("text", path)
    source: SourceFile | None = workspace.memo.get(key)
    if source is None or source.text != text:
        source = SourceFile(path, text, name, encoding)
        workspace.memo.setdefault(key, source)
    if not source.comments:
        source.comments = tuple(Comment(source.span(start, end), written) for start, end, written in comments)
    return source


# -- forks ---------------------------------------------------------------------------------------------


class Lost(Exception):
    """A worker that crashed, or could not be started."""

    def result(self) -> NoReturn:
        """Raise itself: this is the pending call of a worker that could not be started."""
        raise self


def _submitted(workers: Executor, function: Callable[..., bytes], *arguments: Any) -> Pending:
    """Start a call; return a Lost if no worker can be started, for example if the system has no more processes."""
    try:
        return workers.submit(function, *arguments)
    except Exception as error:
        return Lost(str(error))


class Forks:
    """An executor whose workers are forks of this process: each starts within milliseconds, with all that is loaded.

    At the end of its `with` block, workers that are still busy are killed.
    """

    def __init__(self) -> None:
        self.workers: list[_Fork] = []

    def submit(self, function: Callable[..., bytes], /, *arguments: Any) -> Pending:
        """Start the call of a function in a fork."""
        worker = _Fork(function, arguments, [worker.reading for worker in self.workers])
        self.workers.append(worker)
        return worker

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self.workers:
            worker.stop()


class _Fork:
    """One worker, and the pipe through which it sends its result."""

    def __init__(self, function: Callable[..., bytes], arguments: tuple[Any, ...], earlier: Sequence[int]) -> None:
        self.reading, writing = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.reading)
            os.close(writing)
            raise
        if self.pid == 0:
            # it closes the reading ends that it inherits, so that its pipe breaks if this process ends
            _work(function, arguments, writing, (*earlier, self.reading))
        os.close(writing)

    def result(self) -> bytes:
        """Return what the function returned. Raises Lost if the worker crashed."""
        with open(self.reading, "rb", closefd=False) as stream:
            data = stream.read()
        if self.end():
            raise Lost
        return data

    def end(self) -> int:
        """Wait for the end of the worker, whose result was read; return its exit code."""
        if self.pid == 0:
            return 0
        os.close(self.reading)
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def stop(self) -> None:
        """Kill the worker if it has not ended."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.end()


def _work(function: Callable[..., bytes], arguments: tuple[Any, ...], writing: int, others: Sequence[int]) -> NoReturn:
    code = 1
    try:
        for pipe in others:
            with suppress(OSError):  # that of a worker that ended is closed
                os.close(pipe)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), WORKER_RECURSION_LIMIT))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # it ends silently; the process that it works for reports
        data = function(*arguments)
        with open(writing, "wb") as stream:
            stream.write(data)
        code = 0
    finally:
        os._exit(code)
