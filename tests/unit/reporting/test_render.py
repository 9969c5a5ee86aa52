"""The page holds every figure, is valid, self-contained HTML, and escapes what letters and packages say."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from orchestration.reporting.letters import parse_letters
from orchestration.reporting.render import day, in_tree_order, moment, number, render_page, signed
from orchestration.reporting.report import Report

VOID = {"meta", "link", "br", "hr", "img", "input"}
SEAL = "0123456789abcdef" * 4


class Judge(HTMLParser):
    """Notes unbalanced tags, ids, attributes that load something, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if len({name for name, _ in attrs}) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        if tag == "p" and "p" in self.open:
            self.faults.append("p inside p")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unexpected </{tag}>")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@pytest.fixture
def page(report: Report) -> str:
    return render_page(report.statement(), SEAL)


def test_the_page_holds_every_figure_and_number(page: str, report: Report) -> None:
    judge = Judge(page)
    for counted in report.figures:
        assert counted.figure.id in judge.ids
        assert number(counted.subjects) in page
        assert number(counted.doses) in page
        assert counted.digest in page
    assert SEAL in page
    assert all(delivery.bag_sha256 in page for delivery in report.deliveries)


def test_the_page_is_balanced_html_with_unique_ids(page: str) -> None:
    judge = Judge(page)
    assert page.startswith("<!doctype html>\n")
    assert judge.faults == []
    assert len(set(judge.ids)) == len(judge.ids)
    references = {attrs["aria-labelledby"] for _, attrs in judge.tags if "aria-labelledby" in attrs}
    links = {(attrs["href"] or "")[1:] for _, attrs in judge.tags if "href" in attrs}
    assert references | links <= set(judge.ids)


def test_the_page_runs_nothing_and_loads_nothing(page: str) -> None:
    assert "<script" not in page.lower()
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|url\(|@import|https?:|\son\w+=""", page)
    assert "default-src 'none'" in page


def test_the_page_tells_its_languages_and_its_table_headers(page: str) -> None:
    judge = Judge(page)
    html = next(attrs for tag, attrs in judge.tags if tag == "html")
    headers = [attrs for tag, attrs in judge.tags if tag == "th"]
    assert html["lang"] == "vi"
    assert any(attrs.get("lang") == "en" for _, attrs in judge.tags)
    assert all(attrs.get("scope") in {"col", "row"} for attrs in headers)


def test_an_unexplained_difference_is_said_to_be_so(report: Report) -> None:
    (letter,) = parse_letters(
        b"figures: {sent: {doses: 200}, with_id: {doses: 33, part_of: sent}}", "letter.yml"
    )
    page = render_page(replace(report, letter=letter).statement(), SEAL)
    assert "Không có một cách sửa duy nhất" in page
    assert "lệch <strong>−167</strong>" in page


def test_an_explained_finding_names_the_correction(report: Report) -> None:
    (letter,) = parse_letters(
        b"figures: {with_id: {subjects: 72399}, with_id_correct: {subjects: 56706, part_of: with_id}, "
        b"with_id_wrong: {subjects: 15963, part_of: with_id}}",
        "letter.yml",
    )
    page = render_page(replace(report, letter=letter).statement(), SEAL)
    words = " ".join("".join(Judge(page).words).split())
    assert "in 15.963, đúng ra là 15.693 (hai chữ số bị đổi chỗ)" in words
    assert "lệch +270" in words
    assert page.count('class="mark"') == 1


def test_without_a_letter_the_page_says_that_none_was_audited(report: Report) -> None:
    page = render_page(replace(report, letter=None).statement(), SEAL)
    assert Judge(page).faults == []
    assert "No letter was given" in page
    assert "In the letter" not in page


def test_a_rule_that_did_not_pass_is_named(page: str) -> None:
    assert '<span class="failed">SUB-ID-03</span> (warning)' in page


def test_hostile_words_are_shown_as_words(report: Report) -> None:
    (letter,) = parse_letters(
        b"source: '<script>alert(1)</script>'\nfigures: {on_system: {subjects: 5}, "
        b"'</p><img src=x>': {subjects: 4, part_of: on_system}}",
        "letter.yml",
    )
    page = render_page(replace(report, letter=letter).statement(), SEAL)
    assert Judge(page).faults == []
    assert "<script" not in page
    assert "<img" not in page


def test_figures_stand_under_their_parents() -> None:
    names = {"a": None, "b": "a", "c": "a", "d": "b", "e": "c", "f": "b"}
    figures = [{"id": id_, "part_of": parent, "subjects": 50} for id_, parent in names.items()]
    ordered = in_tree_order(figures)
    assert [(figure["id"], figure["depth"]) for figure in ordered] == [
        ("a", 0),
        ("b", 1),
        ("d", 2),
        ("f", 2),
        ("c", 1),
        ("e", 2),
    ]


@pytest.mark.parametrize(
    ("value", "plain", "with_sign"),
    [
        (0, "0", "0"),
        (999, "999", "+999"),
        (82_958, "82.958", "+82.958"),
        (82_957_967, "82.957.967", "+82.957.967"),
        (-270_000, "−270.000", "−270.000"),
    ],
)
def test_numbers_are_written_in_vietnamese_style(value: int, plain: str, with_sign: str) -> None:
    assert (number(value), signed(value)) == (plain, with_sign)


def test_days_are_written_in_vietnamese_style() -> None:
    assert [day(text) for text in ("2022-04-05", "2022-03", "quý I")] == ["05/04/2022", "03/2022", "quý I"]
    assert moment("2022-04-05T23:59:59+07:00") == "05/04/2022 23:59:59 +07:00"
