"""A home in which every text that somebody else chose attacks whoever looks at it."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
from mmdb_writer import MMDBWriter
from msgspec import inspect
from netaddr import IPSet  # type: ignore[import-untyped]

from pipeline.alerts.harms import HARMS
from pipeline.connection import connect
from pipeline.detect.refresh import refresh_activity
from pipeline.stores.alert import Alert
from pipeline.stores.home import open_store
from pipeline.stores.jsonl.marks import Mark, Value
from pipeline.stores.jsonl.receipts import ReceiptsJsonl
from pipeline.stores.parquet.hour_scores import SCHEMA
from tests.pipeline.cli.homes import NINE, a_home, a_record, with_alerts
from tests.pipeline.page.browser.homes import a_receipt

ELSEWHERE: Final = "//elsewhere.example"
FIRING: Final = (
    "<script>window.pwned=1</script>",
    "\"'><script>alert(1)</script>",
    "<img src=x onerror=window.pwned=1>",
    "<svg/onload=window.pwned=1>",
    "<details open ontoggle=window.pwned=1>x</details>",
    "\"' autofocus tabindex=0 onfocus=window.pwned=1 x='\"",
    "</title></style></textarea></pre></svg><script>window.pwned=1</script>",
    '<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>',
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=window.pwned=1&gt;'>"
    "<img src onerror=window.pwned=1>",
    f"<img src={ELSEWHERE}/p.png>",
    f"<link rel=stylesheet href={ELSEWHERE}/c.css>",
    f'<style>@import "{ELSEWHERE}/i.css";</style>',
    f"<object data={ELSEWHERE}/o></object>",
    f"<script src={ELSEWHERE}/s.js></script>",
    f"<base href={ELSEWHERE}/><img src=relative.png>",
)
"""Each does something by itself, where it is not escaped: runs, or asks somebody else for something."""
WAITING: Final = (
    "<a href=javascript:window.pwned=1>",
    "javascript:window.pwned=1",
    f"<form action={ELSEWHERE}/f><button>go</button></form>",
    "' onmouseover='window.pwned=1",
    f"<b hx-get={ELSEWHERE}/h hx-trigger=load hx-on:htmx:load=window.pwned=1>",
    "<b data-points='[[0],[1]]' data-hx-get=//elsewhere.example/d data-hx-trigger=load>",
    "{{7*7}}${7*7}{% if 1 %}<%= 7*7 %>",
    "&lt;script&gt;&#x3c;img src=x onerror=window.pwned=1&#x3e;",
    "]]><svg><script>window.pwned=1</script>",
)
"""These wait for somebody, or for a library."""
LONGEST: Final = 420
"""Characters of a text; longer ones are cut where they are shown."""


def _join(parts: tuple[str, ...]) -> list[str]:
    texts = [""]
    for part in parts:
        if len(texts[-1]) + len(part) > LONGEST:
            texts.append("")
        texts[-1] += part
    return texts


TEXTS: Final = _join((*FIRING, *WAITING))
"""All of them, in a few texts."""


def fill(kind: inspect.Type, text: str) -> Any:
    """A value of a type in which every text is `text`; a list has one of it, what may be missing is there."""
    match kind:
        case inspect.StructType(fields=fields):
            return {field.encode_name: fill(field.type, text) for field in fields}
        case inspect.Metadata(type=inner):
            return fill(inner, text)
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            return [fill(item, text)]
        case inspect.UnionType(types=types):
            return fill(next(one for one in types if not isinstance(one, inspect.NoneType)), text)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.DateTimeType():
            return NINE
        case inspect.DateType():
            return date(2026, 3, 2)
        case inspect.BoolType():
            return True
        case inspect.IntType() | inspect.FloatType():
            return 2
        case inspect.StrType():
            return text
    raise AssertionError(f"no value of {kind} is known")


def a_hostile_alert(alert_id: str, text: str, event_ids: list[str]) -> Alert:
    """An alert of which every text is an attack, but for what finds it again and names that are ours."""
    document = fill(inspect.type_info(Alert), text)
    document["title"] = f"{text} {text}"  # begins with the name, as titles do, so that it is read on
    document["reasons"] = [one | {"feature": "surprise", "dimension": "write"} for one in document["reasons"]]
    document["harms"] = [one | {"kind": harm.name} for one in document["harms"] for harm in HARMS]
    raised = {"raised": True, "held_because": None, "drill": text, "record_score": 91.0, "evidence": 30.0, "version": 2}
    return msgspec.convert(document | raised | {"alert_id": alert_id, "event_ids": event_ids}, Alert)


def a_hostile_record(text: str, at: datetime) -> dict[str, Any]:
    """A record in which every text that a caller chooses is an attack."""
    record = a_record(
        at, f"Create{text}", userAgent=text, errorCode=text, errorMessage=text,
        requestParameters={"userName": text, "bucketName": text, "roleArn": f"arn:aws:iam::1:role/{text}", text: text},
        responseElements={text: [text]}, resources=[{"ARN": text, "type": text, "accountId": text}],
        tlsDetails={"clientProvidedHostHeader": text}, additionalEventData={text: text}, vpcEndpointId=text,
    )  # fmt: skip
    session = record["userIdentity"]["sessionContext"]
    session["sessionIssuer"]["userName"] = session["sourceIdentity"] = text
    session["sessionIssuer"]["principalId"] = f"AROA{text}"
    record["userIdentity"] |= {"arn": f"arn:aws:sts::111122223333:assumed-role/deploy/{text}", "invokedBy": text}
    return record


def _write_geo(folder: Path, texts: list[str]) -> None:
    """Databases in which cities and operators are attacks."""
    folder.mkdir(parents=True)
    places = MMDBWriter(ip_version=4, database_type="Test-City", languages=["en"])
    operators = MMDBWriter(ip_version=4, database_type="Test-ASN", languages=["en"])
    for number, text in enumerate(texts):
        block = IPSet([f"21.{number}.0.0/16"])
        place = {"country": {"iso_code": text, "names": {"en": text}}, "city": {"names": {"en": text}}}
        places.insert_network(block, place | {"location": {"latitude": 1.0, "longitude": 1.0}})
        operators.insert_network(
            block, {"autonomous_system_number": 64512 + number, "autonomous_system_organization": text}
        )
    places.to_db_file(str(folder / "test-city.mmdb"))
    operators.to_db_file(str(folder / "test-asn.mmdb"))


def a_hostile_home(folder: Path) -> Path:
    """The home; its alerts are `hostile0` and so on, one a text of `TEXTS`."""
    _write_geo(folder / "home" / "geoip", TEXTS)
    attacks = [a_hostile_record(text, NINE + timedelta(minutes=number)) for number, text in enumerate(TEXTS)]
    earlier = NINE - timedelta(days=9)
    plain = [a_record(earlier, sourceIPAddress="198.51.100.7")]
    placed = [
        a_record(NINE + timedelta(hours=1, minutes=number), sourceIPAddress=f"21.{number}.0.1", userAgent=text)
        for number, text in enumerate(TEXTS)
    ]
    home = a_home(folder, [*plain, *attacks, *placed])
    ReceiptsJsonl(home / "receipts.jsonl").add(a_receipt(TEXTS[0], TEXTS[1]))
    alerts = [
        a_hostile_alert(f"hostile{number}", text, [attacks[number]["eventID"]]) for number, text in enumerate(TEXTS)
    ]
    _score(home)
    with open_store(home) as store:
        for number, text in enumerate(TEXTS):
            store.marks.add(a_hostile_mark(number, text))
    return with_alerts(home, *alerts)


def a_hostile_mark(number: int, text: str) -> Mark:
    """What somebody said of an alert, every text of it an attack."""
    return Mark(
        id=f"{number:012x}", at=NINE + timedelta(days=1), by=text[:200], verdict="expected", note=text,
        alert_id=f"hostile{number}", principal=text, principal_name=text, values=(Value("agent", text),),
        until=date(2026, 6, 1), external=text[:64],
    )  # fmt: skip


def _score(home: Path) -> None:
    """Activity, and for each principal an hour that a model of vectors called strange."""
    now = NINE + timedelta(hours=16)
    with open_store(home) as store, connect(1, 1 << 30) as connection:
        refresh_activity(store, connection, timezone="UTC", lateness_minutes=15, now=now)
        rows = [
            {
                "principal": key, "principal_name": name, "principal_kind": kind, "day": NINE.date(), "hour": NINE,
                "scored_at": NINE + timedelta(minutes=75), "model": "population", "raw_score": 9.0,
                "record_score": 90.0, "measures": [{"measure": "calls", "typical": 2.0, "actual": 40.0, "share": 1.0}],
            }
            for key, name, kind in list_principals(home)
        ]  # fmt: skip
        store.hour_scores.put(NINE.date(), pa.Table.from_pylist(rows, schema=SCHEMA))


def list_principals(home: Path) -> list[tuple[str, str, str]]:
    """Key, name and kind of each principal of the home whose key is an attack."""
    with open_store(home, create=False) as store, connect(1, 1 << 30) as connection:
        store.events.view(connection)
        found = connection.execute(
            "SELECT DISTINCT principal, principal_name, kind FROM events WHERE contains(principal, 'pwned') ORDER BY 1"
        )
        return found.fetchall()
