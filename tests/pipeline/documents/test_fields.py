"""docs/documents.md says what documents are: each field with type and meaning, each bound, each name of a secret."""

import re
from pathlib import Path

import pytest

from pipeline.documents import document, flat, members
from pipeline.documents.alert_fields import ALERT_FIELDS
from pipeline.documents.document import Naming
from pipeline.documents.fields import EVENT_FIELDS
from pipeline.documents.receipt_fields import RECEIPT_FIELDS
from pipeline.documents.roles import make_opensearch_roles
from pipeline.documents.secret_name import ENDINGS
from pipeline.documents.template import PRIORITY
from pipeline.documents.trail import PRUNED
from tests.pipeline.documents.test_searches import SEARCHES

PAGE = (Path(__file__).parents[3] / "docs/documents.md").read_text(encoding="utf-8")


def rows(header):
    """Cells of all tables with this header."""
    tables = re.findall(rf"^\| {re.escape(header)} \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [
        tuple(cell.strip() for cell in line.strip("|").split("|")) for table in tables for line in table.splitlines()
    ]


def test_the_page_lists_every_field_with_its_type_and_meaning():
    listed = rows("field | type | meaning")
    fields = (*EVENT_FIELDS, *ALERT_FIELDS, *RECEIPT_FIELDS)
    assert listed == [(f"`{field.name}`", field.type, field.meaning) for field in fields]


@pytest.mark.parametrize(
    ("what", "most"),
    [
        ("the record in `@message`", document.LONGEST_MESSAGE),
        ("a text of a known field", members.LONGEST_TEXT),
        ("a leaf of a free-form field", flat.LONGEST_LEAF),
        ("a name in it", flat.LONGEST_NAME),
        ("levels in it", flat.DEEPEST),
        ("leaves in it", flat.MOST_LEAVES),
        ("characters of all its texts", flat.MOST_CHARACTERS),
    ],
)
def test_the_page_tells_every_bound(what, most):
    said = dict(rows("what | at most"))[what]
    assert said.startswith(f"{most:,}")


def test_the_page_tells_every_ending_of_a_secrets_name_and_what_is_pruned():
    for name in (*ENDINGS, *PRUNED):
        assert f"`{name}`" in PAGE


def test_the_page_tells_the_roles_and_the_priority():
    assert [cells[0].strip("`") for cells in rows("role | events and quarantine | alerts")] == [
        role.name for role in make_opensearch_roles(Naming())
    ]
    assert f"priority {PRIORITY}" in PAGE


def test_the_fields_of_the_pages_searches_are_those_that_are_tested():
    tested = str(SEARCHES)
    for _, query in rows("question | query"):
        for field in re.findall(r"[a-z_]+(?:\.[a-zA-Z_]+)+(?=:)", query):
            assert field in tested, field
