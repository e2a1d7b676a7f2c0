"""What happens in any company: unusual, harmless, and with a cause that is written down beside the trail."""

from collections.abc import Sequence
from random import Random
from typing import Final

from pipeline.simulate.calls import services
from pipeline.simulate.habits import TEAMS, Habits
from pipeline.simulate.identity import unique
from pipeline.simulate.machines import Machine
from pipeline.simulate.networks import VISITED, of
from pipeline.simulate.people import Errand, Person
from pipeline.simulate.population import Population
from pipeline.simulate.root import BreakGlass
from pipeline.simulate.trail import DAY, clock
from pipeline.simulate.truth import Oddity, sort_oddities
from pipeline.simulate.visitors import Visitor

_TRAIL_CHANGE: Final = (
    "cloudtrail:DescribeTrails cloudtrail:GetEventSelectors cloudtrail:UpdateTrail cloudtrail:PutEventSelectors "
    "cloudtrail:GetTrailStatus"
)
_ROTATION: Final = "iam:ListAccessKeys iam:CreateAccessKey iam:UpdateAccessKey iam:DeleteAccessKey"
_ONBOARDING: Final = "iam:ChangePassword iam:CreateVirtualMFADevice iam:EnableMFADevice iam:CreateAccessKey"
_DESK: Final = "sts:GetCallerIdentity s3:ListBuckets s3:GetBucketLocation"
_CLEANING: Final = "iam:ListUsers iam:CreateUser iam:AttachUserPolicy iam:CreateAccessKey iam:TagUser"
_OPENING: Final = "ec2:DescribeSecurityGroups ec2:CreateSecurityGroup ec2:AuthorizeSecurityGroupIngress"
_RESTORE: Final = "rds:DescribeDBSnapshots rds:CreateDBSnapshot rds:ModifyDBSnapshotAttribute rds:CopyDBSnapshot"


class Plan:
    """Gives a company its oddities: each changes people or machines, and is noted.

    Parameters
    ----------
    company
        The company; its people and machines are changed.
    seed
        Seed of the choice.
    epoch, days
        Day number at which the simulation begins, and its length.
    """

    def __init__(self, company: Population, seed: int, epoch: int, days: int) -> None:
        self.company = company
        self.seed = seed
        self.epoch = epoch
        self.days = days
        self.choice = Random(f"oddities {seed}")
        self.found: list[Oddity] = []
        self.logins: list[BreakGlass] = []

    def note(self, cause: str, who: Person | Machine, day: int, length: int = 1) -> None:
        """Write down that something happened to somebody."""
        name = who.name if isinstance(who, Person) else who.identity.name
        first = max(day, self.epoch)
        last = min(day + length, self.epoch + self.days)
        self.found.append(Oddity(cause, who.identity.arn, name, clock(first * DAY), clock(last * DAY)))

    def times(self, each: float) -> int:
        """How often something happens that comes `each` times in four weeks, on average."""
        mean = each * self.days / 28
        return int(mean) + (self.choice.random() < mean % 1)

    def some(self, people: Sequence[Person], each: float, least: float = 0.0) -> list[tuple[Person, int]]:
        """Draw people to whom something happens and its day, for something that `each` of them has in four weeks."""
        drawn = min(self.times(max(each * len(people), least)), len(people))
        return [(person, self.day()) for person in self.choice.sample(people, drawn)]

    def day(self, length: int = 1) -> int:
        """Draw a day that leaves room for a length."""
        return self.epoch + self.choice.randrange(2, max(self.days - length, 3))

    def people(self) -> None:
        """Let people come, go, move, travel, and change how they work."""
        people, choice = self.company.people, self.choice
        for person, day in self.some(people, 0.03, 1.0):
            person.first = day
            person.errands.setdefault(day, []).append(Errand(_ONBOARDING))
            self.note("new hire", person, day, 7)
        for person, day in self.some(people, 0.02):
            if person.first < day:
                person.last = day
        for person, day in self.some(people, 0.03, 0.7):
            team = choice.choice([team for team in TEAMS if team != person.team])
            person.moved = (day, Habits(f"{self.seed} {person.name} moved", team, explore=0.03))
            self.note("team move", person, day, 7)
        for person, day in self.some(people, 0.05, 1.0):
            network = choice.choice(of("hotel", choice.choice(VISITED)))
            length = choice.randint(2, 6)
            person.away |= dict.fromkeys(range(day, day + length), network)
            self.note("travel", person, day, length)
        for person, day in self.some(people, 0.06, 1.0):
            others = [network for network in of("home", person.country) if network != person.home]
            network = choice.choice(others)
            person.new_home = (day, network.address(choice))
            self.note("new home provider", person, day, 3)
        for person, day in self.some(people, 0.08, 1.0):
            tool = choice.choice([t for t in ("boto", "terraform", "cdk", "go", "vscode", "java", "cli") if t])
            person.new_tool = (day, choice.uniform(0.5, 2), tool)
            self.note("tool adoption", person, day, 5)
        for person, day in self.some(people, 0.15):
            person.off |= set(range(day, day + choice.randint(5, 12)))
        on_call = [person for person in people if person.team in ("platform", "backend", "database", "web")]
        for person, day in self.some(on_call or people, 0.3, 2.0):
            nights = {day + offset for offset in range(choice.randint(1, 3))}
            person.nights |= nights
            self.note("on-call night", person, day, len(nights) + 1)

    def errands(self) -> None:
        """Let people do what is rare and looks like an attack, with a reason."""
        people, choice = self.company.people, self.choice
        security = [person for person in people if person.team == "security"] or people[:1]
        operators = [person for person in people if person.team in ("platform", "database", "backend")] or people
        for person, day in self.some(security, 0.2, 1.0):
            self.errand("trail change", person, day, Errand(_TRAIL_CHANGE, {"access": "All"}))
        for person, day in self.some([p for p in people if p.identity.is_user], 0.06, 1.0):
            person.new_key = (day, unique(choice, "AKIA"))
            self.errand("key rotation", person, day, Errand(_ROTATION))
        for person, day in self.some(operators, 0.04, 0.7):
            given = {"cidr": "0.0.0.0/0", "port": "443"}
            self.errand("public service", person, day, Errand(_OPENING, given))
        for person, day in self.some(operators, 0.04, 0.7):
            self.errand("new service user", person, day, Errand(_CLEANING))
        for person, day in self.some(operators, 0.03, 0.5):
            self.errand("database copied to another account", person, day, Errand(_RESTORE))
        machines = [machine for machine in self.company.machines if not isinstance(machine, Visitor)]
        for person, day in self.some(operators, 0.08, 0.7):
            machine = choice.choice(machines)
            self.errand(
                "role used from a desk", person, day, Errand(_DESK, identity=machine.identity, team=person.team)
            )
            self.note("role used from a desk", machine, day)

    def errand(self, cause: str, person: Person, day: int, errand: Errand) -> None:
        """Give a person an errand on a working day, the first from a day on, and note it."""
        while (day + 3) % 7 >= 5 or day in person.off:
            day += 1
        person.errands.setdefault(day, []).append(errand)
        self.note(cause, person, day)

    def machines(self) -> None:
        """Let software be released, run wild, and be run more than usual."""
        choice = self.choice
        machines = [machine for machine in self.company.machines if not isinstance(machine, Visitor)]
        groups: dict[tuple[str, str], list[Machine]] = {}
        for machine in machines:
            groups.setdefault((machine.family, machine.identity.account), []).append(machine)
        names = sorted(groups)
        for _ in range(self.times(2 + len(names) / 12)):
            group = groups[choice.choice(names)]
            day = self.day()
            known = {made.service for made in group[0].calls}
            pool = [
                made for service in sorted(known | {choice.choice(("s3", "events", "states", "logs", "kms", "sns"))})
                for made in services()[service][:16] if made not in group[0].calls and made.name != "AssumeRole"
            ]  # fmt: skip
            brought = choice.sample(pool, min(len(pool), choice.randint(1, 4)))
            for machine in group:
                start = day + choice.choice((0, 0, 0, 1))
                machine.added += [(start, made) for made in brought]
                self.note("release", machine, start, 2)
        for cause, each, low, high in (
            ("permission bug", 0.01, 2, 5),
            ("throttling storm", 0.008, 4, 8),
            ("data backfill", 0.006, 8, 12),
        ):
            for _ in range(max(1, self.times(each * len(machines)))):
                machine = choice.choice(machines)
                length = choice.randint(1, 2)
                days = range(day := self.day(length), day + length)
                machine.factor |= dict.fromkeys(days, choice.uniform(low, high))
                if cause == "permission bug":
                    machine.denied |= dict.fromkeys(days, choice.uniform(0.4, 0.9))
                if cause == "throttling storm":
                    machine.throttled |= dict.fromkeys(days, choice.uniform(0.3, 0.6))
                self.note(cause, machine, day, length)
        batch = [machine for machine in machines if machine.family in ("etl", "backup")]
        for day in range(self.epoch, self.epoch + self.days):
            if int(clock(day * DAY)[8:10]) in (1, 2):
                for machine in choice.sample(batch, len(batch) // 2):
                    machine.factor.setdefault(day, choice.uniform(2.5, 5))
                    self.note("month-end batch", machine, day)
        for machine in self.company.machines:
            if isinstance(machine, Visitor) and machine.how == "pipeline" and choice.random() < 0.25 * self.days / 28:
                machine.moved_runners = self.day()
                self.note("pipeline addresses move", machine, machine.moved_runners, 3)
        for account in choice.sample(self.company.accounts, max(1, len(self.company.accounts) // 8)):
            expanding = [p for p in self.company.people if p.identity.account == account]
            region = choice.choice(("us-east-2", "us-west-2", "ap-southeast-1", "eu-west-1"))
            day = self.day()
            for person in choice.sample(expanding, min(len(expanding), 4)):
                person.new_region = (day, region)
                self.note("region expansion", person, day, 5)

    def all(self) -> list[Oddity]:
        """Give the company everything and return what happened, in order of time."""
        self.people()
        self.errands()
        self.machines()
        for _ in range(max(1, self.times(0.15 * len(self.company.accounts)))):
            account = self.choice.choice(self.company.accounts)
            login = BreakGlass(account, self.day(), self.choice.choice(self.company.people))
            self.logins.append(login)
            begin, end = clock(login.day * DAY), clock((login.day + 1) * DAY)
            self.found.append(Oddity("break-glass login", login.arn, "root", begin, end))
        return sort_oddities(self.found)
