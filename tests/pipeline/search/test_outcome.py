"""What statuses and errors mean: the table of outcomes, row by row."""

import pytest

from pipeline.search.outcome import Outcome, bound, classify


@pytest.mark.parametrize(
    ("status", "kind", "reason", "outcome"),
    [
        (200, "", "", Outcome.OK),
        (201, "", "", Outcome.OK),
        (409, "version_conflict_engine_exception", "document already exists", Outcome.DUPLICATE),
        (409, "resource_in_use_exception", "", Outcome.RETRY),
        (429, "es_rejected_execution_exception", "rejected execution", Outcome.RETRY),
        (429, "circuit_breaking_exception", "Data too large", Outcome.RETRY),
        (429, "cluster_block_exception", "disk usage exceeded flood-stage watermark", Outcome.RETRY_SLOWLY),
        (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)]", Outcome.RETRY_SLOWLY),
        (403, "index_create_block_exception", "blocked by: [FORBIDDEN/10]", Outcome.RETRY_SLOWLY),
        (403, "security_exception", "no permissions for [indices:data/write/bulk]", Outcome.CONFIGURATION),
        (403, "", "The security token included in the request is expired", Outcome.CONFIGURATION),
        (401, "", "Unauthorized", Outcome.CONFIGURATION),
        (400, "mapper_parsing_exception", "failed to parse field [a]", Outcome.REPAIR),
        (400, "document_parsing_exception", "failed to parse", Outcome.REPAIR),
        (400, "illegal_argument_exception", "Document contains at least one immense term", Outcome.REPAIR),
        (400, "strict_dynamic_mapping_exception", "introduction of [a] not allowed", Outcome.CONFIGURATION),
        (400, "index_closed_exception", "closed", Outcome.BURY),
        (400, "invalid_index_name_exception", "Invalid index name [A], must be lowercase", Outcome.CONFIGURATION),
        (400, "illegal_argument_exception", "pipeline with id [x] does not exist", Outcome.CONFIGURATION),
        (400, "illegal_argument_exception", "no write index is defined for alias [x].", Outcome.CONFIGURATION),
        (
            400,
            "document_parsing_exception",
            "[1:9] failed to parse: Limit of total fields [2] has been exceeded while adding new fields [4]",
            Outcome.CONFIGURATION,
        ),
        (
            400,
            "validation_exception",
            "Validation Failed: 1: this action would add [2] total shards, but this cluster currently has [9]/[9] ma",
            Outcome.RETRY_SLOWLY,
        ),
        (400, "illegal_argument_exception", "Limit of total fields [1000] has been exceeded", Outcome.CONFIGURATION),
        (404, "index_not_found_exception", "no such index [x]", Outcome.CREATE_INDEX),
        (404, "", "no handler", Outcome.CONFIGURATION),
        (405, "", "", Outcome.CONFIGURATION),
        (413, "", "Request size exceeded 10485760 bytes", Outcome.SPLIT),
        (500, "", "", Outcome.RETRY),
        (502, "", "", Outcome.RETRY),
        (503, "unavailable_shards_exception", "primary shard is not active", Outcome.RETRY),
        (504, "", "", Outcome.RETRY),
        (307, "", "", Outcome.CONFIGURATION),
        (0, "", "", Outcome.RETRY),
    ],
)
def test_a_status_and_an_error_mean_one_outcome(status, kind, reason, outcome):
    assert classify(status, kind, reason) is outcome


@pytest.mark.parametrize(
    "written",
    [
        "Limit of total fields [1] has been exceeded",
        "[1:2] failed to parse: Limit of total fields [1]",
        "disk usage exceeded flood-stage watermark",
        "pipeline with id [x] does not exist",
        "Validation Failed: 1: this action would add [2] shards",
    ],
)
def test_what_somebody_writes_into_a_document_does_not_stop_the_others(written):
    """Engines repeat a value that they cannot parse: it must not pass for their own word."""
    for said in (
        f"failed to parse field [a] of type [date] in document with id '1'. Preview of field's value: '{written}'",
        f"[1:6] failed to parse field [a] of type [ip] in document with id '1'. Preview of field's value: '{written}'",
        f"failed to parse: {written}",
    ):
        assert classify(400, "mapper_parsing_exception", said) is Outcome.REPAIR


def test_an_engines_words_are_bounded():
    assert bound(None) == ""
    assert len(bound("x" * 10_000)) == 500
