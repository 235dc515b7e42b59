"""Loading in several processes: shares of what there is to load, and how the models come back.

What is handed out is a share of the roots; what comes back is the bytes of their Deployments. Anything that has
`submit` as `concurrent.futures.Executor` has it can do the work: a process pool, or the executor of a cluster whose
machines see the same files. The one that is used by itself, `Forks`, imports nothing and copies nothing.
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

from iaclint.linting.judge import Reload, in_order, judge_all, judge_each
from iaclint.linting.rule import Rule
from iaclint.linting.verdict import Verdict
from iaclint.model.inventory import Deployment, Inventory
from iaclint.run.scan import Root, can_fork, load_root
from iaclint.source.files import Comment, SourceFile, Workspace

DEPTH = 12_000
"""Frames that a worker may use, to send what is nested deeply; one that falls over it is lost, and no more."""
OWN_PART = 1.2
"""How much more the process that hands out does than a worker: it sends nothing back."""


class Pending(Protocol):
    """Work that was handed out, such as a `concurrent.futures.Future`."""

    def result(self) -> Any:
        """What it gave, or the exception it ended with."""


class Executor(Protocol):
    """Who does the work, such as a `concurrent.futures.Executor`."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Pending:
        """Have a function called."""


def load_share(workspace: Workspace, roots: Sequence[Root]) -> bytes:
    """The Deployments of some roots, as `load_shared` reads them. This is what is handed out."""
    return _sent([load_root(workspace, root) for root in roots], {SourceFile: _whole_file})


def load_shared(
    workspace: Workspace,
    roots: Sequence[Root],
    weights: Sequence[tuple[int, str]],
    jobs: int,
    executor: Executor | None = None,
    tell: Callable[[Root], None] = lambda _root: None,
) -> list[Deployment]:
    """The Deployments of the roots, in their order; the same whoever loads them.

    weights   about how much there is to do for each, and what it shares with others that should be done with it
    jobs      how many shares to make: the first is loaded here, the others by the executor
    executor  where none is given, forks of this process, or new ones where it cannot be forked
    tell      is called with each root that is loaded here
    """
    own, *shares = _shares(weights, min(jobs, len(roots)))
    loaded: dict[int, Deployment] = {}

    def load_here(places: Sequence[int]) -> None:
        for at in places:
            tell(roots[at])
            loaded[at] = load_root(workspace, roots[at])

    with nullcontext(executor) if executor else _workers(len(shares)) as workers:
        pending = [(share, _submitted(workers, load_share, workspace, [roots[at] for at in share])) for share in shares]
        load_here(own)
        for share, work in pending:
            try:
                models = _received(work.result(), {SourceFile: partial(_own_file, workspace)})
                loaded.update(zip(share, models, strict=True))
            except Exception:  # it was lost, or is nested too deeply to be sent
                load_here(share)
    return [loaded[at] for at in range(len(roots))]


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
    reload: Reload,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Verdict, ...]:
    """The verdicts over the inventory, as `judge` gives them: forks of this process judge some of the deployments.

    workspace  what it was loaded from;  weights: about how much there is to do for each deployment
    """
    deployments = inventory.deployments
    places = {id(deployment): at for at, deployment in enumerate(deployments)}
    senders: Senders = {SourceFile: _whole_file, Rule: lambda rule: (rule.id,)}
    senders |= {type(deployment): lambda deployment: (places[id(deployment)],) for deployment in deployments}
    receivers: Receivers = {SourceFile: partial(_own_file, workspace), Rule: {r.id: r for r in rules}.__getitem__}
    receivers |= {type(deployment): deployments.__getitem__ for deployment in deployments}
    verdicts: dict[int, list[Verdict]] = {}

    def judged(share: Sequence[int], tell: Callable[[int, int], None] | None = None) -> list[list[Verdict]]:
        found = []
        for done, at in enumerate(share):
            if tell:
                tell(done, len(share))
            found.append(judge_each(inventory, rules, deployments[at], reload))
        return found

    def judged_elsewhere(share: Sequence[int]) -> bytes:
        return _sent(judged(share), senders)

    own, *shares = _shares([(weight, "") for weight in weights], min(jobs, len(weights)))
    with Forks() as forks:
        pending = [(share, _submitted(forks, judged_elsewhere, share)) for share in shares]
        verdicts.update(zip(own, judged(own, progress), strict=True))
        over_all = judge_all(inventory, rules)
        for share, work in pending:
            try:
                found = _received(work.result(), receivers)
            except Exception:  # it was lost
                found = judged(share)
            verdicts.update(zip(share, found, strict=True))
    return in_order(*(verdicts[at] for at in range(len(deployments))), over_all)


def _shares(weights: Sequence[tuple[int, str]], number: int) -> list[list[int]]:
    """The places of things in shares of about equal weight, the first one larger; each in order, none empty.

    Those that have the same text beside their weight are together.
    """
    groups: dict[object, list[int]] = {}
    for at, (_, together) in enumerate(weights):
        groups.setdefault(together or at, []).append(at)
    sizes = [(sum(weights[at][0] + 1 for at in group), group) for group in groups.values()]
    shares: list[list[int]] = [[] for _ in range(number)]
    load = [0.0] * number
    for size, group in sorted(sizes, key=lambda entry: (-entry[0], entry[1])):
        least = min(range(number), key=lambda share: (load[share], share))
        shares[least] += group
        load[least] += size / (OWN_PART if least == 0 else 1)
    return [sorted(share) for share in shares if share]


# -- things on their way -------------------------------------------------------------------------------

Senders = dict[type, Callable[[Any], tuple[Any, ...]]]
"""What is sent in place of an object of some type, which the receiver knows or makes by itself."""
Receivers = dict[type, Callable[..., Any]]
"""The object again, from what was sent in its place."""


def _sent(thing: Any, senders: Senders) -> bytes:
    stream = BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = {kind: partial(_replaced, kind, send) for kind, send in senders.items()}
    pickler.dump(thing)
    return stream.getvalue()


def _replaced(kind: type, send: Callable[[Any], tuple[Any, ...]], item: Any) -> tuple[Any, ...]:
    return _place_holder, (kind, *send(item))


def _received(data: bytes, receivers: Receivers) -> Any:
    return _Unpickler(BytesIO(data), receivers).load()


def _place_holder(_kind: type, *_sent: Any) -> NoReturn:
    raise pickle.UnpicklingError("only this module reads what it sent")


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
    return source.path, source.name, source.text, comments


def _own_file(
    workspace: Workspace, path: str, name: str, text: str, comments: Sequence[tuple[int, int, str]]
) -> SourceFile:
    """The file that this run knows by the path, so that places in it are equal; new to it, it is kept."""
    key = ("text", path)
    source: SourceFile | None = workspace.memo.get(key)
    if source is None or source.text != text:
        source = SourceFile(path, text, name)
        workspace.memo.setdefault(key, source)
    if not source.comments:
        source.comments = tuple(Comment(source.span(start, end), said) for start, end, said in comments)
    return source


# -- forks ---------------------------------------------------------------------------------------------


class Lost(Exception):
    """A worker ended before its work was done, or there could be none."""

    def result(self) -> NoReturn:
        """Raises itself: what is left of work that nobody took."""
        raise self


def _submitted(workers: Executor, function: Callable[..., bytes], *arguments: Any) -> Pending:
    """The work handed out; a Lost where there can be no more workers, as where the system has no more processes."""
    try:
        return workers.submit(function, *arguments)
    except Exception as error:
        return Lost(str(error))


class Forks:
    """An executor whose workers are forks of this process: each starts within milliseconds, knowing all that it knows.

    Leaving it as a context manager ends those that are still at work.
    """

    def __init__(self) -> None:
        self.workers: list[_Fork] = []

    def submit(self, function: Callable[..., bytes], /, *arguments: Any) -> Pending:
        """Call a function in a fork."""
        worker = _Fork(function, arguments, [worker.reading for worker in self.workers])
        self.workers.append(worker)
        return worker

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self.workers:
            worker.stop()


class _Fork:
    """One worker, and the pipe that its result comes through."""

    def __init__(self, function: Callable[..., bytes], arguments: tuple[Any, ...], earlier: Sequence[int]) -> None:
        self.reading, writing = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            os.close(self.reading)
            os.close(writing)
            raise
        if self.pid == 0:
            # a pipe that nobody reads any more must break, so that no worker outlives who it works for
            _work(function, arguments, writing, (*earlier, self.reading))
        os.close(writing)

    def result(self) -> bytes:
        """What the function gave. Raises Lost."""
        with open(self.reading, "rb", closefd=False) as stream:
            data = stream.read()
        if self.end():
            raise Lost
        return data

    def end(self) -> int:
        """Wait for the worker, which has said all that it had to say; its exit code."""
        if self.pid == 0:
            return 0
        os.close(self.reading)
        pid, self.pid = self.pid, 0
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def stop(self) -> None:
        """End the worker, where it is still there."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.end()


def _work(function: Callable[..., bytes], arguments: tuple[Any, ...], writing: int, others: Sequence[int]) -> NoReturn:
    code = 1
    try:
        for pipe in others:
            with suppress(OSError):  # one that is done with is closed
                os.close(pipe)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), DEPTH))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)  # it dies without a word; the process that it works for speaks
        data = function(*arguments)
        with open(writing, "wb") as stream:
            stream.write(data)
        code = 0
    finally:
        os._exit(code)
