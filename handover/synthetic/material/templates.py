"""Read the data files beside this package and render them as Jinja templates.

Knows where data lies and how a template is written; what the files mean is decided by the caller. Variables
stand in guillemets, because every language of the trees uses braces for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import Any

import jinja2
import yaml

SUFFIX = ".j2"
"""Ending of every template of a tree; without it linters would take the vendor's code for ours."""


def data_text(name: str) -> str:
    """The text of one data file, by its path below ``data/``."""
    return _data().joinpath(name).read_text("utf-8")


def data_yaml(name: str, context: Mapping[str, object] | None = None) -> Any:
    """One YAML data file, parsed; rendered before with the context where one is given."""
    text = data_text(name)
    return yaml.safe_load(text if context is None else rendered(text, context))


def rendered_tree(folder: str, context: Mapping[str, object]) -> dict[PurePosixPath, bytes]:
    """Every template below a data folder: its path there without the suffix, and what it renders to."""
    root = _data().joinpath(folder)
    return {
        path.with_suffix(""): rendered(file.read_text("utf-8"), context).encode()
        for path, file in _files(root, PurePosixPath())
        if path.suffix == SUFFIX
    }


def rendered(text: str, context: Mapping[str, object]) -> str:
    """One template's text; an unknown variable raises ``jinja2.UndefinedError``."""
    return _environment().from_string(text).render(context)


def _data() -> Traversable:
    return resources.files("handover.synthetic.material").joinpath("data")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        variable_start_string="«",
        variable_end_string="»",
        block_start_string="«%",
        block_end_string="%»",
        comment_start_string="«#",
        comment_end_string="#»",
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  # renders source code and YAML of our own, never HTML
    )


def _files(folder: Traversable, path: PurePosixPath) -> Iterator[tuple[PurePosixPath, Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _files(each, path / each.name)
        else:
            yield path / each.name, each
