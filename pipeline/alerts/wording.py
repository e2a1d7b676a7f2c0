"""An alert's numbers, credentials and state in words, the same on a terminal, in a ticket and in JSON."""

from datetime import tzinfo

from models.desk import FLOOR_NATS
from models.explain import COUNTED, word_number
from pipeline.stores.alert import Alert, AlertOpener, AlertReason, AlertSession
from pipeline.text.plural import plural


def write_values(reason: AlertReason) -> tuple[str, str]:
    """Typical and actual value as text: shares of active hours for what is there or not, numbers for counts.

    >>> there = {"dimension": "read", "value": "s3:ListBuckets", "nats": 2.0, "text": "first call s3:ListBuckets"}
    >>> write_values(AlertReason(feature="surprise", typical=0.031, actual=1.0, **there))
    ('3.1%', 'seen')
    >>> write_values(AlertReason(feature="own_past", typical=1.38, actual=25.0, **there))
    ('1.4', '25')
    """
    if reason.feature in COUNTED:
        return word_number(reason.typical), f"{reason.actual:,.0f}"
    return write_share(reason.typical), "seen"


def write_share(share: float) -> str:
    """A share of active hours.

    >>> [write_share(share) for share in (0.0, 0.0002, 0.031, 0.5, 0.999, 1.0)]
    ['never', '<0.1%', '3.1%', '50%', '>99%', '100%']
    """
    if not share:
        return "never"
    if share < 0.001:
        return "<0.1%"
    if 0.99 < share < 1:
        return ">99%"
    return f"{100 * share:.1f}%" if share < 0.1 else f"{100 * share:.0f}%"


def write_held(alert: Alert) -> str:
    """Why an alert was not raised; "" where it was, or where nobody wrote down why."""
    reasons = {
        "evidence": f"too little evidence: {alert.evidence:.1f} of {FLOOR_NATS:g}",
        "score": "record score below 75",
        "others": "weaker than what the daily budget is kept for",
        "budget": "held back by the daily budget",
        "drill": "a drill that is over",
        None: "",
    }
    return "" if alert.raised else reasons[alert.held_because]


def write_session(session: AlertSession, zone: tzinfo) -> list[str]:
    """With what some of the calls were made, a line a thing: the credential, from where, with what, who opened it."""
    named = f"session {session.session_name}" if session.session_name else ""
    key = f"key {session.access_key}" if session.access_key else "" if named else "no access key"
    since = f"since {session.started.astimezone(zone):%d %b %H:%M}" if session.started else ""
    mfa = "" if session.mfa is None else "MFA" if session.mfa else "no MFA"
    lines = [", ".join(filter(None, [key, named, since, mfa, plural(session.calls, "call")]))]
    if session.addresses:
        lines.append(f"from {', '.join(session.addresses)}")
    if session.agents:
        lines.append(f"with {'; '.join(session.agents)}")
    lines += [
        f"{'and that one ' * bool(number)}opened by {write_opener(o, zone)}"
        for number, o in enumerate(session.opened_by)
    ]
    if session.issued_keys:
        lines.append(f"handed out {plural(len(session.issued_keys), 'key')}: {', '.join(session.issued_keys)}")
    return lines


def write_opener(opener: AlertOpener, zone: tzinfo) -> str:
    """Who opened a session, with what and when."""
    key = f" with key {opener.access_key}" if opener.access_key else ""
    named = f", session {opener.session_name}" if opener.session_name else ""
    when = f"{opener.time.astimezone(zone):%d %b %H:%M:%S}"
    return (
        f"{opener.principal_name} ({opener.principal_kind}){key}{named}, from {opener.address}, {opener.action} at "
        f"{when}"
    )
