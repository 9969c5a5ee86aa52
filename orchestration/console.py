"""What the command line prints for people: Vietnamese first, English beside it. Prints facts; computes none."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from expectations.verdict import State
from handover.soundness import Soundness
from orchestration.warehouse.verdicts import Outcome

SEVERITIES = ("critical", "major", "minor", "info")
STATUS_STYLE = {"received": "green", "partial": "yellow", "not_assessed": "dim"}


def number(value: int | None) -> str:
    """A count the Vietnamese way: 82.957.967."""
    return "–" if value is None else f"{value:,}".replace(",", ".")


def matrix(completeness: Mapping[str, Any]) -> Table:
    """The 16 cells: components down, deliverables across."""
    cells = completeness["cells"]
    deliverables = list(dict.fromkeys(cell["deliverable"] for cell in cells))
    table = Table(title="Ma trận bàn giao 16 ô · handover matrix", title_justify="left")
    table.add_column("")
    for deliverable in deliverables:
        table.add_column(deliverable)
    for component in dict.fromkeys(cell["component"] for cell in cells):
        row = {c["deliverable"]: c for c in cells if c["component"] == component}
        table.add_row(component, *(_cell(row[d]) for d in deliverables))
    return table


def _cell(cell: Mapping[str, Any]) -> str:
    overdue = f", +{cell['days_overdue']} ngày" if cell["days_overdue"] else ""
    style = STATUS_STYLE.get(cell["status"], "red")
    return f"[{style}]{cell['status']}[/] ({cell['level']}{overdue})"


def handover_findings(assessed: Mapping[str, Any]) -> Iterator[str]:
    """A line per finding, the gravest first: severity, id, cell, path, what was found."""
    found = [
        (finding, f"{cell['component']}/{cell['deliverable']}")
        for cell in assessed["cells"]
        for finding in cell["findings"]
    ]
    found += [(finding, "–") for finding in assessed["findings"]]
    for finding, place in sorted(found, key=lambda each: SEVERITIES.index(each[0]["severity"])):
        evidence = f" [{finding['evidence']}]" if finding["evidence"] else ""
        yield escape(
            f"{finding['severity']:8} {finding['id']} {place}: {finding['path']} {finding['message']}{evidence}"
        )


def malware_scan(assessed: Mapping[str, Any]) -> str:
    """One line: what the malware scanner said."""
    scan = assessed["malware_scan"]
    reason = f" ({scan['reason']})" if scan["reason"] else ""
    return escape(f"Quét mã độc · malware scan: {scan['status']}{reason}")


def gates(verdicts: Iterable[Mapping[str, Any]]) -> Table:
    """Gates by relation: how many rules passed, the name of each that failed, how many were not evaluated."""
    table = Table(title="Cổng kiểm soát · gates", title_justify="left")
    for heading in ("quan hệ · relation", "đạt · passed", "không đạt · failed", "chưa xét · not evaluated"):
        table.add_column(heading)
    by_relation: dict[str, list[Mapping[str, Any]]] = {}
    for verdict in verdicts:
        by_relation.setdefault(verdict["relation"], []).append(verdict)
    for relation, judged in by_relation.items():
        states = [verdict["state"] for verdict in judged]
        failed = [
            v["rule_id"] + ("" if v["severity"] == "critical" else " (!)")
            for v in judged
            if v["state"] == State.FAILED
        ]
        passed = f"{states.count(State.PASSED)}/{len(states)}"
        unseen = states.count(State.NOT_EVALUATED)
        table.add_row(relation, passed, ", ".join(failed) or "–", f"[red]{unseen}[/]" if unseen else "–")
    return table


def outcomes(found: Iterable[Outcome]) -> Table:
    """A line per rule and state: for how many packages it holds, with its counts."""
    table = Table(title="Cổng kiểm soát · gates", title_justify="left")
    for heading in (
        "quy tắc · rule",
        "mức · severity",
        "kết quả · result",
        "gói · packages",
        "số đếm · counts",
    ):
        table.add_column(heading)
    groups: dict[tuple[str, str, bool, State], list[Outcome]] = {}
    for each in found:
        groups.setdefault((each.relation, each.rule_id, each.is_in_scope, each.state), []).append(each)
    relation = None
    for (of_relation, rule_id, is_in_scope, state), same in groups.items():
        if of_relation != relation:
            relation = of_relation
            table.add_section()
            table.add_row(f"[bold]{relation}[/]")
        counts = ", ".join(f"{name} {number(count)}" for name, count in same[0].measured.items())
        packages = same[0].package if len(same) == 1 else number(len(same))
        waiting = "" if is_in_scope else " (chưa nhập · not imported)"
        table.add_row(
            rule_id, same[0].severity, STATE_WORDS[state], escape(packages) + waiting, counts or "–"
        )
    return table


STATE_WORDS = {
    State.PASSED: "[green]đạt · passed[/]",
    State.FAILED: "[red]không đạt · failed[/]",
    State.NOT_EVALUATED: "[red]chưa xét · not evaluated[/]",
}


def outcome_lines(found: Iterable[Outcome], page: Path) -> Iterator[str]:
    """Each problem once; then where the pages lie."""
    yield from (escape(problem) for problem in dict.fromkeys(each.problem for each in found) if problem)
    yield f"Trang kết quả · Data Docs: {escape(str(page))}"


def figures(report: Mapping[str, Any]) -> Table:
    """Figures beside the letter's."""
    table = Table(title=f"Số liệu tính đến {report['as_of']} · figures", title_justify="left")
    table.add_column("mã · id", no_wrap=True)
    table.add_column("số liệu · figure", ratio=1)
    for heading in ("đối tượng\nsubjects", "công văn\nletter", "mũi tiêm\ndoses", "công văn\nletter"):
        table.add_column(heading, justify="right", no_wrap=True)
    for figure in report["figures"]:
        letter = figure.get("letter") or {}
        table.add_row(
            figure["id"],
            figure["vi"],
            number(figure["subjects"]),
            _beside(figure["subjects"], letter.get("subjects")),
            number(figure["doses"]),
            _beside(figure["doses"], letter.get("doses")),
        )
    return table


def _beside(ours: int, stated: int | None) -> str:
    """The letter's number, marked where it is not ours; how far off stands in the report."""
    if stated is None:
        return "–"
    return f"[green]{number(stated)}[/]" if stated == ours else f"[red]{number(stated)} ≠[/]"


def letter_findings(source: str, findings: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One sentence per broken identity of a letter."""
    found = list(findings)
    if not found:
        yield f"{source}: mọi tổng đều khớp · every identity holds."
    for finding in found:
        suggestion = (
            f"{finding['suspect']}: {number(finding['printed'])} → {number(finding['suggested'])} ({finding['kind']})"
            if finding["suggested"] is not None
            else finding["kind"]
        )
        yield (
            f"{source}: {finding['parent']}.{finding['measure']} = {number(finding['stated_total'])}, "
            f"tổng các phần · sum of parts {number(finding['sum_of_parts'])}, "
            f"lệch · off by {number(abs(finding['difference']))}; {suggestion}"
        )


def obligations(completeness: Mapping[str, Any]) -> Table:
    """What was promised or asked for, and how late it is."""
    table = Table(title="Nghĩa vụ · obligations", title_justify="left")
    for heading in ("việc · what", "bên · by", "văn bản · letter", "hạn · due", "tình trạng · status"):
        table.add_column(heading)
    for duty in completeness["obligations"]:
        overdue = f" (+{duty['days_overdue']} ngày · days)" if duty["days_overdue"] else ""
        table.add_row(
            duty["what"],
            duty.get("by") or "–",
            duty.get("letter") or "–",
            duty.get("due") or "–",
            duty["note_vi"] + " · " + duty["note"] + overdue,
        )
    return table


def failure_lines(
    failures: Iterable[str], failed_checks: Iterable[str], missing: Iterable[str]
) -> Iterator[str]:
    """Why a run stopped, in sentences; then what was not made because of it."""
    rules = list(failed_checks)
    if rules:
        yield f"[red]Cổng chặn · a gate stopped the run:[/] {', '.join(rules)}"
    else:
        for failure in failures:
            yield f"[red]Lỗi · error:[/] {failure}"
    left_out = list(missing)
    if left_out:
        yield f"Không được tạo · not made: {', '.join(left_out)}"


def next_steps(home: Path, report: Path, pages: Path, example: str) -> Iterator[str]:
    """Where report and pages lie, how to trace one of its numbers, how to open Dagster's UI."""
    yield f"Báo cáo · report: {report}"
    yield f"Trang kiểm toán · the auditor's pages: {pages}"
    yield f"Truy nguyên · trace a number: tiemchung trace {example} --home {shlex.quote(str(home))}"
    yield f"Giao diện · Dagster UI: make dev HOME_DIR={shlex.quote(str(home))}"


def vault_lines(found: Soundness) -> Iterator[str]:
    """What is wrong in the vault, line by line, and how much of it was read."""
    for each in found.damage:
        yield f"✗ {each.delivery or '(vault)'}: {str(each.path)!r} {each.problem}"
    if found.leftovers:
        yield (
            f"{number(len(found.leftovers))} tệp không thuộc niêm phong nào · objects that no seal needs, whole"
        )
    verdict = "nguyên vẹn · sound" if found.is_sound else "bị hỏng · damaged; restore it from a backup"
    yield f"{found.deliveries} gói · packages, {number(found.objects)} tệp · objects: {verdict}"
