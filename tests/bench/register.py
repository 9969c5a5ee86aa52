"""`python -m tests.bench.register [--sizes N,N]`: the exchange with the register, beside its limit and the plain way.

Client and register on the same machine over loopback, each a process of its own. Ours: from requests in the warehouse
to published answers, with the ledger, answers kept and verified. The limit: the same client against a server that only
gives back answers made before. The peer: `requests` and `json` with an object a row, one batch at a time.
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

from orchestration.simulator.process import StandIn
from tests.bench.process import Measured, measured

PLAIN_ROWS = 200_000
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
    case when i % 5 = 0 then lpad(cast(i + 100000000 as varchar), 9, '0') end as card,
    name_of(i) as name,
    strftime(date '1940-01-01' + cast(hash(i * 11) % 25000 as integer), '%Y-%m-%d') as born,
    i % 2 as male,
    lpad(cast(1 + i % 63 as varchar), 2, '0') as province
from range($people) t (i)
"""
PERSONS = """
copy (
    select number as personal_id, card as cmnd9, false as is_cmnd9_superseded, name as full_name,
        born as date_of_birth, if(male = 1, 'male', 'female') as sex, province as province_code
    from people
) to $target (format parquet)
"""
REQUESTS = """
create table verification.int_requests as
select i as subject_id, if(i % 10 < 8, number, null) as so_dinh_danh, if(i % 10 = 8, card, null) as so_cmnd,
    name as ho_va_ten, born as ngay_thang_nam_sinh, cast(male as varchar) as gioi_tinh, province as ma_tinh,
    md5(cast(i as varchar)) as content_digest
from people
"""


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
    """A warehouse with requests of so many subjects, and the register's persons."""
    with duckdb.connect(folder / "warehouse.duckdb") as connection:
        connection.execute("set preserve_insertion_order = false; create schema verification")
        connection.execute(NAMES)
        connection.execute(PEOPLE, {"people": people})
        connection.execute(PERSONS, {"target": str(folder / "persons.parquet")})
        connection.execute(REQUESTS)
        connection.execute("drop table people; checkpoint")


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


def asked(what: str, rows: int, way: str, folder: Path, url: str, token: str, pid: int) -> Way:
    """Run a client against a server."""
    before = cpu_of(pid)
    took = measured(what, [sys.executable, "-m", "tests.bench.register_client", way, folder, url, token])
    return Way(what, rows, took, round(cpu_of(pid) - before, 1))


def measure(people: int, folder: Path) -> list[Way]:
    """All three ways at one size."""
    make(folder, people)
    with StandIn(folder / "persons.parquet") as register:
        server = register.url, register.token, register.pid
        ways = [
            asked("ours", people, "ours", folder, *server),
            asked("the plain way", PLAIN_ROWS, "plain", folder, *server),
        ]
    answers = folder / "kept"
    (folder / "ledger" / "answers").rename(answers)
    with echo(answers) as (url, pid):
        ways.append(asked("ours, the register only echoing", people, "ours", folder, url, "none", pid))
    return ways


def table(people: int, ways: list[Way]) -> str:
    """The figures of one size as Markdown."""
    ours = ways[0]
    lines = [
        f"| {people:,} subjects | rows | seconds | rows a second | client peak MB | server CPU s | ours is faster by |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {way.what} | {way.rows:,} | {way.took.seconds} | {way.rate:,.0f} | {way.took.peak_mb} | {way.server_cpu} "
        f"| {'' if way is ours else f'{ours.rate / way.rate:.2f}'} |"
        for way in ways
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print the tables, keep the numbers in ``var/bench``."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.register", description=__doc__)
    parser.add_argument("--sizes", default="1000000,10000000", help="numbers of subjects")
    found: dict[int, list[Way]] = {}
    for people in sorted({int(size) for size in parser.parse_args().sizes.split(",")}):
        with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
            found[people] = measure(people, Path(temporary))
        print(table(people, found[people]), flush=True)
    kept = Path("var/bench") / f"register-{datetime.now(UTC):%Y-%m-%dT%H%M}.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    told = {str(people): [asdict(way) for way in ways] for people, ways in found.items()}
    kept.write_text(json.dumps(told, indent=2), encoding="utf-8")
    print(f"\nKept in {kept}.")


if __name__ == "__main__":
    main()
