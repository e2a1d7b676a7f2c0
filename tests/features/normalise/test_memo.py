from features.normalise.memo import LONGEST, Memo


def test_a_memo_asks_once_and_is_bounded() -> None:
    asked: list[int] = []

    def double(key: int) -> int:
        asked.append(key)
        return key * 2

    memo = Memo(double, most=3)
    assert [memo[key] for key in (1, 2, 1, 3, 4, 1)] == [2, 4, 2, 6, 8, 2]
    assert (asked, memo.misses) == ([1, 2, 3, 4, 1], 5)
    assert len(memo) <= 3


def test_long_keys_are_answered_and_not_kept() -> None:
    memo: Memo[tuple[str, bytes | None], int] = Memo(lambda key: len(key[0]), most=3)
    long = "x" * LONGEST
    assert [memo[long, b"x"], memo[long, b"x"], memo[long, None]] == [LONGEST] * 3
    assert (memo.misses, list(memo)) == (3, [(long, None)])
