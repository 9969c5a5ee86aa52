"""The code's digest follows what decides a figure, and nothing that dbt derives."""

from __future__ import annotations

from pathlib import Path

from orchestration.reporting.code import code_state, tree_digest


def test_the_digest_follows_names_and_bytes_of_models_but_not_of_what_is_derived(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "a.sql").write_text("select 1")
    first = tree_digest(tmp_path)
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.json").write_text("{}")
    (tmp_path / ".user.yml").write_text("id: 1")
    assert tree_digest(tmp_path) == first
    (tmp_path / "models" / "a.sql").rename(tmp_path / "models" / "b.sql")
    second = tree_digest(tmp_path)
    (tmp_path / "models" / "b.sql").write_text("select 2")
    assert len({first, second, tree_digest(tmp_path)}) == 3


def test_the_code_state_names_the_version_and_both_digests(tmp_path: Path) -> None:
    state = code_state(tmp_path)
    assert state.version
    assert len(state.dbt_project) == len(state.page) == 64
