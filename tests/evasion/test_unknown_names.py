"""What a list of names does not know: new services, another spelling, a change that says it only reads."""

import pytest

from tests.evasion.attack import a_call, at
from tests.evasion.company import Company
from tests.evasion.neighbours import PEOPLE, someone


@pytest.mark.parametrize("name", ["cloudtrail:StopLogging", "cloudtrail:stoplogging", "CloudTrail:STOPLOGGING"])
def test_another_spelling(company: Company, name: str) -> None:
    """Cost: none, were the name the caller's to spell. It buys nothing."""
    verdict = company.judge([a_call(someone(company.account, PEOPLE[0]), name, at(10), readOnly=True)])
    assert verdict.found, verdict.tell()


@pytest.mark.parametrize("read_only", [True, False, None, ...])
def test_a_change_weighs_the_same_whatever_read_only_says(company: Company, read_only: object) -> None:
    """Cost: none, were it the caller's to say. It buys nothing where the name is known, or plainly a change's."""
    ana = someone(company.account, PEOPLE[0])
    known = a_call(ana, "iam:UpdateAssumeRolePolicy", at(10), readOnly=read_only)
    unknown = a_call(ana, "quantumvault:PutVaultPolicy", at(10, 5), readOnly=read_only)
    verdict = company.judge([known, unknown])
    assert verdict.names(known), verdict.tell()
    told = {reason.value: reason.dimension for alert in verdict.showing for reason in alert.reasons}
    assert told["quantumvault:PutVaultPolicy"] == "write"


def test_a_service_that_nobody_knows(company: Company) -> None:
    """Cost: to find a service that harms, that nobody here uses and no list names. Several changes of it are told; one
    of them weighs as a change by its verb, which the day's cut may be above.
    """
    ana = someone(company.account, PEOPLE[0])
    names = ("ShareVault", "PutVaultPolicy", "DeleteVault")
    one = company.judge([a_call(ana, f"quantumvault:{names[2]}", at(10))])
    print(f"one deletion in a service that nobody knows is {'told' if one.found else 'hidden'}: one change, no more")
    services = ("quantumvault", "quantumrelay", "quantumstore")
    calls = [a_call(ana, f"{service}:{name}", at(10 + n)) for n, service in enumerate(services) for name in names]
    verdict = company.judge(calls)
    assert verdict.found, verdict.tell()


def test_a_change_whose_name_tells_nothing_and_that_says_it_only_reads(company: Company) -> None:
    """Cost: that AWS names a change so, and marks it as a read. It is then a new read: 3 to 5 nats, told with more."""
    ana = someone(company.account, PEOPLE[0])
    odd = [a_call(ana, f"quantum{n}:Foo", at(10, n), readOnly=True) for n in range(2)]
    assert not company.judge(odd[:1]).found
    told = company.judge([*odd, a_call(ana, "iam:UpdateAssumeRolePolicy", at(11))])
    assert told.names(odd[0]), told.tell()
    print("one call that AWS itself calls a read stays hidden, whatever it does")
