"""Fields that share are found in service models."""

from types import SimpleNamespace
from typing import Any

import pytest

from scripts.make_sharing_fields import TARGET, find_all, find_fields, find_paths, render


def a_scalar() -> Any:
    return SimpleNamespace(type_name="string", name="String")


def a_structure(name: str, **members: Any) -> Any:
    return SimpleNamespace(type_name="structure", name=name, members=members)


def a_list(member: Any) -> Any:
    return SimpleNamespace(type_name="list", name="List", member=member)


def test_paths_pass_through_lists_and_end_where_a_shape_holds_itself() -> None:
    inner = a_structure("Inner", UserId=a_scalar())
    inner.members["Again"] = inner
    shape = a_structure("Request", Add=a_list(inner), Name=a_scalar())
    assert list(find_paths(shape)) == [("add", "userid"), ("name",)]


def test_fields_share_by_their_name_or_by_the_table() -> None:
    shape = a_structure("Request", ResourcePolicy=a_scalar(), AccountIdsToAdd=a_scalar(), TlsPolicy=a_scalar())
    assert find_fields("new", "PutThing", shape) == {"resourcepolicy"}
    assert find_fields("ssm", "ModifyDocumentPermission", shape) == {"resourcepolicy", "accountidstoadd"}


def test_the_committed_file_is_what_the_script_makes_of_the_same_models() -> None:
    botocore = pytest.importorskip("botocore")
    text = TARGET.read_text(encoding="utf-8")
    if f"# botocore {botocore.__version__}," not in text:
        pytest.skip("the file is of another version of the models")
    assert text == render(find_all(), botocore.__version__)
