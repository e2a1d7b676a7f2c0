"""Decode many records so that what nearly all of them say is one object: a version, a type, a region, a service.

Such a value need not be made anew for each record, nor hashed again when its call is looked up. A record with any other
value is decoded as ever, and is as good.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from features.record.cloudtrail import Record, decode_record

_REGIONS: Final = """
    af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
    ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1
    cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3
    il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1
    us-west-1 us-west-2
"""
_SERVICES: Final = """
    access-analyzer acm apigateway application-autoscaling athena autoscaling backup batch bedrock cloudformation
    cloudfront cloudtrail codebuild codecommit codedeploy codepipeline cognito-idp config dynamodb ec2 ecr ecs eks
    elasticache elasticfilesystem elasticloadbalancing elasticmapreduce es events firehose glue guardduty health iam
    inspector2 kafka kinesis kms lambda logs macie2 monitoring organizations ram rds redshift resource-explorer-2
    route53 s3 sagemaker secretsmanager securityhub servicecatalog signin sns sqs ssm ssmmessages sso states sts support
    tagging trustedadvisor wafv2
"""
_USUAL: Final[Mapping[str, Sequence[str]]] = {
    "event_version": [f"1.{minor:02}" for minor in range(12)],
    "event_type": ["AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsVpceEvent"],
    "event_category": ["Management", "Data", "NetworkActivity"],
    "aws_region": _REGIONS.split(),
    "event_source": [f"{service}.amazonaws.com" for service in _SERVICES.split()],
}
"""By field, what nearly all records say."""


def _type_of(field: msgspec.structs.FieldInfo) -> Any:
    values = _USUAL.get(field.name)
    return field.type if values is None else Literal[tuple(values)] | None


_Usual = msgspec.defstruct(
    "_Usual",
    [
        (field.name, _type_of(field), msgspec.field(default=field.default, name=field.encode_name))
        for field in msgspec.structs.fields(Record)
    ],
    gc=False,
)
"""A `Record` that says nothing else."""
_decode = msgspec.json.Decoder(_Usual).decode


def decode_records(raws: Sequence[bytes | msgspec.Raw]) -> list[Any]:
    """Decode records, each to a `Record` or to what has the same fields.

    Raises
    ------
    msgspec.DecodeError
        One of them is no record.

    Examples
    --------
    >>> one, other = decode_records([b'{"awsRegion": "eu-west-1"}', b'{"awsRegion": "mars-1"}'])
    >>> one.aws_region, other.aws_region
    ('eu-west-1', 'mars-1')
    """
    records: list[Any] = []
    left = iter(raws)
    while True:
        try:
            records += map(_decode, left)  # what was decoded before one that cannot be stays
        except msgspec.ValidationError:
            records.append(decode_record(raws[len(records)]))
        else:
            return records
