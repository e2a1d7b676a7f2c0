from models.vocabulary import Vocabulary


def test_codes_are_given_in_the_order_of_appearance_and_stay() -> None:
    words = Vocabulary(["a"])
    assert words.codes(["b", "a", "c", "b"]).tolist() == [1, 0, 2, 1]
    assert words.codes(["c", "d"]).tolist() == [2, 3]
    assert words.values == ["a", "b", "c", "d"]
    assert len(words) == 4


def test_to_ask_for_a_code_adds_nothing() -> None:
    words = Vocabulary()
    assert words.get("absent") == -1
    assert len(words) == 0


def test_a_vocabulary_made_of_another_values_gives_the_same_codes() -> None:
    words = Vocabulary(["x", "y"])
    assert Vocabulary(words.values).codes(["y", "x"]).tolist() == words.codes(["y", "x"]).tolist() == [1, 0]
