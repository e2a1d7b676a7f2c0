"""The fields of many records, a column a field, so that a pass over one field touches nothing else."""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
from msgspec.structs import astuple

from features.record.cloudtrail import Record

Texts = Sequence[str | None]
Raws = Sequence[msgspec.Raw]


class Fields(NamedTuple):
    """Columns with the names and in the order of the fields of `Record`; a row a record."""

    event_version: Texts
    event_time: Texts
    event_source: Texts
    event_name: Texts
    event_type: Texts
    event_category: Texts
    event_id: Texts
    shared_event_id: Texts
    aws_region: Texts
    source_ip_address: Texts
    user_agent: Texts
    error_code: Texts
    error_message: Texts
    read_only: Sequence[bool | None]
    recipient_account_id: Texts
    vpc_endpoint_id: Texts
    user_identity: Raws
    request_parameters: Raws
    response_elements: Raws
    additional_event_data: Raws
    resources: Raws
    addendum: Raws
    tls_details: Raws
    service_event_details: Raws

    @classmethod
    def of(cls, records: Sequence[Record]) -> "Fields":
        """Turn records, one at least, into columns.

        >>> Fields.of([Record(event_name="GetObject"), Record(event_name="PutObject")]).event_name
        ('GetObject', 'PutObject')
        """
        return cls._make(zip(*map(astuple, records), strict=True))
