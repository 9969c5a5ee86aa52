"""`python -m tests.bench.register [--sizes N,N]`: the exchange with the register, beside its limit and the plain way.

Client and register on the same machine over loopback, each a process of its own. Ours: from requests in the warehouse
to published answers, with the ledger, answers kept and verified; then classified by the model's own SQL, in a process
of its own. The limit: the same client against a server that only gives back answers made before. The peer: `requests`
and `json` with an object a row, one request at a time, with as many rows in it as ours, with a thousand, and with one.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from subprocess import PIPE, Popen

import duckdb

from orchestration.population.ledger import Ledger
from orchestration.population.publish import publish
from orchestration.population.sizing import BATCH_ROWS
from orchestration.simulator.process import StandIn
from tests.bench.process import Measured, measured
from tests.bench.register_client import PARTS, Part
from tests.spec.warehouse import build

NAMES = """
create macro pick(items, seed) as items[1 + cast(hash(seed) % len(items) as integer)];
create macro name_of(i) as concat_ws(' ',
    pick(['Nguyễn', 'Trần', 'Lê', 'Phạm', 'Hoàng', 'Huỳnh', 'Phan', 'Vũ', 'Võ', 'Đặng', 'Bùi', 'Đỗ', 'Hồ'], i),
    pick(['Văn', 'Thị', 'Hữu', 'Đức', 'Ngọc', 'Thanh', 'Minh', 'Quang', 'Xuân', 'Thu'], i + 7),
    pick(['An', 'Bình', 'Cường', 'Dũng', 'Giang', 'Hà', 'Hải', 'Hạnh', 'Hiếu', 'Hùng', 'Khánh', 'Lan', 'Linh'], i * 3),
    pick(['Anh', 'Chi', 'Dung', 'Hằng', 'Kiên', 'Lâm', 'My', 'Ngân', 'Oanh', 'Phúc', 'Quyên', 'Tú', 'Uyên'], i * 5)
);
"""
PEOPLE = """
create table people as
select
    i,
    lpad(cast(i * 7 + 1000000000 as varchar), 12, '0') as number,
    case when i % 2 = 0 then lpad(cast(i + 100000000 as varchar), 9, '0') end as card,
    name_of(i) as name,
    strftime(date '1940-01-01' + cast(hash(i * 11) % 25000 as integer), '%Y-%m-%d') as born,
    i % 3 = 0 as is_male,
    lpad(cast(1 + i % 63 as varchar), 2, '0') as province
from range($people) t (i)
"""
PERSONS = """
copy (
    select number as personal_id, card as cmnd9, false as is_cmnd9_superseded, name as full_name,
        born as date_of_birth, if(is_male, 'male', 'female') as sex, province as province_code
    from people
) to $target (format parquet)
"""
REQUESTS = """
create table verification.int_requests as
select
    (i * 7919 + 13) % $people as subject_id,
    if(i % 10 < 9, 'with_id', 'without_id') as request_kind,
    if(i % 10 < 8, number, null) as so_dinh_danh,
    if(i % 10 = 8, card, null) as so_cmnd,
    if(i % 20 = 3, name_of(i + 1), name) as ho_va_ten,
    if(i % 25 = 4, left(born, 4), born) as ngay_thang_nam_sinh,
    if(is_male, '1', '0') as gioi_tinh,
    if(i % 10 = 9, province, null) as ma_tinh,
    province as province_code,
    cast(md5(cast(i as varchar)) as uuid) as content_digest
from people
order by hash(i)
"""
# In no order of theirs: eight of ten by twelve digits, one by nine, one by none; some names and dates are others.
PLAIN = ((BATCH_ROWS, BATCH_ROWS), (50_000, 1_000), (500, 1))
"""Rows that the plain way asks about, and those in one request; of the smaller the register's own time is most."""


@dataclass(frozen=True)
class Way:
    """One way of asking: rows, what the client took, and the processor seconds of the server."""

    what: str
    rows: int
    took: Measured
    server_cpu: float

    @property
    def rate(self) -> float:
        """Rows a second."""
        return self.rows / self.took.seconds


def make(folder: Path, people: int) -> None:
    """A warehouse with requests of so many subjects, the register's persons, and the SQL that classifies answers."""
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(warehouse) as connection, Ledger.open("sqlite://") as empty:
        connection.execute("set preserve_insertion_order = false; create schema verification")
        connection.execute(NAMES)
        connection.execute(PEOPLE, {"people": people})
        connection.execute(PERSONS, {"target": str(folder / "persons.parquet")})
        connection.execute(REQUESTS, {"people": people})
        publish(connection, empty, folder)
        connection.execute("drop table people; checkpoint")
    seeds = ("verification_rules", "outcome_rules", "id_class_groups")
    build(warehouse, *seeds, "int_outcomes__combinations", "int_outcomes__evidence", "int_outcomes")


def cpu_of(pid: int) -> float:
    """Processor seconds of a process so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


@contextmanager
def echo(answers: Path) -> Iterator[tuple[str, int]]:
    """A server that gives back the kept answers; its address and process number."""
    command = [sys.executable, "-m", "tests.bench.register_echo", str(answers)]
    with Popen(command, stdout=PIPE, text=True) as process:
        try:
            yield (process.stdout.readline() if process.stdout else "").strip(), process.pid
        finally:
            process.terminate()


def asked(
    what: str, rows: int, folder: Path, server: tuple[str, str, int], at_once: int | None = None
) -> Way:
    """Run a client against a server: ours, or the plain way with so many rows ``at_once``."""
    url, token, pid = server
    way = (
        ["ours", folder, url, token]
        if at_once is None
        else ["plain", folder, url, token, str(rows), str(at_once)]
    )
    before = cpu_of(pid)
    took = measured(what, [sys.executable, "-m", "tests.bench.register_client", *way])
    return Way(what, rows, took, round(cpu_of(pid) - before, 1))


def measure(people: int, folder: Path) -> tuple[list[Way], list[Part]]:
    """All ways at one size, and where ours spends its time."""
    make(folder, people)
    with StandIn(folder / "persons.parquet") as register:
        server = register.url, register.token, register.pid
        ours = asked("ours, to published answers", people, folder, server)
        plain = [
            asked(f"the plain way, by {at_once:,}", min(rows, people), folder, server, at_once)
            for rows, at_once in PLAIN
        ]
    command = [sys.executable, "-m", "tests.bench.register_classify", folder]
    classified = Way("classifying them", people, measured("classifying", command), 0.0)
    parts = [Part(**told) for told in json.loads((folder / PARTS).read_text("utf-8"))]
    answers = folder / "kept"
    (folder / "ledger" / "answers").rename(answers)
    with echo(answers) as (url, pid):
        echoed = asked("ours, the register only echoing", people, folder, (url, "none", pid))
    return [ours, classified, echoed, *plain], parts


def table(people: int, ways: list[Way], parts: list[Part]) -> str:
    """The figures of one size as Markdown."""
    ours, classified, _, *plain = ways
    both = people / (ours.took.seconds + classified.took.seconds)
    lines = [
        f"| {people:,} subjects | rows | seconds | rows a second | client peak MB | client CPU s | server CPU s |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {way.what} | {way.rows:,} | {way.took.seconds} | {way.rate:,.0f} | {way.took.peak_mb} | {way.took.cpu} "
        f"| {way.server_cpu} |"
        for way in ways
    ]
    lines.append(f"\nTo classified answers {both:,.0f} rows a second.")
    lines += [f"{both / way.rate:,.1f} times {way.what}." for way in plain]
    lines += ["\n| part of ours | seconds | client CPU s a million | peak MB by then |", "|---|---|---|---|"]
    lines += [
        f"| {part.what} | {part.seconds:.2f} | {part.cpu * 1e6 / people:.2f} | {part.peak_mb} |"
        for part in parts
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, keep the numbers in ``var/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.register", description=__doc__)
    parser.add_argument("--sizes", default="1000000,10000000", help="numbers of subjects")
    found: dict[int, tuple[list[Way], list[Part]]] = {}
    for people in sorted({int(size) for size in parser.parse_args().sizes.split(",")}):
        with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
            found[people] = measure(people, Path(temporary))
        print(table(people, *found[people]), "\n", flush=True)
    kept = Path("var/bench") / f"register-{datetime.now(UTC):%Y-%m-%dT%H%M}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    told = {
        str(people): [asdict(told) for told in (*ways, *parts)] for people, (ways, parts) in found.items()
    }
    kept.write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(f"\nKept in {kept}.")


if __name__ == "__main__":
    main()
