"""What a document says of who called, from where and with what."""

import json

import pytest

from pipeline.documents.document import DocumentMaker
from pipeline.enrich.networks import Networks
from pipeline.enrich.place import Place
from tests.pipeline.documents.making import at, body, documents
from tests.pipeline.ingest.records import ACCOUNT, a_record

ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
ASSUMED = {
    "type": "AssumedRole", "principalId": "AROAEXAMPLEDEPLOY:build", "accountId": ACCOUNT, "accessKeyId": "ASIAEXAMPLE",
    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/build",
    "sessionContext": {
        "sessionIssuer": {
            "type": "Role", "principalId": "AROAEXAMPLEDEPLOY", "arn": ROLE, "accountId": ACCOUNT, "userName": "deploy",
        },
        "attributes": {"creationDate": "2026-03-02T11:00:00Z", "mfaAuthenticated": "false"},
    },
}  # fmt: skip


class Somewhere:
    """Everything lies in Linköping."""

    def place(self, address):
        return Place("SE", "Linköping", 58.4, 15.6, 29518, "Bredband2 AB")


CITY = {
    "continent": {"names": {"en": "Europe"}},
    "country": {"iso_code": "SE", "names": {"en": "Sweden"}},
    "subdivisions": [{"iso_code": "E", "names": {"en": "Östergötland County"}}],
    "city": {"names": {"en": "Linköping"}},
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("user.id", "AROAEXAMPLEDEPLOY:build"),
        ("user.name", "deploy"),
        ("user.entity.id", ROLE),
        ("related.user", ["deploy"]),
        ("related.ip", ["203.0.113.7"]),
        ("aws.cloudtrail.user_identity.type", "AssumedRole"),
        ("aws.cloudtrail.user_identity.arn", ASSUMED["arn"]),
        ("aws.cloudtrail.user_identity.access_key_id", "ASIAEXAMPLE"),
        ("aws.cloudtrail.user_identity.session_context.mfa_authenticated", "false"),
        ("aws.cloudtrail.user_identity.session_context.creation_date", "2026-03-02T11:00:00Z"),
        ("aws.cloudtrail.user_identity.session_context.session_issuer.type", "Role"),
        ("aws.cloudtrail.user_identity.session_context.session_issuer.principal_id", "AROAEXAMPLEDEPLOY"),
        ("aws.cloudtrail.user_identity.session_context.session_issuer.arn", ROLE),
        ("aws.cloudtrail.user_identity.session_context.session_issuer.account_id", ACCOUNT),
        ("oddtrail.principal", f"role/{ACCOUNT}/AROAEXAMPLEDEPLOY"),
        ("oddtrail.session", "ASIAEXAMPLE/2026-03-02T11:00:00Z"),
        ("oddtrail.mfa", False),
        ("oddtrail.address_kind", "public"),
        ("oddtrail.prefix", "203.0.113.0/24"),
        ("source.address", "203.0.113.7"),
        ("source.ip", "203.0.113.7"),
        ("source.geo.city_name", "Linköping"),
        ("source.geo.country_iso_code", "SE"),
        ("source.geo.country_name", "Sweden"),
        ("source.geo.continent_name", "Europe"),
        ("source.geo.region_iso_code", "SE-E"),
        ("source.geo.region_name", "Östergötland County"),
        ("source.geo.location", {"lat": 58.4, "lon": 15.6}),
        ("source.as.number", 29518),
        ("source.as.organization.name", "Bredband2 AB"),
        ("geoInfo", CITY),
        ("user_agent.original", "aws-cli/2.15.0"),
        ("user_agent.name", "aws-cli"),
        ("user_agent.version", "2.15.0"),
    ],
)
def test_a_role_and_where_it_called_from(path, value):
    document = body(a_record(userIdentity=ASSUMED), geo=Somewhere(), maker=DocumentMaker(geo_info=lambda address: CITY))
    assert at(document, path) == value


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("AWS Internal", None),
        ("ec2.amazonaws.com", None),
        ("1.2.3.4, 5.6.7.8", "5.6.7.8"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8::1%eth0", "2001:db8::1"),
        ("203.0.113.7\n", "203.0.113.7"),
        ("999.1.1.1", None),
        ("x" * 40_000, None),
    ],
)
def test_an_address_is_one_only_where_it_is(address, ip):
    document = body(a_record(sourceIPAddress=address))
    assert at(document, "source.ip") == ip
    assert at(document, "source.address") == address[:256]


def test_only_public_addresses_are_asked_for():
    asked = []
    maker = DocumentMaker(geo_info=asked.append)
    documents(*[a_record(sourceIPAddress=each) for each in ("10.1.2.3", "AWS Internal", "203.0.113.7")], maker=maker)
    assert asked == ["203.0.113.7"]


def test_an_own_network_is_named():
    document = body(a_record(sourceIPAddress="10.1.2.3"), networks=Networks.of([("10.0.0.0/8", "office")]))
    assert at(document, "oddtrail.network") == "office"


def test_what_is_remembered_of_addresses_ends_with_the_database():
    class Changing:
        generation = next_generation = 1

        def refresh(self):
            self.generation = self.next_generation

        def __call__(self, address):
            return {"city": {"geoname_id": self.generation}}

    infos = Changing()
    maker = DocumentMaker(geo_info=infos)
    first = body(a_record(), maker=maker)
    infos.next_generation = 2
    second = body(a_record(), maker=maker)
    assert [at(each, "geoInfo.city.geoname_id") for each in (first, second)] == [1, 2]


@pytest.mark.parametrize(
    "identity",
    [None, {}, {"type": "IAMUser", "userName": "a" * 40_000}, {"type": 3, "sessionContext": "x"}],
)
def test_an_odd_identity_still_makes_a_document(identity):
    record = a_record(userIdentity=identity)
    (document,) = documents(record)
    assert len(document.body) < 60_000 + len(json.dumps(record))
