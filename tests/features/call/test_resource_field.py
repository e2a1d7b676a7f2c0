"""The table of request fields that name resources."""

from features.call.action import ActionCatalogue
from features.call.resource_field import FIELDS, SETS, TYPES_BY_CALL


def test_the_forty_most_used_services_have_fields() -> None:
    assert len(FIELDS) >= 40
    assert all(FIELDS.values())


def test_types_are_plain_words() -> None:
    types = {type_ for fields in FIELDS.values() for type_ in fields.values()} | set(TYPES_BY_CALL.values())
    assert all(type_.replace("_", "").isalpha() and type_.islower() for type_ in types)


def test_fields_and_services_are_written_as_in_records() -> None:
    catalogue = ActionCatalogue({"services": {}}, {"actions": {}})
    assert all(catalogue.look_up(f"{service}.amazonaws.com", "X", None).service == service for service in FIELDS)
    assert all(field.isalnum() and field[0].islower() for fields in FIELDS.values() for field in fields)


def test_a_continued_line_belongs_to_the_service_above() -> None:
    assert (FIELDS["ssm"]["name"], FIELDS["ssm"]["documentName"]) == ("parameter", "document")
    assert (FIELDS["ec2"]["instanceId"], FIELDS["ec2"]["transitGatewayId"]) == ("instance", "transit_gateway")


def test_exceptions_are_of_services_in_the_table() -> None:
    assert {service for service, _ in TYPES_BY_CALL} <= FIELDS.keys()
    assert not {name for fields in FIELDS.values() for name in fields} & set(SETS)
