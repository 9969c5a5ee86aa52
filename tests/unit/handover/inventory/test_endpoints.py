"""An endpoint is looked for in any spelling that a framework may give it, and only where there is source."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handover.inventory.documents import Document, inventory_documents
from handover.sealed import SealedDelivery

API = "# API\n\n| GET | /api/v1/doi-tuong/{id}/mui-tiem?x= |\n"
PATH = "documents/support/design.md"


@pytest.fixture
def traced(deliver: Callable[..., SealedDelivery], declaration: str) -> Callable[..., Document]:
    """A function from source files to the API document that was looked for in them."""

    def traced(**source: str) -> Document:
        files = {f"source/support/{name.replace('_', '.')}": text.encode() for name, text in source.items()}
        text = declaration.replace("kind: design", "kind: api")
        (found,) = inventory_documents(deliver(files | {PATH: API.encode()}, text))
        return found

    return traced


@pytest.mark.parametrize(
    "code",
    [
        '@RequestMapping("/api/v1/doi-tuong") @GetMapping("/{id}/mui-tiem")',
        "path('doi_tuong/<int:id>/mui_tiem', view)",
        "class DoiTuongController { MuiTiem[] muiTiem(int id) }",
        "resources :doi_tuongs do resources :mui_tiems end",
    ],
)
def test_an_endpoint_is_found_as_frameworks_write_it(traced: Callable[..., Document], code: str) -> None:
    found = traced(A_java=code)
    assert (found.is_traced, found.findings) == (True, ())


def test_an_endpoint_may_be_put_together_of_two_files(traced: Callable[..., Document]) -> None:
    assert traced(a_py="'/doi-tuong'", b_py="'/mui-tiem'").findings == ()


def test_an_endpoint_that_the_source_does_not_know(traced: Callable[..., Document]) -> None:
    found = traced(A_java='@GetMapping("/doi-tuong")', README_md="GET /api/v1/doi-tuong/1/mui-tiem")
    message = "names /api/v1/doi-tuong/{id}/mui-tiem, which the source doesn't know"
    assert [(each.id, each.message) for each in found.findings] == [("HND-DOC-17", message)]
    assert found.is_traced


def test_without_source_nothing_is_judged(traced: Callable[..., Document]) -> None:
    found = traced(README_md="nothing")
    assert (found.is_traced, found.findings) == (False, ())
