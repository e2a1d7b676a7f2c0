"""Who there is: the accounts of a company, its people and its machines, by its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

from pipeline.simulate.calls import call
from pipeline.simulate.habits import Habits
from pipeline.simulate.identity import SSO_PATH, Identity, role, unique, user
from pipeline.simulate.machines import CI, FAMILIES, Machine, family_calls
from pipeline.simulate.networks import LIVED, Network, cloud, of
from pipeline.simulate.people import Person
from pipeline.simulate.resources import PRODUCTS
from pipeline.simulate.visitors import Visitor

HOME_REGION: Final = {
    "US": "us-east-1", "CA": "us-east-1", "BR": "us-east-1", "GB": "eu-west-1", "DE": "eu-central-1",
    "PL": "eu-central-1", "IN": "ap-south-1", "KR": "ap-northeast-2", "AU": "ap-southeast-2", "SG": "ap-southeast-1",
}  # fmt: skip
HOME_COUNTRY: Final = {region: country for country, region in HOME_REGION.items() if country not in ("CA", "BR", "PL")}
_FIRST_NAMES: Final = (
    "ana", "ben", "chloe", "dev", "elif", "finn", "grace", "hugo", "ines", "jun", "kofi", "lena", "mina", "nils",
    "priya", "quinn", "rosa", "sam", "tomas", "uma", "vera", "wei", "yara", "zane", "amir", "bora", "carl", "dina",
)  # fmt: skip
_LAST_NAMES: Final = (
    "almeida", "baker", "cho", "dubois", "eriksen", "fischer", "garcia", "haddad", "ito", "jones", "kim", "lopez",
    "mehta", "novak", "okafor", "park", "quist", "rossi", "silva", "tanaka", "urban", "vogel", "weber", "young",
)  # fmt: skip

_TEAM_SHARE: Final = (("backend", 30), ("web", 14), ("platform", 14), ("data", 14), ("science", 6), ("security", 6),
                      ("database", 4), ("finance", 5), ("support", 7))  # fmt: skip
_PERMISSIONS: Final = {
    "platform": ("AdministratorAccess", "PowerUserAccess"), "security": ("SecurityAudit", "AdministratorAccess"),
    "database": ("DatabaseAdministrator", "ViewOnlyAccess"), "finance": ("Billing", "ViewOnlyAccess"),
    "support": ("SupportUser", "ViewOnlyAccess"), "data": ("DataScientist", "PowerUserAccess"),
    "science": ("DataScientist", "ViewOnlyAccess"),
}  # fmt: skip
_FAMILY_SHARE: Final = {"api": 30, "worker": 20, "node": 12, "etl": 8, "deploy": 5, "autoscaler": 4, "monitor": 4,
                        "backup": 4, "mailer": 4, "model": 4}  # fmt: skip


@dataclass(slots=True)
class Population:
    """A company."""

    accounts: list[str]
    people: list[Person]
    machines: list[Machine]
    hops: dict[str, Identity]
    """Account to the role that others take in it."""
    countries: Sequence[str]
    regions: Sequence[str]


@dataclass(frozen=True, slots=True)
class Shape:
    """How a company of a size is built."""

    accounts: int
    countries: int
    people: float
    """Share of the principals that are people."""
    single_sign_on: bool
    tasks: float
    """Tasks of a person a day, about."""
    calls: float
    """Calls of a machine a day, about."""
    span: int
    """Seconds of events in a delivered file."""


def shape(principals: int) -> Shape:
    """Return the shape of a company of so many principals.

    >>> shape(30).accounts, shape(230).accounts, shape(2000).accounts
    (1, 4, 30)
    """
    if principals < 80:
        return Shape(1, 2, 0.5, single_sign_on=False, tasks=9.0, calls=120.0, span=420)
    if principals < 800:
        return Shape(4, 3, 0.42, single_sign_on=True, tasks=6.0, calls=60.0, span=420)
    return Shape(30, 10, 0.35, single_sign_on=True, tasks=3.6, calls=16.0, span=420)


def populate(seed: int, principals: int) -> Population:
    """Return a company of so many principals."""
    choice = Random(f"company {seed} {principals}")
    form = shape(principals)
    accounts = [f"{choice.randrange(100_000_000_000, 999_999_999_999)}" for _ in range(form.accounts)]
    countries = [choice.choice(LIVED[:5]), *choice.sample(LIVED[5:], 1)]
    countries += [c for c in choice.sample(LIVED, len(LIVED)) if c not in countries]
    countries = countries[: form.countries]
    regions = list(dict.fromkeys(HOME_REGION[country] for country in countries))
    regions += [region for region in ("us-east-1", "eu-west-1", "us-west-2") if region not in regions]
    regions = regions[: 2 + form.accounts // 4]
    number = round(principals * form.people)
    people = _draw_people(seed, number, choice, form, accounts, countries, regions, _TEAM_SHARE)
    visitors = _visitors(choice, form, accounts, regions)
    machines = [*visitors, *_machines(choice, form, accounts, regions, principals - number - len(visitors))]
    _open_portal(people, choice, accounts[0])
    hops = {account: role(choice, account, "cross-account-operations") for account in accounts}
    for person in people:
        if person.team in ("platform", "security", "backend") and choice.random() < 0.4:
            others = [account for account in accounts if account != person.identity.account]
            person.hops = [hops[account] for account in choice.sample(others, min(len(others), 3))]
    return Population(accounts, people, machines, hops, countries, regions)


def make_people(
    seed: int,
    number: int,
    choice: Random,
    form: Shape,
    accounts: Sequence[str],
    countries: Sequence[str],
    regions: Sequence[str],
    teams: Sequence[tuple[str, int]],
    *,
    wide: bool = False,
) -> list[Person]:
    """Return people of a company of another kind, those behind single sign-on with their portal.

    Parameters
    ----------
    teams
        Teams and their shares.
    wide
        Platform and security people have their first permission set in many accounts more.
    """
    people = _draw_people(seed, number, choice, form, accounts, countries, regions, teams)
    if wide:
        _widen(people, choice, accounts)
    _open_portal(people, choice, accounts[0])
    return people


def _draw_people(
    seed: int,
    number: int,
    choice: Random,
    form: Shape,
    accounts: Sequence[str],
    countries: Sequence[str],
    regions: Sequence[str],
    teams: Sequence[tuple[str, int]],
) -> list[Person]:
    roles: dict[tuple[str, str], Identity] = {}
    return [_person(seed, i, choice, form, accounts, countries, regions, roles, teams) for i in range(number)]


def _widen(people: Sequence[Person], choice: Random, accounts: Sequence[str]) -> None:
    """Give central teams the permission set they use most in many accounts more, as an assignment to a group does."""
    roles = {(i.account, i.name.split("_")[1]): i for person in people for _, i in person.identities if not i.is_user}
    for person in people:
        if person.team in ("platform", "security") and not person.identity.is_user:
            permission = person.identity.name.split("_")[1]
            for account in choice.sample(accounts, min(len(accounts), 10)):
                person.identities.append((0.05, _permission_role(choice, account, permission, roles)))


def _open_portal(people: Sequence[Person], choice: Random, account: str) -> None:
    store = f"d-{choice.getrandbits(40):010x}"
    for person in people:
        if not person.identity.is_user:
            person.portal, person.portal_account = _portal(choice, account, store), account


def _person(
    seed: int,
    index: int,
    choice: Random,
    form: Shape,
    accounts: Sequence[str],
    countries: Sequence[str],
    regions: Sequence[str],
    roles: dict[tuple[str, str], Identity],
    teams: Sequence[tuple[str, int]],
) -> Person:
    first = _FIRST_NAMES[choice.randrange(len(_FIRST_NAMES))]
    last = _LAST_NAMES[choice.randrange(len(_LAST_NAMES))]
    name = f"{first}.{last}{index if index >= 12 else ''}"
    team = choice.choices([t for t, _ in teams], [w for _, w in teams])[0]
    if index < 2:
        team = ("platform", "security")[index]
    country = countries[min(int((1 - choice.random()) ** -0.8) - 1, len(countries) - 1)]
    sso = form.single_sign_on and choice.random() < 0.92
    identities: list[tuple[float, Identity]] = []
    if sso:
        name = f"{name}@example.com"
        sets = _PERMISSIONS.get(team, ("PowerUserAccess", "ViewOnlyAccess"))
        mine = choice.sample(accounts, min(len(accounts), choice.choice((1, 2, 2, 3, 4))))
        for rank, account in enumerate(mine):
            permission = sets[0] if rank < 2 else sets[-1]
            identities.append(((rank + 1) ** -1.5, _permission_role(choice, account, permission, roles)))
            if rank == 0:
                identities.append((0.15, _permission_role(choice, account, sets[-1], roles)))
    else:
        identities.append((1.0, user(choice, accounts[index % len(accounts)], name)))
    home = choice.choice(of("home", country))
    region = HOME_REGION[country] if HOME_REGION[country] in regions else regions[0]
    if choice.random() < 0.3:
        region = regions[0]
    others = [other for other in regions if other != region]
    mine_regions = [region, region, region, *choice.sample(others, min(len(others), choice.choice((1, 1, 2))))]
    office = Random(f"office {seed} {country}")
    return Person(
        name=name,
        team=team,
        country=country,
        identities=identities,
        regions=mine_regions,
        tools=_tools(choice, team),
        habits=Habits(f"{seed} {name}", team, explore=choice.uniform(0.008, 0.05)),
        home=home,
        egress=_egress(country) if choice.random() < 0.5 else None,
        rate=form.tasks * choice.lognormvariate(0, 0.5),
        begins=choice.choice((7.5, 8.5, 9.0, 9.0, 9.5, 10.0, 11.0)),
        system=choice.choice((0, 0, 1, 2, 3)),
        key=unique(choice, "AKIA"),
        home_address=home.address(choice),
        office_address=of("office", country)[0].address(office) if choice.random() < 0.7 else "",
    )


def _permission_role(choice: Random, account: str, permission: str, roles: dict[tuple[str, str], Identity]) -> Identity:
    key = (account, permission)
    if key not in roles:
        name = f"AWSReservedSSO_{permission}_{choice.getrandbits(64):016x}"
        roles[key] = role(choice, account, name, SSO_PATH)
    return roles[key]


def _portal(choice: Random, account: str, store: str) -> str:
    """Return who somebody is at the access portal, in the account that holds it."""
    text = f"{choice.getrandbits(128):032x}"
    name = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
    return (
        f'{{"type":"IdentityCenterUser","accountId":"{account}","onBehalfOf":{{"userId":"{name}",'
        f'"identityStoreArn":"arn:aws:identitystore::{account}:identitystore/{store}"}},"credentialId":"{{id}}"}}'
    )


def _egress(country: str) -> Network:
    networks = of("egress")
    return networks[{"US": 0, "CA": 0, "BR": 0, "GB": 1, "DE": 1, "PL": 1}.get(country, 2)]


def _tools(choice: Random, team: str) -> list[tuple[float, str]]:
    tools = [(choice.uniform(2, 6), "console"), (choice.uniform(0.5, 4), "cli")]
    if team in ("finance", "support"):
        return tools[:1] if choice.random() < 0.7 else tools
    extra = {"platform": "terraform", "data": "boto", "science": "boto", "web": "cdk"}.get(team, "boto")
    if choice.random() < 0.6:
        tools.append((choice.uniform(0.3, 2), extra))
    if choice.random() < 0.15:
        tools.append((choice.uniform(0.1, 0.6), choice.choice(("vscode", "go", "java"))))
    return tools


def _machines(
    choice: Random, form: Shape, accounts: Sequence[str], regions: Sequence[str], number: int
) -> list[Machine]:
    gateways: dict[tuple[str, str], list[str]] = {}
    endpoints: dict[tuple[str, str], str] = {}
    machines: list[Machine] = []
    families = list(_FAMILY_SHARE)
    for index in range(number):
        account = accounts[index % len(accounts)]
        lot = choice.random()
        home = regions[accounts.index(account) % 3 if form.accounts > 4 else 0]
        region = home if lot < (0.95 if form.accounts > 4 else 0.7) else choice.choice(regions)
        product = PRODUCTS[(index // len(families)) % len(PRODUCTS)]
        family = choice.choices(families, [_FAMILY_SHARE[f] for f in families])[0]
        runtime = FAMILIES[family][0]
        place = (account, region)
        if place not in gateways:
            gateways[place] = [cloud(region).address(choice) for _ in range(3)]
            endpoints[place] = f"vpce-0{choice.getrandbits(64):016x}"
        fixed = not runtime.startswith("lambda")
        calls = family_calls(family)
        weights = [(rank + 1) ** -1.1 * choice.lognormvariate(0, 0.3) for rank in range(len(calls))]
        lot = choice.random()
        legacy = lot < 0.06 or (number < 20 and index in (3, 9))
        name = f"{product}-{family}-{index}"
        country = HOME_COUNTRY.get(region, "US")
        machines.append(
            Machine(
                identity=user(choice, account, f"svc-{name}") if legacy else role(choice, account, f"{name}-role"),
                key=unique(choice, "AKIA") if legacy else "",
                family=family,
                runtime="java" if legacy else runtime,
                calls=calls,
                weights=weights,
                region=region,
                addresses=_server(choice, country) if legacy else gateways[place] if fixed else (),
                every=choice.choice((1800, 3600)) if form.accounts > 4 else choice.choice((300, 900)),
                rate=form.calls * choice.lognormvariate(0, 0.7),
                things=choice.randrange(120),
                steady=choice.choice((0.2, 0.5, 0.9)),
                endpoint=endpoints[place] if fixed and not legacy and choice.random() < 0.2 else "",
                hosts=1 if runtime.startswith("lambda") else choice.choice((1, 2, 3, 4)),
            )
        )
    return machines


def _visitors(choice: Random, form: Shape, accounts: Sequence[str], regions: Sequence[str]) -> list[Machine]:
    """Return pipelines, a scanner and a backup vendor: one role each in every account."""
    visitors: list[Machine] = []
    vendors = {how: f"{choice.randrange(10**11, 10**12)}:{unique(choice, 'AROA')}" for how in ("scanner", "backup")}
    nightly = [call(action) for action in FAMILIES["backup"][1].split()]
    small = form.accounts == 1

    def add(account: str, name: str, how: Literal["pipeline", "scanner", "backup"], rate: float, hour: float) -> None:
        product = name.removeprefix("github-")
        calls = [*choice.sample(CI[1:], 14)] if how == "pipeline" else []
        visitors.append(
            Visitor(
                identity=role(choice, account, name),
                family="ci" if how == "pipeline" else how,
                runtime="go",
                calls=[call(CI[0]), *map(call, calls)] if how == "pipeline" else nightly,
                weights=[],
                region=regions[0],
                addresses=(),
                rate=rate,
                things=choice.randrange(120),
                how=how,
                repository=product,
                external=vendors.get(how, ""),
                hour=hour,
            )
        )

    for account in accounts:
        for product in choice.sample(PRODUCTS, 2 if small else 3):
            add(
                account, f"github-{product}", "pipeline", choice.uniform(1, 5) if small else choice.uniform(0.5, 3), 9.0
            )
        if not small or choice.random() < 0.5:
            add(account, "posture-scanner", "scanner", 120.0 if form.accounts < 10 else 60.0, 3.0)
    for account in accounts[: 1 + form.accounts // 4]:
        add(account, "nightly-backup-vendor", "backup", 25.0, 1.0)
    return visitors


def _server(choice: Random, country: str) -> list[str]:
    """Return the address of a server in an office, from which software calls with a user's key."""
    return [of("office", country)[0].address(choice)]
