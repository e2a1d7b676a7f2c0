"""Make a search engine ready for documents: templates, policies and roles, where it has them; and nothing twice."""

import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import quote

from pipeline.documents.alert_indices import find_missing, make_indices
from pipeline.documents.alert_names import ALERTS, ANOMALIES, DETECTOR, NATIVE, name_index, name_month
from pipeline.documents.capabilities import Capabilities, probe
from pipeline.documents.conflicts import find_conflicts
from pipeline.documents.document import Naming
from pipeline.documents.policy import make_ilm_policy, make_ism_policy, name_policy
from pipeline.documents.roles import Role, make_elasticsearch_roles, make_opensearch_roles
from pipeline.documents.template import MADE_BY, VERSION, make_templates, needs_texts
from pipeline.documents.viewers import DETECTORS, STATS, find_detector, find_native, make_detector
from pipeline.errors import OddtrailError, SettingsError
from pipeline.search.engine import Answer, Engine

Outcome = Literal["made", "changed", "same", "refused"]
"""`refused`: the engine did not let us, and says why."""
_POLICIES: Final = {"opensearch": "/_plugins/_ism/policies", "elasticsearch": "/_ilm/policy"}
_ROLES: Final = {"opensearch": "/_plugins/_security/api/roles", "elasticsearch": "/_security/role"}
_PREFIX: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_LET_IN: Final = 200
_FORBIDDEN: Final = (401, 403)


class SetupError(OddtrailError):
    """Something is in the way, or is not there."""


class Step(NamedTuple):
    """One thing that was set up, and with which request."""

    what: str
    outcome: Outcome
    method: str
    path: str
    body: Mapping[str, Any]
    reason: str = ""


@dataclass
class SetUp:
    """What was done; in a dry run what would be."""

    engine: str
    product: str = ""
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def check_prefix(prefix: str) -> str:
    """The prefix, if names of indices can begin with it.

    >>> check_prefix("cloudtrail-eu")
    'cloudtrail-eu'
    """
    if not _PREFIX.fullmatch(prefix):
        raise SettingsError(
            f"'{prefix}' cannot begin the name of an index: take lower-case letters, digits, '-', '_' and '.'"
        )
    return prefix


def set_up(engine: Engine, naming: Naming, *, today: date | None = None, dry_run: bool = False) -> SetUp:
    """Make an engine ready; what is there already stays as it is.

    Parameters
    ----------
    today
        The day whose month of alerts is made for OpenSearch's viewer to find; without it no detector is made.

    Raises
    ------
    SetupError
        A template or an index of somebody else is in the way, or the engine refuses ours; says what was found.
    SettingsError
        It is no engine that we know.
    """
    capabilities = probe(engine)
    done = SetUp(str(capabilities), capabilities.product)
    work = _Work(engine, done, dry_run)
    policies = work.offers(_POLICIES[capabilities.product], "policies")
    lifecycle = name_policy(naming) if policies and capabilities.product == "elasticsearch" else None
    detects = capabilities.product == "opensearch" and work.offers(STATS, "detectors")
    detector = find_detector(engine) if detects else None
    templates = make_templates(capabilities, naming, lifecycle, detector or DETECTOR)
    found = find_conflicts(engine, naming, templates)
    if found.conflicts:
        raise SetupError(f"{engine.url.origin}: " + "; ".join(found.conflicts))
    done.notes += found.notes
    if capabilities.needs_texts:
        done.notes.append(f"{capabilities} searches requests as texts only: 2.7 and newer search them by field")
    if policies:
        work.put_policy(capabilities, naming)
    for template in templates:
        work.put(f"template {template.name}", template.path, template.body, _read_template, required=True)
    for index, properties in found.behind:
        work.add(
            f"new fields of index {index}", "changed", "PUT", f"/{quote(index)}/_mapping", {"properties": properties}
        )
    if work.offers(_ROLES[capabilities.product], "roles"):
        work.put_roles(capabilities, naming)
    if detects and detector is None and today is not None and (made := work.make_detector(naming, today)):
        (alerts,) = (each for each in make_templates(capabilities, naming, lifecycle, made) if each.name == ALERTS)
        work.add(f"template {ALERTS} names the detector", "changed", "PUT", alerts.path, alerts.body)
    work.add_native(capabilities)
    return done


def require_template(engine: Engine, naming: Naming) -> bool:
    """Refuse to go on where documents would not meet our template; asks once.

    Returns
    -------
    bool
        Whether requests can be searched as texts only: see `Capabilities.needs_texts` of the engine that `set_up` asked
        when it made the template.

    Raises
    ------
    SetupError
        There is no such template, or another one comes before it.
    UnreachableError
        The engine does not answer.
    """
    found = read_template(engine, f"{naming.prefix}-2026.01.01", f"{naming.prefix}-*")
    return needs_texts(found)


def read_template(engine: Engine, index: str, named: str) -> dict[str, Any]:
    """The mapping that an index of ours would be made with; asks once.

    Parameters
    ----------
    index
        Name of one that need not be there.
    named
        What its indices are called, for whoever reads an error.

    Raises
    ------
    SetupError
        No template of this version of ours would make it.
    UnreachableError
        The engine does not answer.
    """
    origin = engine.url.origin
    answer = engine.ask("POST", f"/_index_template/_simulate_index/{quote(index)}")
    if answer.status in _FORBIDDEN:
        raise SetupError(
            f"{origin} does not tell the template of {named} ({answer.status} {answer.error[1]}): give the role "
            "indices:admin/index_template/simulate_index, or use the role that `oddtrail setup URL` makes"
        )
    if answer.status >= 500:
        raise SetupError(f"{origin} answers {answer.status} {answer.error[1]}: try again")
    template = answer.body.get("template") if isinstance(answer.body, dict) else None
    told = template.get("mappings") if isinstance(template, dict) else None
    mapping: dict[str, Any] = told if isinstance(told, dict) else {}
    meta = mapping.get("_meta")
    if not isinstance(meta, dict) or meta.get("made_by") != MADE_BY:
        raise SetupError(f"{origin} has no template of oddtrail's for {named}: run `oddtrail setup URL` first")
    if meta.get("version") != VERSION:
        raise SetupError(
            f"{origin} has the template of another oddtrail for {named} "
            f"(version {meta.get('version')}, not {VERSION}): run this one's `oddtrail setup URL`"
        )
    return mapping


class _Work:
    """The steps of one set-up."""

    def __init__(self, engine: Engine, done: SetUp, dry_run: bool) -> None:
        self._engine, self._done, self._dry_run = engine, done, dry_run

    def put(
        self,
        what: str,
        path: str,
        body: Mapping[str, Any],
        read: Callable[[Answer, Mapping[str, Any]], Outcome],
        *,
        required: bool = False,
        params: Callable[[Answer], Mapping[str, str]] = lambda answer: {},
    ) -> None:
        """Put something, unless it is there as it should be.

        Parameters
        ----------
        read
            Tells of what is there, and of what should be, what putting it means.
        params
            Of the request, by what is there.
        """
        there = self._engine.ask("GET", path)
        outcome = read(there, body)
        if outcome == "same":
            self._done.steps.append(Step(what, outcome, "PUT", path, body))
        else:
            self.add(what, outcome, "PUT", path, body, required=required, params=params(there))

    def add(
        self,
        what: str,
        outcome: Outcome,
        method: str,
        path: str,
        body: Mapping[str, Any],
        *,
        required: bool = True,
        params: Mapping[str, str] | None = None,
    ) -> None:
        """Send a request, and note what came of it."""
        reason = ""
        if not self._dry_run:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of templates that yield to ours: a note tells them
                answer = self._engine.ask(method, path, body, params=params)
            if answer.status not in (200, 201):
                kind, said = answer.error
                reason = f"{answer.status} {kind} {said}".strip()
                if required:
                    raise SetupError(f"{self._engine.url.origin} refuses the {what}: {reason}")
                outcome = "refused"
        self._done.steps.append(Step(what, outcome, method, path, body, reason))

    def put_policy(self, capabilities: Capabilities, naming: Naming) -> None:
        """Put the policy of indices of events."""
        name = name_policy(naming)
        path = f"{_POLICIES[capabilities.product]}/{name}"
        if capabilities.product == "opensearch":
            self.put(f"policy {name}", path, make_ism_policy(naming), _read_ism_policy, params=_name_revision)
        else:
            self.put(f"policy {name}", path, make_ilm_policy(naming), _read_ilm_policy)

    def put_roles(self, capabilities: Capabilities, naming: Naming) -> None:
        """Put the roles."""
        opensearch = capabilities.product == "opensearch"
        roles: list[Role] = make_opensearch_roles(naming) if opensearch else make_elasticsearch_roles(naming)
        for role in roles:
            self.put(f"role {role.name}", f"{_ROLES[capabilities.product]}/{role.name}", role.body, _read_role)

    def make_detector(self, naming: Naming, today: date) -> str | None:
        """Make the detector for OpenSearch's viewer, and return its id; None where that cannot be yet."""
        body, index, month = make_detector(naming), name_index(today, "opensearch"), name_month(today)
        made_index = Step(f"index {index}", "made", "PUT", f"/{index}", {"aliases": {month: {}}})
        if self._dry_run:
            self._done.steps += [made_index, Step(f"detector {DETECTOR}", "made", "POST", DETECTORS, body)]
            return None
        missing = find_missing(self._engine, "opensearch", [today], history=False)
        make_indices(self._engine, "opensearch", missing)
        if missing:
            self._done.steps.append(made_index)
        answer = self._engine.ask("POST", DETECTORS, body)
        made = answer.body.get("_id") if isinstance(answer.body, dict) else None
        if answer.status not in (200, 201) or not isinstance(made, str):
            kind, said = answer.error
            self._done.notes.append(
                f"the detector for the viewer of anomalies is not made ({answer.status} {kind} {said}): it needs "
                f"events in {naming.prefix}-*; set up again once there are some, then `oddtrail alerts publish --again`"
            )
            return None
        self._done.steps.append(Step(f"detector {DETECTOR}", "made", "POST", DETECTORS, body))
        return made

    def add_native(self, capabilities: Capabilities) -> None:
        """Let one alias read our alerts and the native results that are there."""
        native = find_native(self._engine, capabilities.product)
        if not native:
            patterns = " or ".join(NATIVE[capabilities.product])
            self._done.notes.append(
                f"no results of native jobs are there ({patterns}): set up again once there are, and the alias "
                f"{ANOMALIES} reads them beside our alerts"
            )
            return
        what = f"alias {ANOMALIES} of native results"
        missing = [index for index, held in sorted(native.items()) if not held]
        body = {"actions": [{"add": {"index": index, "alias": ANOMALIES}} for index in missing]}
        if missing:
            self.add(what, "made", "POST", "/_aliases", body, required=False)
        else:
            self._done.steps.append(Step(what, "same", "POST", "/_aliases", body))

    def offers(self, path: str, what: str) -> bool:
        """Whether an engine has an interface, which small distributions have not."""
        answer = self._engine.ask("GET", path)
        if answer.status in _FORBIDDEN:
            self._done.notes.append(f"{what} are not ours to make: {path} answers {answer.status}; make them by hand")
        elif answer.status != _LET_IN:
            self._done.notes.append(f"{what} are not made: this engine has no {path}")
        return answer.status == _LET_IN


def _read_template(there: Answer, wanted: Mapping[str, Any]) -> Outcome:
    if there.status != _LET_IN:
        return "made"
    templates = there.body.get("index_templates", []) if isinstance(there.body, dict) else []
    found = templates[0]["index_template"] if templates else {}
    return "same" if all(found.get(name) == value for name, value in wanted.items()) else "changed"


def _read_ism_policy(there: Answer, wanted: Mapping[str, Any]) -> Outcome:
    if there.status != _LET_IN:
        return "made"
    found = there.body.get("policy", {}) if isinstance(there.body, dict) else {}
    return "same" if found.get("description") == wanted["policy"]["description"] else "changed"


def _name_revision(there: Answer) -> Mapping[str, str]:
    """ISM changes a policy only for who names the revision that he has seen."""
    if there.status != _LET_IN or not isinstance(there.body, dict):
        return {}
    return {"if_seq_no": str(there.body.get("_seq_no")), "if_primary_term": str(there.body.get("_primary_term"))}


def _read_ilm_policy(there: Answer, wanted: Mapping[str, Any]) -> Outcome:
    if there.status != _LET_IN:
        return "made"
    (found,) = there.body.values() if isinstance(there.body, dict) and len(there.body) == 1 else ({},)
    same = found.get("policy", {}).get("_meta") == wanted["policy"]["_meta"]
    return "same" if same else "changed"


def _read_role(there: Answer, wanted: Mapping[str, Any]) -> Outcome:
    if there.status != _LET_IN or not isinstance(there.body, dict) or len(there.body) != 1:
        return "made"
    (found,) = there.body.values()
    return "same" if _holds(found, wanted) else "changed"


def _holds(found: Any, wanted: Any) -> bool:
    """Whether something is what was wanted, with whatever an engine adds to objects."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(_holds(found.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(_holds, found, wanted))
    return bool(found == wanted)
