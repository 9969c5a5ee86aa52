"""Who may import whom; the contracts stand in pyproject.toml."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).parents[2]
MODULES = [
    p for package in ("orchestration", "handover", "expectations") for p in (ROOT / package).rglob("*.py")
]
MAY_IMPORT_DAGSTER = tuple(
    f"orchestration/{name}" for name in ("defs/", "definitions.py", "instance/", "launch.py", "run_log.py")
)


def test_import_contracts_hold() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_keeps_the_house_rules(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    relative = str(path.relative_to(ROOT))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert ast.get_docstring(tree), f"{relative} says nothing of what belongs in it"
    if not relative.startswith(MAY_IMPORT_DAGSTER):
        assert not {"dagster", "dagster_dbt"} & imported, (
            f"{relative} imports Dagster; only defs/, instance/, launch.py and run_log.py may"
        )
    if relative != "orchestration/settings.py":
        used = [n for n in ast.walk(tree) if isinstance(n, ast.Attribute) and n.attr in {"environ", "getenv"}]
        assert not used, f"{relative} reads the environment; only settings.py may"
    if path.name == "__init__.py":
        assert len(tree.body) <= 1, f"{relative} holds more than a docstring"
