"""Things that calls touch: any number of each kind in each account, named when first needed, the same every time."""

from collections.abc import Sequence
from random import Random
from typing import Final

from pipeline.simulate.calls import Call
from pipeline.simulate.requests import MANAGED, SET

PRODUCTS: Final = (
    "orders",
    "payments",
    "search",
    "catalog",
    "basket",
    "users",
    "mailer",
    "reports",
    "events",
    "billing",
    "fraud",
    "images",
    "shipping",
    "stock",
    "ledger",
    "pricing",
    "reviews",
    "gateway",
    "sessions",
    "audit",
    "ingest",
    "exports",
    "coupons",
    "loyalty",
    "partners",
    "invoices",
    "tickets",
    "chat",
    "maps",
    "ads",
)
_PARTS: Final = (
    "api",
    "worker",
    "web",
    "jobs",
    "cache",
    "store",
    "stream",
    "sync",
    "admin",
    "raw",
    "archive",
    "model",
    "queue",
    "index",
)
_STAGES: Final = ("prod", "prod", "staging", "dev")
_PREFIXES: Final = {
    "instance": "i-",
    "snapshot": "snap-",
    "vpc": "vpc-",
    "image": "ami-",
    "securitygroup": "sg-",
    "volume": "vol-",
    "filesystem": "fs-",
}
MODELS: Final = (
    "anthropic.claude-3-5-sonnet-20240620-v1:0",
    "amazon.titan-embed-text-v2:0",
    "anthropic.claude-3-haiku-20240307-v1:0",
    "meta.llama3-1-70b-instruct-v1:0",
)


class Resources:
    """The things of a company.

    Examples
    --------
    >>> things = Resources(1)
    >>> things.name("111122223333", "bucket", 3) == things.name("111122223333", "bucket", 3)
    True
    """

    def __init__(self, seed: int, accounts: Sequence[str] = ()) -> None:
        self.seed = seed
        partners = Random(f"partners {seed}")
        self.others = [*accounts, *(f"{partners.randrange(10**11, 10**12)}" for _ in range(2))]
        """Accounts that things are shared with: the company's own, and two partners'."""
        self._names: dict[tuple[str, str, int], str] = {}

    def name(self, account: str, kind: str, number: int) -> str:
        """Return the name of the number-th thing of a kind in an account."""
        key = (account, kind, number)
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = self._invent(account, kind, number)
        return known

    def _invent(self, account: str, kind: str, number: int) -> str:
        choice = Random(f"{self.seed} {account} {kind} {number}")
        product, part, stage = choice.choice(PRODUCTS), choice.choice(_PARTS), choice.choice(_STAGES)
        if kind in _PREFIXES:
            return f"{_PREFIXES[kind]}{choice.getrandbits(68):017x}"
        if kind == "model":
            return MODELS[number % len(MODELS)]
        if kind in ("key", "certificate"):
            text = f"{choice.getrandbits(128):032x}"
            return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        if kind in ("bucket", "object"):
            return f"{product}-{part}-{stage}-{account[-4:]}-{number}"
        if kind == "trail":
            return "management-events" if number % 8 else "data-events"
        if kind in ("secret", "parameter"):
            return f"{'/' if kind == 'parameter' else ''}{stage}/{product}/{part}-{number}"
        if kind == "loggroup":
            return f"/aws/lambda/{product}-{part}-{stage}-{number}"
        if kind == "user":
            return f"svc-{product}-{part}-{number}"
        if kind == "account":
            return account
        if kind == "identity":
            return f"{product}.example.com"
        return f"{product}-{part}-{stage}-{number}"

    def request(
        self, choice: Random, call: Call, account: str, region: str, number: int, given: dict[str, str] | None = None
    ) -> tuple[str, str]:
        """Return request and response of a call that touches the number-th thing of its kind.

        Parameters
        ----------
        choice
            Random numbers of what the request holds besides.
        given
            What of the template is not left to chance.
        """
        if call.plain:
            return "null", "null"
        bits = f"{choice.getrandbits(64):016x}"
        values = {
            "name": self.name(account, call.kind, number),
            "account": account,
            "region": region,
            "tag": bits[:8],
            "count": str(1 + int(bits[8:10], 16) % 3),
            **SET,
        }
        if call.special:
            values |= {
                "key": f"{choice.getrandbits(64):016X}",
                "managed": MANAGED[int(bits[10:12], 16) % len(MANAGED)],
                "cidr": f"10.{int(bits[12:14], 16)}.0.0/16",
                "port": ("443", "5432", "8080", "6379")[int(bits[14], 16) % 4],
                "size": ("t3.medium", "m6i.large", "c6i.xlarge", "t3.small")[int(bits[15], 16) % 4],
                "other": self.others[int(bits[8:12], 16) % len(self.others)],
                "host": "token.actions.githubusercontent.com",
                "access": "All",
                "switch": "true",
                "uuid": f"{bits[:8]}-{bits[8:12]}-4a1b-8c2d-{bits[4:16]}",
            }
        if given:
            values |= given
        return call.request.format_map(values), (
            "null" if call.response == "null" else call.response.format_map(values)
        )
