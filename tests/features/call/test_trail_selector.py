"""What event selectors leave out."""

from typing import Any

import pytest

from features.call.trail_selector import leaves_out


def fields(*named: tuple[str, list[str]]) -> dict[str, Any]:
    """An advanced selector of fields that equal something."""
    return {"fieldSelectors": [{"field": field, "equals": values} for field, values in named]}


MANAGEMENT = ("eventCategory", ["Management"])
DATA = ("eventCategory", ["Data"])


def advanced(*selectors: object) -> dict[str, Any]:
    return {"trailName": "t", "advancedEventSelectors": list(selectors)}


def classic(*selectors: object) -> dict[str, Any]:
    return {"trailName": "t", "eventSelectors": list(selectors)}


@pytest.mark.parametrize(
    "request_",
    [
        classic(),
        classic({"readWriteType": "ReadOnly"}),
        classic({"readWriteType": "WriteOnly", "includeManagementEvents": True}),
        classic({"readWriteType": "All", "includeManagementEvents": False}),
        classic({"ReadWriteType": "All", "IncludeManagementEvents": "False"}),
        classic({"includeManagementEvents": False}, {"readWriteType": "WriteOnly"}),
        classic({"readWriteType": "All", "excludeManagementEventSources": ["kms.amazonaws.com"]}),
        advanced(),
        advanced(fields(DATA)),
        advanced(fields(DATA, ("resources.type", ["AWS::S3::Object"]))),
        advanced(fields(("eventCategory", ["NetworkActivity"]))),
        advanced(fields(MANAGEMENT, ("readOnly", ["true"]))),
        advanced(fields(MANAGEMENT, ("readOnly", ["false"])), fields(DATA)),
        advanced(fields(MANAGEMENT, ("eventName", ["RunInstances"]))),
        advanced({"fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]},
                                     {"field": "eventSource", "notEquals": ["kms.amazonaws.com"]}]}),
        advanced({"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}),
        advanced(fields(MANAGEMENT), {"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]},
                                                         {"field": "resources.ARN", "notStartsWith": ["arn:x"]}]}),
        advanced({"fieldSelectors": [{"field": "eventName", "notEquals": ["CreateUser"]}]}),
        {"eventSelectors": [], "advancedEventSelectors": []},
    ],
)  # fmt: skip
def test_selectors_that_leave_something_out(request_: object) -> None:
    assert leaves_out(request_)


@pytest.mark.parametrize(
    "request_",
    [
        classic({}),
        classic({"readWriteType": "All", "includeManagementEvents": True, "excludeManagementEventSources": []}),
        classic({"readWriteType": "ReadOnly"}, {"readWriteType": "WriteOnly"}),
        classic({"readWriteType": "All"}, {"readWriteType": "WriteOnly", "includeManagementEvents": False}),
        advanced(fields(MANAGEMENT)),
        advanced(fields(DATA, ("readOnly", ["false"])), fields(MANAGEMENT)),
        advanced(fields(("eventCategory", ["Management", "Data"]))),
        advanced(fields(MANAGEMENT, ("readOnly", ["true"])), fields(MANAGEMENT, ("readOnly", ["false"]))),
        advanced(fields(("eventCategory", ["ConfigurationItem"]))),
        {"trailName": "t", "advancedEventSelectors": [fields(MANAGEMENT)], "eventSelectors": []},
        {"name": "lake", "retentionPeriod": 90},
        {},
        None,
        [],
    ],
)
def test_selectors_that_leave_nothing_out(request_: object) -> None:
    assert not leaves_out(request_)


@pytest.mark.parametrize(
    "request_",
    [classic(None), classic("x"), advanced(None), advanced({"fieldSelectors": [None, {"field": ["x"], "equals": 3}]})],
)
def test_odd_selectors_raise_nothing(request_: object) -> None:
    assert leaves_out(request_) in (True, False)
