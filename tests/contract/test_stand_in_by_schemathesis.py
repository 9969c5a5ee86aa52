"""Requests made from the contract, good and bad, and every answer held against it."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pyarrow as pa
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.specs.openapi.checks import negative_data_rejection

from orchestration import population
from orchestration.simulator.process import StandIn

CONTRACT = Path(str(population.__file__)).parent / "contract" / "openapi.yaml"


ROW = b'{"row_ref": "1", "SoDinhDanh": "001190000001"}\n'
PACKED = {"gzip": gzip.compress(ROW, mtime=0), "zstd": pa.compress(ROW, "zstd", asbytes=True)}


@schemathesis.serializer("application/x-ndjson")
def _as_it_is(context: object, value: object) -> bytes:
    """Bodies are bytes already; no generator packs a batch, so good requests are given one."""
    return value if isinstance(value, bytes) else str(value).encode()


schema = schemathesis.openapi.from_path(CONTRACT)


@schema.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_the_contract_knows(case: Case[object], stand_in: StandIn) -> None:
    is_made_good = case.method == "POST" and case.meta is not None and case.meta.generation.mode.is_positive
    if is_made_good:
        case.body = PACKED[case.headers["Content-Encoding"]]
        case.headers["Idempotency-Key"] = hashlib.sha256(ROW).hexdigest()
    case.call_and_validate(
        base_url=stand_in.url,
        headers={"Authorization": f"Bearer {stand_in.token}"},
        timeout=20,
        excluded_checks=[negative_data_rejection] if is_made_good else [],
    )
