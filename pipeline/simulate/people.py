"""People: when they work, from where, with which tools, and what they do in a day."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from pipeline.simulate.agents import agent
from pipeline.simulate.assume import assume
from pipeline.simulate.calls import Call, call
from pipeline.simulate.follow import FOLLOWS, follow
from pipeline.simulate.habits import Habits
from pipeline.simulate.identity import Identity, unique
from pipeline.simulate.networks import CITIES, Network, of
from pipeline.simulate.resources import Resources
from pipeline.simulate.trail import DAY, Caller, Failure, Trail, uuid

_PACE: Final = {"console": (2.5, 9.0), "cli": (25.0, 5.0), "boto": (4.0, 9.0), "terraform": (0.4, 16.0)}
"""Tool to mean seconds between calls and mean calls of a task."""
EXPLORED: Final = 0.15
"""Share of tasks that are none of a person's routines."""
SIGN_IN: Final = call("signin:ConsoleLogin")
PORTAL: Final = call("sso:GetRoleCredentials")
PORTAL_ROLES: Final = call("sso:ListAccountRoles")
FAILED: Final = '{"ConsoleLogin":"Failure"}'
TOKEN: Final = call("sts:GetCallerIdentity")


@dataclass(frozen=True, slots=True)
class Errand:
    """Something rare that a person does on a day, with a reason."""

    actions: str
    """`service:Name`, in order."""
    given: dict[str, str] = field(default_factory=dict)
    identity: Identity | None = None
    """The role they take for it, when it is not their own."""
    team: str = ""
    """When they look around besides, the team whose calls they make."""


@dataclass(slots=True)
class Person:
    """Somebody who works at the company.

    What happens to a person on certain days (travel, a new provider, a night on call) is written into `away`, `nights`,
    `tool_from` and the like by `pipeline.simulate.oddities`.
    """

    name: str
    team: str
    country: str
    identities: list[tuple[float, Identity]]
    """Roles or the user they call as, with weights."""
    regions: Sequence[str]
    tools: list[tuple[float, str]]
    habits: Habits
    home: Network
    egress: Network | None
    rate: float
    """Tasks on a working day."""
    begins: float
    """Hour of the local day at which they start."""
    system: int = 0
    key: str = ""
    """Long-lived access key, of users."""
    first: int = 0
    """Day number at which they join."""
    last: int = 1 << 40
    home_address: str = ""
    office_address: str = ""
    away: dict[int, Network] = field(default_factory=dict)
    """Day to the network they are on instead of their own."""
    nights: set[int] = field(default_factory=set)
    off: set[int] = field(default_factory=set)
    portal: str = ""
    """JSON of userIdentity at the access portal, of those behind single sign-on; {id} stays to be filled in."""
    portal_account: str = ""
    hops: list[Identity] = field(default_factory=list)
    """Roles of other accounts that they take now and then."""
    errands: dict[int, list[Errand]] = field(default_factory=dict)
    moved: tuple[int, Habits] | None = None
    new_home: tuple[int, str] | None = None
    new_tool: tuple[int, float, str] | None = None
    new_key: tuple[int, str] | None = None
    new_region: tuple[int, str] | None = None
    new_egress: tuple[int, Network] | None = None
    new_office: tuple[int, str] | None = None
    """What changes, with the day from which it holds."""

    @property
    def identity(self) -> Identity:
        """The identity they use most."""
        return max(self.identities, key=lambda pair: pair[0])[1]

    @property
    def principal_key(self) -> str:
        """How oddtrail names them."""
        return self.identity.key(self.name)

    def session(self, choice: Random, identity: Identity, tool: str, at: int, address: str, week: int) -> Caller:
        """Return the caller of a new session."""
        user_agent = agent(tool, self.system, week)
        extra = ',"sessionCredentialFromConsole":"true"' if tool == "console" else ""
        if not identity.is_user:
            about = identity.role_json(self.name, unique(choice, "ASIA"), at - choice.randrange(20, 900))
        elif tool == "console":
            about = identity.user_json(unique(choice, "ASIA"), at - choice.randrange(20, 900))
        else:
            about = identity.user_json(self.key_at(at))
        return Caller(about, identity.account, address, user_agent, extra)

    def address(self, choice: Random, day: int) -> str:
        """Return where they call from in a task of a day."""
        away = self.away.get(day)
        if away is not None:
            return away.address(Random(f"{self.name} {away.block} {day // 3}"))
        lot = choice.random()
        if lot < 0.04:
            return of("mobile", self.country)[0].address(choice)
        if self.egress is not None and lot < 0.45:
            since, moved = self.new_egress or (1 << 40, self.egress)
            egress = moved if day >= since else self.egress
            return egress.address(Random(f"{egress.block} {choice.randrange(3)}"))
        if self.office_address and (day + len(self.name)) % 7 in (1, 2, 4):
            opened, office = self.new_office or (1 << 40, "")
            return office if day >= opened else self.office_address
        if self.new_home is not None and day >= self.new_home[0]:
            return self.new_home[1]
        return self.home_address

    def tools_on(self, day: int) -> list[tuple[float, str]]:
        """Return the tools they use on a day."""
        if self.new_tool is not None and day >= self.new_tool[0]:
            return [*self.tools, self.new_tool[1:]]
        return self.tools

    def habits_on(self, day: int) -> Habits:
        """Return what they like on a day."""
        return self.moved[1] if self.moved is not None and day >= self.moved[0] else self.habits

    def region_on(self, day: int, choice: Random) -> str:
        """Return the region of a task."""
        lot = choice.random()
        if self.new_region is not None and day >= self.new_region[0] and lot < 0.3:
            return self.new_region[1]
        return choice.choice(self.regions) if lot > 0.8 else self.regions[0]

    def key_at(self, at: int) -> str:
        """Return the long-lived key they use at a time."""
        return self.new_key[1] if self.new_key is not None and at // DAY >= self.new_key[0] else self.key


def work(person: Person, day: int, choice: Random, trail: Trail, things: Resources, zone: ZoneInfo, epoch: int) -> None:
    """Let a person do a day's work.

    Parameters
    ----------
    day
        Days since 1970, of the person's own calendar.
    zone
        Their time zone.
    epoch
        Day number at which the simulation begins.
    """
    if not person.first <= day <= person.last or day in person.off:
        return
    weekend = (day + 3) % 7 >= 5
    if choice.random() > (0.05 if weekend else 0.94):
        tasks = 0
    else:
        tasks = max(1, round(choice.gauss(person.rate * (0.3 if weekend else 1), person.rate * 0.3)))
    midnight = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    local = datetime(midnight.year, midnight.month, midnight.day, tzinfo=zone).timestamp()
    begin = person.begins + choice.gauss(0, 0.5)
    hours = [begin + 9.5 * (choice.random() * 0.5 + choice.random() * 0.5) for _ in range(tasks)]
    hours += [person.begins + 11 + abs(choice.gauss(0, 2)) for _ in range(tasks) if choice.random() < 0.03]
    if day in person.nights:
        hours += [24.5 + choice.random() * 4 for _ in range(choice.randint(3, 7))]
    week = (day - epoch) // 7
    sessions: dict[tuple[str, str, str, int], Caller] = {}
    for hour in sorted(hours):
        at = int(local + hour * 3600)
        do_task(person, day, at, choice, trail, things, sessions, week)
    for errand in person.errands.get(day, ()):
        at = int(local + (begin + choice.uniform(1, 7)) * 3600)
        do_errand(person, errand, day, at, choice, trail, things, week)


def do_task(
    person: Person,
    day: int,
    at: int,
    choice: Random,
    trail: Trail,
    things: Resources,
    sessions: dict[tuple[str, str, str, int], Caller],
    week: int,
) -> None:
    """Do one task: some calls about one service, with one tool, from one place."""
    identity = choice.choices([i for _, i in person.identities], [w for w, _ in person.identities])[0]
    tools = person.tools_on(day)
    tool = choice.choices([t for _, t in tools], [w for w, _ in tools])[0]
    address = person.address(choice, day)
    key = (identity.id, tool, address, at // 28800)
    caller = sessions.get(key)
    if caller is None:
        caller = sessions[key] = person.session(choice, identity, tool, at, address, week)
        sign_in(person, identity, caller, tool, at - choice.randint(5, 20), choice, trail, week)
    region = person.region_on(day, choice)
    habits = person.habits_on(day)
    pause, length = _PACE.get(tool, (6.0, 6.0))
    if choice.random() < EXPLORED:
        service = habits.service(choice)
        calls = [habits.call(choice, service) for _ in range(1 + int(choice.expovariate(1 / 3)))]
    else:
        routine = habits.routine(choice)
        again = 1 + int(choice.expovariate(len(routine) / length))
        calls = [made for _ in range(again) for made in routine if choice.random() < 0.9]
    if person.hops and tool != "console" and choice.random() < 0.15:
        target = choice.choice(person.hops)
        principal = f"{identity.id}{'' if identity.is_user else ':' + person.name}"
        caller, _ = assume(choice, at - 3, caller, principal, target, person.name, region, trail)
    number = habits.thing(choice)
    for made in calls:
        if choice.random() < 0.2:
            number = habits.thing(choice)
        request, response = things.request(choice, made, caller.account, region, number)
        failure = refusal(choice, caller, made)
        trail.add(choice, at, caller, made, region, request, response, failure)
        if made.name in FOLLOWS and failure is None:
            follow(choice, at, caller, made, region, number, trail, things)
        at += 1 + int(choice.expovariate(1 / pause))


def do_errand(
    person: Person, errand: Errand, day: int, at: int, choice: Random, trail: Trail, things: Resources, week: int
) -> None:
    """Do an errand: its calls, one after the other, from where the person is."""
    identity = errand.identity or person.identity
    tools = [tool for _, tool in person.tools_on(day) if errand.identity is None or tool != "console"]
    tool = choice.choice(tools or ["cli"])
    caller = person.session(choice, identity, tool, at, person.address(choice, day), week)
    if errand.identity is not None:
        caller = take_role(person, errand.identity, caller.address, tool, at, trail, week)
    actions = [call(action) for action in errand.actions.split()]
    if errand.team:
        habits = person.habits_on(day)
        actions += [habits.call(choice, habits.service(choice)) for _ in range(choice.randint(3, 12))]
    number = habits_number = person.habits.thing(choice)
    for made in actions:
        if choice.random() < 0.2:
            number = habits_number + choice.randrange(5)
        region = person.regions[0]
        asked, answered = things.request(choice, made, identity.account, region, number, errand.given)
        trail.add(choice, at, caller, made, region, asked, answered, refusal(choice, caller, made, 0.03))
        at += 2 + int(choice.expovariate(1 / 20))


def take_role(person: Person, role: Identity, address: str, tool: str, at: int, trail: Trail, week: int) -> Caller:
    """Record that a person takes a role at their desk, with draws of its own; return the caller it becomes."""
    choice = Random(f"{person.name} takes {role.id} at {at}")
    own = person.session(choice, person.identity, tool, at, address, week)
    principal = f"{person.identity.id}{'' if person.identity.is_user else ':' + person.name}"
    caller, _ = assume(choice, at - choice.randint(20, 90), own, principal, role, person.name, person.regions[0], trail)
    return caller


THROTTLED: Final = Failure("ThrottlingException", "Rate exceeded")


def refusal(choice: Random, caller: Caller, made: Call, share: float = 0.012) -> Failure | None:
    """Return why a call fails, when it does."""
    lot = choice.random()
    if lot > share * 2:
        return None
    if lot < share:
        return refused(caller, made)
    if lot < share * 1.3:
        return THROTTLED
    return Failure("ValidationException", "1 validation error detected") if made.service != "s3" else None


def refused(caller: Caller, made: Call) -> Failure:
    """Return how a service says that a caller may not make a call."""
    arn = caller.identity.split('"arn":"', 1)[-1].split('"', 1)[0]
    code = "Client.UnauthorizedOperation" if made.service == "ec2" else "AccessDenied"
    return Failure(code, f"User: {arn} is not authorized to perform: {made.service}:{made.name}")


def signed_in() -> tuple[str, str]:
    """Return additional data and response of a login that succeeded."""
    additional = '{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes"}'
    return additional, '{"ConsoleLogin":"Success"}'


def sign_in(
    person: Person, identity: Identity, caller: Caller, tool: str, at: int, choice: Random, trail: Trail, week: int
) -> None:
    """Record how a session began: at the console, at the portal, or not at all."""
    if tool == "console":
        login = Caller(caller.identity, caller.account, caller.address, caller.agent)
        additional, success = signed_in()
        if choice.random() < 0.03 and identity.is_user:
            failed = Failure("", "Failed authentication")
            trail.add(choice, at - 25, login, SIGN_IN, "us-east-1", "null", FAILED, failed, additional=additional)
        trail.add(choice, at, login, SIGN_IN, "us-east-1", "null", success, additional=additional)
    if person.portal:
        about = person.portal.replace("{id}", uuid(choice))
        portal = Caller(about, person.portal_account, caller.address, agent("console", person.system, week))
        request = f'{{"roleName":"{identity.name.split("_")[1]}","accountId":"{identity.account}"}}'
        trail.add(choice, at - choice.randint(3, 20), portal, PORTAL_ROLES, "us-east-1", "null")
        trail.add(choice, at, portal, PORTAL, "us-east-1", request)
    elif identity.is_user and tool != "console" and choice.random() < 0.3:
        trail.add(choice, at, caller, TOKEN, "us-east-1", "null", "null")


def zone_of(country: str) -> ZoneInfo:
    """Return the time zone of a country's city."""
    return ZoneInfo(CITIES[country][3])


def day_of(instant: datetime) -> int:
    """Return days since 1970."""
    return int(instant.timestamp()) // DAY
