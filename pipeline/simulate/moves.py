"""What moves in a company while nobody means harm: networks, vendors, tools, environments; and people's rare changes.

Random numbers are its own, so that a company with moves does besides what it does without.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

from pipeline.simulate.networks import Network, cloud, of
from pipeline.simulate.oddities import Plan
from pipeline.simulate.people import Errand
from pipeline.simulate.population import Population
from pipeline.simulate.previews import Preview, plan_preview
from pipeline.simulate.truth import Oddity
from pipeline.simulate.visitors import Visitor

_One = TypeVar("_One")
RARE: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("iam:ListAccessKeys iam:CreateAccessKey", {}),
    ("iam:GetRole iam:UpdateAssumeRolePolicy", {}),
    ("ec2:DescribeSnapshots ec2:ModifySnapshotAttribute", {}),
    ("s3:GetBucketPolicy s3:PutBucketPolicy", {}),
    ("ssm:StartSession", {}),
    ("kms:GetKeyPolicy kms:PutKeyPolicy", {}),
    ("lambda:GetPolicy lambda:AddPermission20150331v2", {}),
    ("ec2:DescribeSecurityGroups ec2:AuthorizeSecurityGroupIngress", {"cidr": "0.0.0.0/0", "port": "8443"}),
    ("cloudtrail:GetTrailStatus cloudtrail:AddTags", {}),
    ("secretsmanager:ListSecrets secretsmanager:PutSecretValue", {}),
    ("route53:ListResourceRecordSets route53:ChangeResourceRecordSets", {}),
    ("iam:GetPolicy iam:CreatePolicyVersion", {}),
)
"""Errands that are each a change that an attacker makes too, now and then, by hand: whose key it is, who a role trusts,
with whom a snapshot is shared."""
_TOOLS: Final = ("terraform", "cdk", "go", "vscode", "boto")


class Moves:
    """Gives a company its moves: each changes people or vendors, or makes machines, and is noted.

    Parameters
    ----------
    company, seed, epoch, days
        As for `pipeline.simulate.oddities.Plan`.
    """

    def __init__(self, company: Population, seed: int, epoch: int, days: int) -> None:
        self.company = company
        self.plan = Plan(company, seed, epoch, days)
        self.choice = self.plan.choice = Random(f"moves {seed}")
        self.previews: list[Preview] = []

    def egress(self) -> None:
        """Let an egress that people share leave from elsewhere: its provider takes another point of presence."""
        used = sorted({person.egress.block for person in self.company.people if person.egress})
        for block in self._some(used, 0.5):
            day = self.plan.day()
            network = self.choice.choice([one for one in of("egress") if one.block != block])
            for person in self.company.people:
                if person.egress and person.egress.block == block:
                    person.new_egress = (day, network)
                    self.plan.note("egress moves", person, day, 3)

    def offices(self) -> None:
        """Let an office get another line, of a provider that people have at home."""
        used = sorted({person.country for person in self.company.people if person.office_address})
        for country in self._some(used, 0.4):
            day, network = self.plan.day(), self.choice.choice(of("home", country))
            address = network.address(self.choice)
            for person in self.company.people:
                if person.office_address and person.country == country:
                    person.new_office = (day, address)
                    self.plan.note("office moves", person, day, 5)

    def vendors(self) -> None:
        """Let vendors call from a cloud instead of their own addresses."""
        vendors = [one for one in self.company.machines if isinstance(one, Visitor) and one.how != "pipeline"]
        for how in self._some(sorted({vendor.how for vendor in vendors}), 0.4):
            day = self.plan.day()
            network: Network = cloud(self.choice.choice(("us-east-1", "eu-west-1", "us-west-2")))
            for vendor in vendors:
                if vendor.how == how:
                    vendor.moved = (day, network)
                    self.plan.note("vendor moves", vendor, day, 3)

    def tools(self) -> None:
        """Let a team take up a tool together."""
        for team in self._some(sorted({person.team for person in self.company.people}), 0.2):
            day, tool = self.plan.day(3), self.choice.choice(_TOOLS)
            for person in self.company.people:
                if person.team == team and person.new_tool is None:
                    person.new_tool = (day + self.choice.choice((0, 0, 1, 2)), self.choice.uniform(0.5, 2), tool)
                    self.plan.note("tool roll-out", person, person.new_tool[0], 5)

    def changes(self) -> None:
        """Let people make single rare changes."""
        operators = [p for p in self.company.people if p.team in ("platform", "database", "backend", "security")]
        for person, _ in self.plan.some(operators or self.company.people, 0.2, 2.0):
            actions, given = self.choice.choice(RARE)
            self.plan.errand("rare change", person, self.plan.day(4), Errand(actions, dict(given)))

    def environments(self) -> None:
        """Let pipelines make environments for branches, each with roles of its own, and take them away."""
        pipelines = [one for one in self.company.machines if isinstance(one, Visitor) and one.how == "pipeline"]
        for pipeline in self._some(pipelines, 0.3):
            for number in range(self.choice.randint(2, 5)):
                day = self.plan.day(6)
                preview = plan_preview(pipeline, self.choice, 100 + number, day, day + self.choice.randint(2, 5))
                self.previews.append(preview)
                self.plan.note("preview environment", pipeline, day, preview.last - day + 1)
                for machine in preview.machines:
                    self.plan.note("preview environment", machine, day, preview.last - day + 1)

    def _some(self, what: Sequence[_One], each: float) -> list[_One]:
        """Draw of some things those to which something happens that each has so often in four weeks."""
        return [one for one in what if self.choice.random() < each * self.plan.days / 28]

    def all(self) -> list[Oddity]:
        """Give the company all moves and return them."""
        self.egress()
        self.offices()
        self.vendors()
        self.tools()
        self.changes()
        self.environments()
        return self.plan.found
