"""What a document says of a caller: written once for each identity, credential, address and tool."""

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from features.call.address import parse_address
from features.call.principal import Principal
from features.call.session import Session
from features.normalise.memo import Memo
from pipeline.documents.agent import describe_agent
from pipeline.documents.members import bound, end, join, keep, nest, write, write_members
from pipeline.documents.redact import Suspicion, hide, hide_in_text
from pipeline.enrich.place import Place
from pipeline.enrich.places import Places

GeoInfo: TypeAlias = Callable[[str], Mapping[str, Any] | None]
"""The record of an address in the shape of a GeoLite2 City record; None where nothing is known.

What is asked may have a `generation`, a number that changes when its answers do, and a `refresh` that looks for it.
"""
CallerKey: TypeAlias = tuple[bytes, tuple[Any, ...]]
"""The identity as delivered, and the values of OF_CALLER."""
_MOST_CALLERS: Final = 16_384
_MOST_AGENTS: Final = 4_096
_OURS: Final = frozenset(
    {
        "principal", "principal_name", "kind", "rule", "identity", "permission_set", "actor", "session_class",
    }
)  # fmt: skip
"""Columns of a principal that stand under `oddtrail.` by their own names."""
_PRINCIPAL_NAME, _ARN, _IDENTITY_NAME = map(
    Principal._fields.index, ("principal_name", "identity_arn", "identity_name")
)
_SESSION, _SESSION_NAME, _MFA = map(Session._fields.index, ("session", "session_name", "mfa"))
_NOTHING: Final[Mapping[str, Any]] = {}
_WITH_ADDRESS: Final = ("public", "private", "vpc_endpoint")


class Caller(NamedTuple):
    """Members of a document; of all but `identity` a comma follows."""

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


class _Agent(NamedTuple):
    """What is said of a tool."""

    document: bytes
    """ECS's `user_agent`."""
    ours: bytes
    clean: bool
    """Nothing in it had to be hidden."""


class _Where(NamedTuple):
    """What is said of an address."""

    source: bytes
    """ECS's `source`."""
    geo_info: bytes
    ours: bytes
    network: bytes
    ips: tuple[str, ...]


class Callers:
    """Knows callers, and remembers them for as long as what is known of addresses stays the same.

    Parameters
    ----------
    suspicion
        Tells of identities that they hold no secret.
    """

    def __init__(self, geo_info: GeoInfo, suspicion: Suspicion) -> None:
        self._geo_info, self._suspicion = geo_info, suspicion
        self._places: Places | None = None
        self._generation: object = None
        self._known: Memo[CallerKey, Caller] = Memo(self._make, _MOST_CALLERS)
        self._principals: Memo[tuple[Any, ...], bytes] = Memo(_write_principal, _MOST_CALLERS)
        self._agents: Memo[tuple[str, str], _Agent] = Memo(_describe_tool, _MOST_AGENTS)
        self._addresses: Memo[tuple[str, str, str], _Where] = Memo(self._locate, _MOST_CALLERS)

    def known(self, places: Places) -> Memo[CallerKey, Caller]:
        """Callers by what their records say, with the places of their addresses."""
        if refresh := getattr(self._geo_info, "refresh", None):
            refresh()
        generation = getattr(self._geo_info, "generation", None)
        if places is not self._places or generation != self._generation:
            self._known.clear()
            self._addresses.clear()
            self._places, self._generation = places, generation
        return self._known

    def _make(self, key: CallerKey) -> Caller:
        delivered, (principal, session, address, tool) = key
        identity, clean = self._read_identity(delivered)
        agent, where = self._agents[tool], self._addresses[address]
        user = _user(principal, identity)
        names = (user.get("name"), _text(identity, "userName"), principal[_PRINCIPAL_NAME])
        users = tuple(dict.fromkeys(filter(None, names)))
        related = keep({"user": users, "ip": where.ips})
        return Caller(
            end(join(where.source, agent.document, where.geo_info)),
            nest(b"user_identity", write(_describe_identity(identity))[1:-1]),
            end(join(self._principals[principal], _write_session(session), where.ours, agent.ours, where.network)),
            user,
            users,
            where.ips,
            end(write_members({"user": user, "related": related})),
            clean and agent.clean,
        )

    def _read_identity(self, delivered: bytes) -> tuple[dict[str, Any], bool]:
        """The identity without secrets, and whether it held none."""
        identity = msgspec.json.decode(delivered) if delivered else {}
        if not isinstance(identity, dict):
            return {}, True
        hidden = hide(identity) if self._suspicion.falls_on(identity) else identity
        return hidden, hidden is identity

    def _locate(self, key: tuple[str, str, str]) -> _Where:
        address, kind, prefix = key
        ours = write_members({"address_kind": kind, "prefix": prefix})
        if not address:
            return _Where(b"", b"", ours, b"", ())
        assert self._places is not None
        place, network = self._places.find(address, kind)
        ip = parse_address(address).ip if kind in _WITH_ADDRESS else ""
        record = (self._geo_info(ip) if ip and kind == "public" else None) or {}
        source = {
            "address": address, "ip": ip, "geo": _geo(place, record),
            "as": keep({"number": place.asn or None, "organization": keep({"name": place.organisation})}),
        }  # fmt: skip
        return _Where(
            write_members({"source": keep(source)}),
            write_members({"geoInfo": record}),
            ours,
            write_members({"network": network}),
            (ip,) if ip else (),
        )


def _write_principal(principal: tuple[Any, ...]) -> bytes:
    told = zip(Principal._fields, principal, strict=True)
    return write_members({name: value for name, value in told if name in _OURS})


def _write_session(session: tuple[Any, ...]) -> bytes:
    told = {"session": session[_SESSION], "session_name": session[_SESSION_NAME], "mfa": session[_MFA]}
    return write_members(told)


def _describe_tool(key: tuple[str, str]) -> _Agent:
    name, delivered = key
    text = hide_in_text(delivered)
    described = {"original": text, "name": name} | describe_agent(text) if text else {}
    return _Agent(write_members({"user_agent": described}), write_members({"agent": name}), text == delivered)


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


def _user(principal: tuple[Any, ...], identity: Mapping[str, Any]) -> dict[str, Any]:
    """ECS `user.*`: the identity that called, as Elastic's integration has it; who is behind it is ours to say."""
    issuer = _inner(_inner(identity, "sessionContext"), "sessionIssuer")
    name = _text(issuer, "userName") or _text(identity, "userName") or principal[_IDENTITY_NAME]
    arn = principal[_ARN]
    return keep({"id": _text(identity, "principalId"), "name": name, "entity": {"id": arn} if arn else None})


_IDENTITY: Final = {
    "type": "type", "arn": "arn", "accessKeyId": "access_key_id", "invokedBy": "invoked_by",
}  # fmt: skip
_ATTRIBUTES: Final = {"mfaAuthenticated": "mfa_authenticated", "creationDate": "creation_date"}
_ISSUER: Final = {"type": "type", "principalId": "principal_id", "arn": "arn", "accountId": "account_id"}
"""What Elastic calls their texts, in its order."""


def _describe_identity(identity: Mapping[str, Any]) -> dict[str, Any]:
    described = _texts(identity, _IDENTITY)
    if context := _inner(identity, "sessionContext"):
        session = _texts(_inner(context, "attributes"), _ATTRIBUTES)
        if issuer := _texts(_inner(context, "sessionIssuer"), _ISSUER):
            session["session_issuer"] = issuer
        if session:
            described["session_context"] = session
    return described


def _texts(holder: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Its texts that say something, by what they are called in a document."""
    return {
        shown: bound(value) for name, shown in names.items() if isinstance(value := holder.get(name), str) and value
    }


def _text(holder: Mapping[str, Any], name: str) -> str:
    value = holder.get(name)
    return bound(value) if isinstance(value, str) else ""


def _inner(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = holder.get(name)
    return value if isinstance(value, dict) else _NOTHING
