"""Lint many repositories on the workers of a Dask cluster.

    pip install iaclint 'dask[distributed]'
    python many_with_dask.py LISTFILE DIR [SCHEDULER]

Without a scheduler's address the cluster is this machine. The workers need iaclint too, and must see the repositories
and DIR under the same names, as on a shared file system. Any other executor of `concurrent.futures` can stand in the
place of Dask's.
"""

import sys

from dask.distributed import Client

from iaclint.run.repositories import exit_code, repositories, scan_many


def main(listfile: str, output: str, scheduler: str | None = None) -> int:
    """Print a line for each repository as it is done; the exit code, as `iaclint scan-many` has it."""
    done = []
    with Client(scheduler) as client:
        # --isolated: what the repositories' own configs name is not run on the cluster
        for linted in scan_many(
            repositories([listfile]),
            output,
            executor=client.get_executor(),
            time_limit=300,
            options=["--isolated"],
        ):
            done.append(linted)
            print(linted.state, linted.path, dict(linted.findings), linted.message, flush=True)
    return exit_code(done)


if __name__ == "__main__":  # the workers import this file
    sys.exit(main(*sys.argv[1:]))
