from datetime import date, timedelta

from pipeline.stores.sqlite.database import Database
from pipeline.stores.sqlite.state import SqliteState
from pipeline.stores.unjudged import add_unjudged, count_unjudged, put_unjudged

DAY = date(2026, 3, 2)


def test_a_day_scored_again_counts_once_and_what_lands_adds_up():
    state = SqliteState(Database(":memory:"))
    assert count_unjudged(state) == 0
    put_unjudged(state, DAY, "delivered", 4)
    put_unjudged(state, DAY, "delivered", 4)
    add_unjudged(state, DAY, "landed", 2)
    add_unjudged(state, DAY, "landed", 2)
    put_unjudged(state, DAY + timedelta(days=1), "skipped", 0)
    assert count_unjudged(state) == 8
