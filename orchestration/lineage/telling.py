"""A trace as people read it in a terminal, Vietnamese first with English beside it.

Belongs here: words and order only; every value comes from the trace's JSON (:mod:`orchestration.lineage.trace`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from orchestration.reporting.render import number

Json = Mapping[str, Any]


def tell(trace: Json) -> str:
    """The trace as lines of text."""
    parts = (
        _definition(trace),
        _rows(trace),
        _sql(trace),
        _way(trace["lineage"]),
        _origins(trace["lineage"]),
        _gates(trace["gates"]),
    )
    return "\n".join(line for part in (*parts, _deliveries(trace)) for line in part)


def _definition(trace: Json) -> Iterable[str]:
    definition = trace["definition"]
    yield f"{trace['figure']}  {definition['vi']} · {definition['en']}"
    yield f"  cột · column: {definition['relation']}.{definition['column']}"
    if definition["part_of"]:
        yield f"  thuộc · part of: {definition['part_of']}"


def _rows(trace: Json) -> Iterable[str]:
    rows, letter = trace["rows"], trace["letter"]
    yield f"  {number(rows['count'])} đối tượng · subjects, {number(rows['doses'])} mũi tiêm · doses"
    if letter:
        printed = (
            f"{number(letter[name])} {name}" for name in ("subjects", "doses") if letter[name] is not None
        )
        yield f"  công văn · letter ({letter['source'] or letter['key']}): {', '.join(printed)}"
    yield f"  mã tập dòng · digest of the rows: {rows['digest']}"
    for column, value in trace["where"].items():
        yield f"  trong đó · where: {column} = {value or '(trống · none)'}"
    if rows["is_as_counted"] is not None:
        yield f"  khớp với số đã đếm · as counted: {_yes(rows['is_as_counted'])}"
    if sealed := rows["sealed"]:
        yield f"  báo cáo · report: {sealed['report']}, niêm phong · seal {sealed['seal']}"
        yield f"  mã đã niêm phong · digest sealed: {sealed['digest']}"
    if rows["is_as_sealed"] is not None:
        yield f"  khớp với báo cáo · as sealed: {_yes(rows['is_as_sealed'])}"


def _sql(trace: Json) -> Iterable[str]:
    yield "SQL"
    yield f"  {trace['sql']['count']}"
    yield f"  {trace['sql']['rows']}"


def _way(lineage: Json) -> Iterable[str]:
    yield "Đường đi · Way"
    for relation in lineage["relations"]:
        yield f"  {relation['relation']:40} {relation['kind']:8} {relation['file'] or ''}".rstrip()
    for step in (*lineage["columns"], *lineage["filters"]):
        if step["reason"]:
            column = f".{step['column']}" if "column" in step else ""
            yield f"  chưa đánh giá · not evaluated: {step['relation']}{column}: {step['reason']}"


def _origins(lineage: Json) -> Iterable[str]:
    yield "Cột gốc · Where it begins"
    for use, words in (("direct", "trực tiếp · direct"), ("indirect", "lọc, nối · filters and joins")):
        found = [origin for origin in lineage["origins"] if origin["use"] == use]
        if found:
            yield f"  {words}"
        for relation, origins in groupby(found, key=lambda origin: str(origin["relation"])):
            yield f"    {relation}: {', '.join(map(_named, origins))}"


def _named(origin: Json) -> str:
    vendor = origin["vendor"]
    return f"{origin['column']} ({vendor['table']}.{vendor['column']})" if vendor else str(origin["column"])


def _deliveries(trace: Json) -> Iterable[str]:
    yield "Bàn giao · Deliveries"
    for delivery in trace["deliveries"]:
        digest = delivery["bag_sha256"] or "không có niêm phong · not sealed"
        yield f"  {delivery['id']}  {number(delivery['rows'])} dòng · rows  {digest}"
        yield from _letters(delivery.get("letter"))
    yield "Một số dòng · Some rows"
    for row in trace["sample"]:
        yield from tell_row(row)


def _letters(told: Json | None) -> Iterable[str]:
    """What brought a package, and which letters asked for what it holds."""
    if told is None:
        return
    brought = told["brought_by"]
    named = f"{brought['number']}, {brought['sent_on']}" if brought else "không nêu · not named by the vendor"
    yield f"    kèm theo · brought by: {named}"
    for letter in told["asked_by"]:
        answered = "; được phúc đáp bằng gói này · answered by this package" if letter["is_answered"] else ""
        yield (
            f"    yêu cầu bởi · asked for by: {letter['number']}, {letter['sent_on']}, {letter['sender']}{answered}"
        )
    for unknown in told["unknown"]:
        yield f"    phúc đáp công văn không có ở đây · answers a letter that is not known here: {unknown}"


def tell_row(row: Json) -> Iterable[str]:
    """One row: its address and, where they were asked for, its story and its values in clear."""
    yield f"  {row['delivery']}  {row['table']}  {row['row']}"
    source = row.get("source")
    if source:
        yield f"    {source['manifest_line'] or source['path']}"
    for finding in row.get("findings", ()):
        yield f"    {finding['rule_id']} v{finding['rule_version']} {finding['severity']}: {finding['field']}"
    for change in row.get("changed", ()):
        by = ", ".join(change["rules"]) or "dạng chuẩn · standard form"
        yield f"    chuẩn hóa · cleansed: {change['field']} ({by})"
    for answer in row.get("answers", ()):
        said = answer["error_code"] or f"{answer['fitting_count']} người khớp · found"
        yield f"    CSDLQGDC {answer['answered_at']}: {said}; lô · batch {answer['batch_id'][:12]}"
    if outcome := row.get("outcome"):
        yield f"    {outcome['outcome']} ({outcome['rule_id']} v{outcome['rule_version']})"
    for name, value in row.get("clear", {}).items():
        yield f"    {name}: {value}"


def _gates(gates: Iterable[Json]) -> Iterable[str]:
    yield "Cửa kiểm soát · Gates"
    for relation, group in groupby(gates, key=lambda gate: str(gate["relation"])):
        rules = list(group)
        passed = [str(rule["state"]) for rule in rules].count("passed")
        yield f"  {relation:40} {passed}/{len(rules)} đạt · passed"
        for rule in rules:
            yield f"    {rule['rule_id']:28} {rule['state']:14} {judged(rule)}".rstrip()


def judged(rule: Json) -> str:
    """What a rule measured: rows, those that break it, those that were expected or are missing."""
    words = {"rows": "dòng · rows", "breaking": "vi phạm · breaking", "missing": "thiếu · missing"}
    counts = [f"{number(rule[name])} {said}" for name, said in words.items() if rule.get(name) is not None]
    return ", ".join(counts)


def _yes(is_so: bool) -> str:
    return "có · yes" if is_so else "KHÔNG · NO"
