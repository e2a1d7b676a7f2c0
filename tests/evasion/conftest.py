"""The company is made once a run, whoever of the workers comes first."""

import pytest

from tests.evasion.company import Company


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    return Company.made(shared / "evasion")
