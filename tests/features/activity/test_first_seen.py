"""Who a principal is and where a network lies is what the first delivery said."""

from datetime import timedelta
from itertools import permutations

import duckdb
import pyarrow as pa

from features.activity.first_seen import MEMBERS
from tests.builders import NINE

FIRST = {
    "principal": "user/ana", "delivered": NINE, "identity": "user/ana", "account": "1", "kind": "human",
    "identity_type": "IAMUser", "identity_name": "ana", "permission_set": "", "principal_name": "ana",
    "identity_arn": "arn:1",
}  # fmt: skip


def test_of_rows_delivered_together_the_same_one_counts_in_whatever_order_they_stand() -> None:
    rows = [
        FIRST,
        FIRST | {"kind": "workload"},
        FIRST | {"delivered": NINE + timedelta(minutes=5), "kind": "ci", "identity": "a"},
        FIRST | {"identity": "user/bob", "identity_name": "bob"},
    ]
    for order in permutations(rows):
        with duckdb.connect() as connection:
            connection.register("principals", pa.Table.from_pylist(list(order)))
            found = connection.sql(MEMBERS).fetchall()
        assert found == [("user/ana", "human", "IAMUser", "ana", "", "1", "ana", "arn:1")]
