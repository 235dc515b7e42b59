"""The repository and the commit that a report is about.

They come from the variables of the CI system, else from git's own files. These are read directly, without starting
git, so that a repository's configuration cannot run a program.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from msgspec import Struct

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_MAX_BYTES = 16 * 1024 * 1024


class Provenance(Struct, frozen=True):
    """A commit: the repository's web address without credentials, the commit's id, the branch."""

    repository: str
    revision: str
    branch: str


def provenance(base: str, environ: Mapping[str, str]) -> Provenance | None:
    """Return the origin of the scanned code, or None if it is not known in full."""
    return _from_github(environ) or _from_gitlab(environ) or _from_git(base)


def _from_github(environ: Mapping[str, str]) -> Provenance | None:
    # https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
    revision, branch = environ.get("GITHUB_SHA", ""), environ.get("GITHUB_REF_NAME", "")
    url = web_address(f"{server}/{repository}") if server and repository else None
    return Provenance(url, revision, branch) if url and _SHA.fullmatch(revision) and branch else None


def _from_gitlab(environ: Mapping[str, str]) -> Provenance | None:
    # https://docs.gitlab.com/ci/variables/predefined_variables/
    url = web_address(environ.get("CI_PROJECT_URL", ""))
    revision, branch = environ.get("CI_COMMIT_SHA", ""), environ.get("CI_COMMIT_REF_NAME", "")
    return Provenance(url, revision, branch) if url and _SHA.fullmatch(revision) and branch else None


def web_address(remote: str) -> str | None:
    """Return the https URL of a git remote without credentials, or None if the remote has none (for example a path)."""
    remote = remote.strip()
    if "://" not in remote:
        # git's scp-like form: [user@]host:path, but not C:\\path or ./path
        match = re.fullmatch(r"(?:[^@/\\]+@)?([A-Za-z0-9.-]{2,}):(?!/{2})/?([^\\]+)", remote)
        if match is None:
            return None
        host, path = match[1], match[2]
        scheme = "https"
    else:
        try:
            parts = urlsplit(remote)
            port = parts.port
        except ValueError:
            return None
        if parts.scheme not in ("https", "http", "ssh", "git", "git+ssh") or not parts.hostname:
            return None
        scheme = "http" if parts.scheme == "http" else "https"
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        if port and parts.scheme in ("http", "https"):
            host = f"{host}:{port}"
        path = parts.path
    if not host.isascii():
        return None
    path = quote(path.strip("/").removesuffix(".git"), safe="/~%+@.-_")
    return f"{scheme}://{host}/{path}" if path else None


# -- git's files: https://git-scm.com/docs/gitrepository-layout ---------------------------------


def _from_git(base: str) -> Provenance | None:
    git = _git_directory(base)
    if git is None:
        return None
    common = git
    shared = _read(os.path.join(git, "commondir")).strip()  # of a linked worktree
    if shared:
        common = os.path.normpath(os.path.join(git, shared))
    head = _read(os.path.join(git, "HEAD")).strip()
    name = head.removeprefix("ref: ").strip() if head.startswith("ref: ") else ""
    revision = _revision(name, git, common) if name else head
    branch = name.removeprefix("refs/heads/") or "HEAD"  # git itself prints HEAD for a detached head
    url = _remote(_read(os.path.join(common, "config")), branch)
    return Provenance(url, revision, branch) if url and _SHA.fullmatch(revision) else None


def _git_directory(base: str) -> str | None:
    """Return the git directory of the working tree that contains `base`; None if there is none."""
    directory = os.path.realpath(base)
    while True:
        found = os.path.join(directory, ".git")
        if os.path.isdir(found):
            return found
        if os.path.isfile(found):
            target = _read(found)
            if target.startswith("gitdir:"):
                return os.path.normpath(os.path.join(directory, target.removeprefix("gitdir:").strip()))
            return None
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def _revision(name: str, git: str, common: str) -> str:
    """Return the commit id of a full ref name; "" if it is not found."""
    if ".." in name.split("/") or not name.startswith("refs/"):
        return ""
    for place in (git, common):
        loose = _read(os.path.join(place, *name.split("/"))).strip()
        if loose:
            return loose
    for line in _read(os.path.join(common, "packed-refs")).splitlines():
        revision, _, ref = line.partition(" ")
        if ref == name:
            return revision
    return ""


def _remote(config: str, branch: str) -> str | None:
    """Return the https URL of the branch's remote, else of origin, else of the only remote; None if there is none."""
    urls: dict[str, str] = {}
    wanted = "origin"
    section = name = ""
    for line in config.splitlines():
        line = line.strip()
        header = re.match(r'\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]', line)
        if header:
            section, name = header[1].lower(), re.sub(r"\\(.)", r"\1", header[2] or "")
            continue
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals:
            continue
        if section == "remote" and key.lower() == "url":
            urls.setdefault(name, value.strip('"'))
        elif section == "branch" and name == branch and key.lower() == "remote":
            wanted = value.strip('"')
    for remote in (wanted, "origin"):
        if remote in urls:
            return web_address(urls[remote])
    return web_address(next(iter(urls.values()))) if len(urls) == 1 else None


def _read(path: str) -> str:
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > _MAX_BYTES:
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
