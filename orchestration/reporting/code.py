"""What computed a report: versions, the commit, and digests of the code that decides a figure or its page.

Belongs here: reading and hashing our own files. Nothing about data.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from orchestration.reporting import charts, print_form, render, spreadsheet, workbook
from orchestration.reporting.report import CodeState

_COMPUTING = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow", "sqlglot")
_DERIVED = frozenset({"target", "logs", "dbt_packages", "__pycache__"})


def code_state(dbt_project: Path) -> CodeState:
    """The code that stands here now; ``dbt_project`` is the folder of ``dbt_project.yml``."""
    return CodeState(version("tiemchung"), tree_digest(dbt_project), _digest(_page_files()))


def packages() -> dict[str, str]:
    """Versions of the packages that compute a figure, judge it or keep it."""
    return {name: version(name) for name in _COMPUTING}


def code_commit(folder: Path) -> str | None:
    """The commit that ``folder`` was checked out at, with ``-dirty`` where files differ; None where git can't say."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None if done.returncode == 0 else None


def tree_digest(folder: Path) -> str:
    """SHA-256 over the names and bytes of a folder's files; what dbt derives and dot files left out."""
    files = (path for path in folder.rglob("*") if path.is_file())
    named = ((path.relative_to(folder), path) for path in files)
    kept = ((name.as_posix(), path) for name, path in named if not _is_derived(name))
    return _digest(sorted(kept))


def _page_files() -> list[tuple[str, Path]]:
    names = (render.TEMPLATE, "charts.html.j2", "words.html.j2", "style.css", "report.typ")
    modules = (render, charts, print_form, spreadsheet, workbook)
    return [
        *((Path(str(each.__file__)).name, Path(str(each.__file__))) for each in modules),
        *((name, render.TEMPLATES / name) for name in names),
        (charts.TILES.name, charts.TILES),
    ]


def _digest(files: Iterable[tuple[str, Path]]) -> str:
    lines = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {name}\n" for name, path in files)
    return hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def _is_derived(name: Path) -> bool:
    return any(part in _DERIVED or part.startswith(".") for part in name.parts)
