"""Templates of CloudFormation as plain values: read, and evaluated for parameters as CloudFormation would.

Stand-ins for AWS make less of a template than AWS does, so what matters is asked of its own text.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path(__file__).parents[2] / "deploy/cloudformation"
NAMES = ("source-account", "central")
ACCOUNT, REGION = "111122223333", "eu-west-1"
_NOTHING = object()
"""What `AWS::NoValue` stands for: the member or item is left out."""


class _Loader(yaml.SafeLoader):
    """Knows the short forms, such as `!Ref`."""


def _long_form(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        value = value.split(".", 1) if tag == "GetAtt" else value
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {"Ref" if tag == "Ref" else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _long_form)
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith("timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def path_of(name: str) -> Path:
    """Where a template is."""
    return FOLDER / f"{name}.yaml"


def read_template(name: str) -> dict[str, Any]:
    """A template, its functions in the long form."""
    template: dict[str, Any] = yaml.load(path_of(name).read_text(encoding="utf-8"), _Loader)
    return template


class Statement(NamedTuple):
    """A statement of a policy, with where it stands."""

    resource: str
    """The logical id."""
    body: dict[str, Any]

    @property
    def sid(self) -> str:
        return str(self.body["Sid"])

    def list(self, member: str) -> list[Any]:
        """A member's values, one or many."""
        value = self.body[member]
        return list(value) if isinstance(value, list) else [value]


class Stack:
    """A template evaluated for parameters.

    Parameters
    ----------
    name
        Of the template.
    given
        Parameters; those left out have their defaults.

    Examples
    --------
    >>> Stack("central", ExternalId="an-external-id-of-ours").resources["WriterRole"]["MaxSessionDuration"]
    3600
    """

    def __init__(self, name: str, *, partition: str = "aws", suffix: str = "amazonaws.com", **given: str) -> None:
        self.template = read_template(name)
        unknown = given.keys() - self.template["Parameters"].keys()
        assert not unknown, f"{name} has no {unknown}"
        self._values: dict[str, Any] = {
            "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": partition, "AWS::URLSuffix": suffix,
            "AWS::StackName": "a-stack", "AWS::NoValue": _NOTHING,
        }  # fmt: skip
        for parameter, body in self.template["Parameters"].items():
            value = given.get(parameter, body.get("Default"))
            assert value is not None, f"{name} needs {parameter}"
            self._values[parameter] = str(value).split(",") if body["Type"] == "CommaDelimitedList" else value
        self.resources: dict[str, Any] = {
            logical: self.value(body.get("Properties", {}))
            for logical, body in self.template["Resources"].items()
            if "Condition" not in body or self.holds({"Condition": body["Condition"]})
        }
        self.outputs: dict[str, Any] = {
            key: self.value(body["Value"])
            for key, body in self.template["Outputs"].items()
            if "Condition" not in body or self.holds({"Condition": body["Condition"]})
        }

    @property
    def variables(self) -> dict[str, str]:
        """Variables of the function, as they reach it."""
        found = self.resources["Function"]["Environment"]["Variables"]
        return {name: str(value) for name, value in found.items()}

    @property
    def url(self) -> str:
        """The engine's URL, as the function is told."""
        return self.variables["ODDTRAIL_URL"]

    def of_type(self, kind: str) -> dict[str, Any]:
        """Properties of the resources of a type, by logical id."""
        types = {logical: body["Type"] for logical, body in self.template["Resources"].items()}
        return {logical: body for logical, body in self.resources.items() if types[logical] == kind}

    def statements(self) -> Iterator[Statement]:
        """Every statement of every policy."""
        for logical, body in self.resources.items():
            for policy in _policies(body):
                for statement in policy["Statement"]:
                    yield Statement(logical, statement)

    def broken_rules(self) -> list[str]:
        """What the template's rules object to."""
        return [
            assertion["AssertDescription"]
            for rule in self.template.get("Rules", {}).values()
            if self.holds(rule["RuleCondition"])
            for assertion in rule["Assertions"]
            if not self.holds(assertion["Assert"])
        ]

    def holds(self, condition: Mapping[str, Any]) -> bool:
        """Whether a condition holds."""
        [(function, given)] = condition.items()
        if function == "Condition":
            return self.holds(self.template["Conditions"][given])
        if function == "Fn::Equals":
            one, other = map(self.value, given)
            return str(one) == str(other)
        if function == "Fn::Not":
            return not self.holds(given[0])
        assert function in ("Fn::And", "Fn::Or"), function
        return (all if function == "Fn::And" else any)(map(self.holds, given))

    def value(self, node: Any) -> Any:
        """A node with its functions evaluated."""
        if isinstance(node, list):
            return [value for each in node if (value := self.value(each)) is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            [(function, given)] = node.items()
            if function == "Ref":
                return self._ref(given)
            if function.startswith("Fn::"):
                return self._call(function.removeprefix("Fn::"), given)
        return {key: value for key, each in node.items() if (value := self.value(each)) is not _NOTHING}

    def _call(self, function: str, given: Any) -> Any:
        if function == "If":
            return self.value(given[1] if self.holds({"Condition": given[0]}) else given[2])
        if function == "GetAtt":
            return self._attribute(*given)
        if function == "Sub":
            return self._sub(*given) if isinstance(given, list) else self._sub(given, {})
        if function == "FindInMap":
            return self.template["Mappings"][given[0]][str(self.value(given[1]))][given[2]]
        assert function == "Join", f"teach the tests Fn::{function}"
        return str(given[0]).join(map(str, self.value(given[1])))

    def _ref(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        self._check(name)
        if self.template["Resources"][name]["Type"] == "AWS::SQS::Queue":
            return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{name}"
        return name.lower() if name == "Box" else name

    def _attribute(self, name: str, attribute: str) -> str:
        self._check(name)
        partition = self._values["AWS::Partition"]
        if attribute != "Arn":
            return name
        here = f"{REGION}:{ACCOUNT}"
        kinds = {
            "AWS::Events::Rule": f"events:{here}:rule/{name}", "AWS::IAM::Role": f"iam::{ACCOUNT}:role/{name}",
            "AWS::Lambda::Function": f"lambda:{here}:function:{name}", "AWS::S3::Bucket": f"s3:::{name.lower()}",
            "AWS::Logs::LogGroup": f"logs:{here}:log-group:{name}:*", "AWS::SQS::Queue": f"sqs:{here}:{name}",
        }  # fmt: skip
        return f"arn:{partition}:{kinds[self.template['Resources'][name]['Type']]}"

    def _check(self, name: str) -> None:
        """CloudFormation refuses a reference to what the stack does not have."""
        condition = self.template["Resources"][name].get("Condition")
        assert condition is None or self.holds({"Condition": condition}), f"{name} is not in this stack"

    def _sub(self, text: str, variables: Mapping[str, Any]) -> str:
        def replace(found: re.Match[str]) -> str:
            name = found[1]
            if name in variables:
                return str(self.value(variables[name]))
            return str(self._attribute(*name.split(".", 1)) if "." in name else self._ref(name))

        return re.sub(r"\$\{([^!}]+)\}", replace, text)


def _policies(node: Any) -> Iterator[dict[str, Any]]:
    """Policies anywhere below a node."""
    if isinstance(node, dict):
        if "Statement" in node:
            yield node
        for each in node.values():
            yield from _policies(each)
    elif isinstance(node, list):
        for each in node:
            yield from _policies(each)


EXTERNAL_ID = "an-external-id-of-ours"
SIGNED = {
    "DomainHost": "search-trails-abc.eu-central-1.es.amazonaws.com", "DomainRegion": "eu-central-1",
    "WriterRoleArn": "arn:aws:iam::444455556666:role/central-WriterRole-ABC", "ExternalId": EXTERNAL_ID,
    "CodeBucket": "our-code", "CodeKey": "oddtrail/abc.zip",
}  # fmt: skip
_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
_BUCKET = {"TrailBucket": "the-trail", "TrailKeyArn": _KEY}
_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:notices"
_VPC = {"SubnetIds": "subnet-1,subnet-2", "SecurityGroupIds": "sg-1"}
SOURCES: dict[str, dict[str, str]] = {
    "logs": SIGNED,
    "a new log group": {**SIGNED, "LogGroup": "new"},
    "bucket": {**SIGNED, **_BUCKET, "LogGroup": "none"},
    "both": {**SIGNED, **_BUCKET},
    "a topic": {**SIGNED, **_BUCKET, "Notices": "topic", "NoticeTopicArn": _TOPIC},
    "a bus": {**SIGNED, **_BUCKET, "Notices": "bus"},
    "another's bucket": {**SIGNED, **_BUCKET, "TrailBucketAccount": "444455556666"},
    "everything": {
        **SIGNED, **_BUCKET, **_VPC, "LogGroup": "new", "KeyArn": _KEY, "AlarmTopicArn": _TOPIC, "Concurrency": "none",
        "CodeBucketOfRegion": "yes", "CodeVersion": "abc", "Architecture": "x86_64", "PythonVersion": "3.12",
        "TimeoutSeconds": "900",
    },
    "another engine": {
        "EngineUrl": "elasticsearch+https://es.example.org:9200?api_key=secretsmanager:oddtrail",
        "SecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:oddtrail-AbCdEf", "SecretKeyArn": _KEY,
        "CodeBucket": "our-code", "CodeKey": "oddtrail/abc.zip",
    },
    "a parameter": {
        "EngineUrl": "opensearch+https://writer@os.example.org?password=ssm:/oddtrail/password",
        "SecretParameterArn": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/oddtrail/password",
        "CodeBucket": "our-code", "CodeKey": "oddtrail/abc.zip",
    },
}  # fmt: skip
"""Deployments of source-account.yaml that use each of its conditions, by what they are about."""
_ADMIN = {"CreateDomain": "yes", "AdminArn": f"arn:aws:iam::{ACCOUNT}:role/admin"}
CENTRES: dict[str, dict[str, str]] = {
    "this account": {"ExternalId": EXTERNAL_ID},
    "accounts": {"ExternalId": EXTERNAL_ID, "SourceAccounts": "111122223333,444455556666"},
    "an organisation": {"ExternalId": EXTERNAL_ID, "OrganizationId": "o-a1b2c3d4e5"},
    "accounts of an organisation": {
        "ExternalId": EXTERNAL_ID, "OrganizationId": "o-a1b2c3d4e5", "SourceAccounts": "444455556666",
    },
    "a new domain": {"ExternalId": EXTERNAL_ID, **_ADMIN},
    "a new domain in a VPC": {
        "ExternalId": EXTERNAL_ID, **_ADMIN, **_VPC, "DomainKeyArn": _KEY, "AlarmTopicArn": _TOPIC,
    },
}  # fmt: skip
"""The same of central.yaml."""
STACKS = [("source-account", about) for about in SOURCES] + [("central", about) for about in CENTRES]


def a_stack(name: str, about: str) -> Stack:
    """A deployment of the tables."""
    return Stack(name, **(SOURCES if name == "source-account" else CENTRES)[about])
