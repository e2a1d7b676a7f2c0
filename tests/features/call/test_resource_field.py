"""The table of request fields that name resources."""

from features.call.action import ActionCatalogue
from features.call.resource_field import BY_CALL, FIELDS

READS = {"inside:", "keys:", "targets:", "arn:", "id:", "copied:"}
"""How fields are read that name no one type."""


def test_the_forty_most_used_services_have_fields() -> None:
    assert len(FIELDS) >= 40
    assert all(FIELDS.values())


def test_types_are_plain_words() -> None:
    tables = [*FIELDS.values(), *(fields for _, _, fields in BY_CALL)]
    types = {type_ for fields in tables for type_ in fields.values()}
    assert {type_ for type_ in types if type_.endswith(":")} == READS
    assert all(type_.replace("_", "").isalnum() and type_.islower() for type_ in types - READS)


def test_fields_and_services_are_written_as_in_records() -> None:
    catalogue = ActionCatalogue({"services": {}}, {"actions": {}})
    assert all(catalogue.look_up(f"{service}.amazonaws.com", "X", None).service == service for service in FIELDS)
    fields = {field for fields in FIELDS.values() for field in fields}
    assert all(field[0].islower() and (field.isalnum() or field.startswith("x-amz-")) for field in fields)


def test_a_continued_line_belongs_to_the_service_above() -> None:
    assert (FIELDS["ssm"]["name"], FIELDS["ssm"]["documentName"]) == ("parameter", "document")
    assert (FIELDS["ec2"]["instanceId"], FIELDS["ec2"]["transitGatewayId"]) == ("instance", "transit_gateway")


def test_exceptions_are_of_services_in_the_table() -> None:
    assert {service for service, _, _ in BY_CALL} <= FIELDS.keys()
    for service, _, fields in BY_CALL:
        assert all(FIELDS[service].get(field) != type_ for field, type_ in fields.items()), "it is no exception"
