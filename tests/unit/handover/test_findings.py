"""The catalogue of findings: whole, and used to the last id."""

import re
from pathlib import Path

import pytest

from handover import findings
from handover.findings import CATALOGUE, catalogue, finding

DELIVERABLE = {
    "source": "SRC",
    "installers": "INS",
    "database": "DB",
    "documents": "DOC",
    "package": "PKG",
    "days": "DAY",
}


def test_each_id_stands_in_the_file_of_its_deliverable() -> None:
    for file in CATALOGUE.glob("*.yml"):
        ids = re.findall(r"^(HND-\w+-\d\d):$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert ids
        assert {each.split("-")[1] for each in ids} == {DELIVERABLE[file.stem]}
        assert ids == sorted(ids)


def test_the_code_says_exactly_what_the_catalogue_holds() -> None:
    code = "".join(file.read_text(encoding="utf-8") for file in CATALOGUE.parent.rglob("*.py"))
    assert set(re.findall(r'"(HND-[A-Z]+-\d\d)"', code)) == set(catalogue())


def test_an_id_outside_the_catalogue_can_not_be_said() -> None:
    with pytest.raises(KeyError):
        finding("HND-SRC-99", CATALOGUE, "")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "content",
    ["HND-SRC-01: {severity: bad}", "- a", "HND-SRC-01:\n  severity: minor\n  extra: 1", "a: 1\na: 2"],
)
def test_a_faulty_catalogue_is_refused(content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "source.yml").write_text(content, encoding="utf-8")
    monkeypatch.setattr(findings, "CATALOGUE", tmp_path)
    with pytest.raises(ValueError, match=r"catalogue|key stands twice"):
        findings.catalogue.__wrapped__()
