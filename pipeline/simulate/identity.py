"""Who a record says made a call: users, roles and their sessions, as userIdentity writes them."""

from dataclasses import dataclass
from random import Random
from typing import Final

from pipeline.simulate.trail import clock

_BASE32: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SSO_PATH: Final = "/aws-reserved/sso.amazonaws.com/"


def unique(choice: Random, prefix: str) -> str:
    """Return an id such as AKIA, ASIA, AIDA or AROA and 16 or 17 characters.

    >>> unique(Random(1), "AROA")[:4], len(unique(Random(1), "AKIA"))
    ('AROA', 20)
    """
    return prefix + "".join(choice.choices(_BASE32, k=17 if prefix in ("AROA", "AIDA") else 16))


@dataclass(frozen=True, slots=True)
class Identity:
    """A user or role of an account."""

    account: str
    name: str
    id: str
    """AIDA… or AROA…"""
    path: str = "/"

    @property
    def is_user(self) -> bool:
        """Whether it is a user, not a role."""
        return self.id.startswith("AIDA")

    @property
    def arn(self) -> str:
        """Its ARN, with path."""
        return f"arn:aws:iam::{self.account}:{'user' if self.is_user else 'role'}{self.path}{self.name}"

    def key(self, session: str = "") -> str:
        """Return the key that oddtrail gives it; a person's own name behind single sign-on."""
        if self.path.startswith(SSO_PATH):
            return f"idc/{session}"
        return f"{'user' if self.is_user else 'role'}/{self.account}/{self.id}"

    def user_json(self, access_key: str, console_since: int | None = None) -> str:
        """Return userIdentity of a user's call, with a console session when it began one."""
        session = ""
        if console_since is not None:
            since = f'"creationDate":"{clock(console_since)}","mfaAuthenticated":"true"'
            session = f',"sessionContext":{{"attributes":{{{since}}}}}'
        return (
            f'{{"type":"IAMUser","principalId":"{self.id}","arn":"{self.arn}","accountId":"{self.account}",'
            f'"accessKeyId":"{access_key}","userName":"{self.name}"{session}}}'
        )

    def role_json(self, session: str, access_key: str, created: int, delivery: str = "", invoked_by: str = "") -> str:
        """Return userIdentity of a call by a session of the role.

        Parameters
        ----------
        session, access_key
            Name of the session and its key.
        created
            Unix time at which the session began.
        delivery
            Version of instance metadata that gave the credentials out, on instances.
        invoked_by
            Service that calls on the role's behalf.
        """
        more = f',"ec2RoleDelivery":"{delivery}"' if delivery else ""
        invoked = f',"invokedBy":"{invoked_by}"' if invoked_by else ""
        return (
            f'{{"type":"AssumedRole","principalId":"{self.id}:{session}",'
            f'"arn":"arn:aws:sts::{self.account}:assumed-role/{self.name}/{session}","accountId":"{self.account}",'
            f'"accessKeyId":"{access_key}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{self.id}",'
            f'"arn":"{self.arn}","accountId":"{self.account}","userName":"{self.name}"}},'
            f'"attributes":{{"creationDate":"{clock(created)}","mfaAuthenticated":"false"}}{more}}}{invoked}}}'
        )


def service_json(host: str) -> str:
    """Return userIdentity of a service that calls by itself.

    >>> service_json("ec2.amazonaws.com")
    '{"type":"AWSService","invokedBy":"ec2.amazonaws.com"}'
    """
    return f'{{"type":"AWSService","invokedBy":"{host}"}}'


def role(choice: Random, account: str, name: str, path: str = "/") -> Identity:
    """Return a new role."""
    return Identity(account, name, unique(choice, "AROA"), path)


def user(choice: Random, account: str, name: str) -> Identity:
    """Return a new user."""
    return Identity(account, name, unique(choice, "AIDA"))
