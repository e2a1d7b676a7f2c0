"""What a document says of a caller: written once for each identity, credential, address and tool."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from features.call.address import parse_address
from features.normalise.memo import Memo
from features.normalise.normalised import OF_CALLER
from pipeline.documents.agent import describe_agent
from pipeline.documents.members import bound, join, keep, nest, write_members
from pipeline.documents.redact import hide, hide_in_text
from pipeline.enrich.place import Place
from pipeline.enrich.places import Places

GeoInfo: TypeAlias = Callable[[str], Mapping[str, Any] | None]
"""The record of an address in the shape of a GeoLite2 City record; None where nothing is known.

What is asked may have a `generation`, a number that changes when its answers do, and a `refresh` that looks for it.
"""
CallerKey: TypeAlias = tuple[bytes, tuple[Any, ...]]
"""The identity as delivered, and the values of OF_CALLER."""
_MOST_CALLERS: Final = 16_384
_OURS: Final = frozenset(
    {
        "principal", "principal_name", "kind", "rule", "identity", "permission_set", "actor", "session",
        "session_class", "session_name", "mfa", "address_kind", "prefix",
    }
)  # fmt: skip
"""Columns that stand under `oddtrail.` by their own names."""
_WITH_ADDRESS: Final = ("public", "private", "vpc_endpoint")


class Caller(NamedTuple):
    """Members of a document."""

    document: bytes
    """ECS's `source` and `user_agent`, and `geoInfo`."""
    identity: bytes
    """Of `aws.cloudtrail`: `user_identity`."""
    ours: bytes
    """Of `oddtrail`."""
    user: dict[str, Any]
    """ECS's `user`, for a call that has a target."""
    users: tuple[str, ...]
    """Names of `related.user`."""
    ips: tuple[str, ...]
    """Addresses of `related.ip`."""
    people: bytes
    """ECS's `user` and `related`, for a call that has no target."""
    clean: bool
    """Nothing in it had to be hidden."""


class Callers:
    """Knows callers, and remembers them for as long as what is known of addresses stays the same."""

    def __init__(self, geo_info: GeoInfo) -> None:
        self._geo_info = geo_info
        self._places: Places | None = None
        self._generation: object = None
        self._known: Memo[CallerKey, Caller] = Memo(self._make, _MOST_CALLERS)

    def known(self, places: Places) -> Memo[CallerKey, Caller]:
        """Callers by what their records say, with the places of their addresses."""
        if refresh := getattr(self._geo_info, "refresh", None):
            refresh()
        generation = getattr(self._geo_info, "generation", None)
        if places is not self._places or generation != self._generation:
            self._known.clear()
            self._places, self._generation = places, generation
        return self._known

    def _make(self, key: CallerKey) -> Caller:
        delivered, columns = key
        row = {
            name: value
            for names, values in zip(OF_CALLER, columns, strict=True)
            for name, value in zip(names, values, strict=True)
        }
        identity, clean = _read_identity(delivered)
        agent = hide_in_text(row["user_agent"])
        source, geo_info, network = self._locate(row["address"], row["address_kind"])
        user = _user(row, identity)
        ours = {name: value for name, value in row.items() if name in _OURS} | {
            "agent": row["agent"],
            "network": network,
        }
        users = tuple(
            dict.fromkeys(filter(None, (user.get("name"), _text(identity, "userName"), row["principal_name"])))
        )
        ips = (source["ip"],) if "ip" in source else ()
        described = {"original": agent, "name": row["agent"]} | describe_agent(agent) if agent else {}
        document = write_members({"source": source, "user_agent": described, "geoInfo": geo_info})
        return Caller(
            document,
            nest(b"user_identity", write_members(_describe_identity(identity))),
            write_members(ours),
            user,
            users,
            ips,
            join(write_members({"user": user}), write_members({"related": keep({"user": users, "ip": ips})})),
            clean and agent == row["user_agent"],
        )

    def _locate(self, address: str, kind: str) -> tuple[dict[str, Any], Mapping[str, Any], str]:
        """ECS's `source`, the geo record, and the name of the own network of an address."""
        if not address:
            return {}, {}, ""
        assert self._places is not None
        place, network = self._places.find(address, kind)
        ip = parse_address(address).ip if kind in _WITH_ADDRESS else ""
        record = (self._geo_info(ip) if ip and kind == "public" else None) or {}
        source = {
            "address": address, "ip": ip, "geo": _geo(place, record),
            "as": keep({"number": place.asn or None, "organization": keep({"name": place.organisation})}),
        }  # fmt: skip
        return keep(source), record, network


def _geo(place: Place, record: Mapping[str, Any]) -> dict[str, Any]:
    """ECS's `source.geo`: our place, with the names that only the geo record has."""
    region, *_ = record.get("subdivisions") or [{}]
    known = place.latitude is not None and place.longitude is not None
    country, code = place.country, region.get("iso_code")
    return keep(
        {
            "continent_name": _name(record.get("continent")),
            "country_iso_code": country,
            "country_name": _name(record.get("country")),
            "region_iso_code": f"{country}-{code}" if country and code else None,
            "region_name": _name(region),
            "city_name": place.city,
            "location": {"lat": place.latitude, "lon": place.longitude} if known else None,
        }
    )


def _name(part: Any) -> str:
    names = part.get("names") if isinstance(part, Mapping) else None
    return str(names.get("en") or "") if isinstance(names, Mapping) else ""


def _read_identity(delivered: bytes) -> tuple[dict[str, Any], bool]:
    """The identity without secrets, and whether it held none."""
    identity = msgspec.json.decode(delivered) if delivered else {}
    if not isinstance(identity, dict):
        return {}, True
    hidden = hide(identity)
    return hidden, hidden is identity


def _user(row: Mapping[str, Any], identity: Mapping[str, Any]) -> dict[str, Any]:
    """ECS `user.*`: the identity that called, as Elastic's integration has it; who is behind it is ours to say."""
    issuer = _inner(_inner(identity, "sessionContext"), "sessionIssuer")
    name = _text(issuer, "userName") or _text(identity, "userName") or row["identity_name"]
    entity = keep({"id": row["identity_arn"]})
    return keep({"id": _text(identity, "principalId"), "name": name, "entity": entity})


def _describe_identity(identity: Mapping[str, Any]) -> dict[str, Any]:
    context = _inner(identity, "sessionContext")
    issuer, attributes = _inner(context, "sessionIssuer"), _inner(context, "attributes")
    session_issuer = {
        "type": _text(issuer, "type"), "principal_id": _text(issuer, "principalId"), "arn": _text(issuer, "arn"),
        "account_id": _text(issuer, "accountId"),
    }  # fmt: skip
    session = {
        "mfa_authenticated": _text(attributes, "mfaAuthenticated"),
        "creation_date": _text(attributes, "creationDate"),
        "session_issuer": keep(session_issuer),
    }
    return {
        "type": _text(identity, "type"), "arn": _text(identity, "arn"), "access_key_id": _text(identity, "accessKeyId"),
        "invoked_by": _text(identity, "invokedBy"), "session_context": keep(session),
    }  # fmt: skip


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return bound(value) if isinstance(value, str) else ""


def _inner(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, Mapping) else {}
