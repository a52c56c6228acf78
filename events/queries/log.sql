-- The view `log`: an export as it lies, a row an event, whether Parquet or JSON Lines.
--
-- Say first where it is, a folder of `postern export` or a copy of one on S3:
--
--     SET VARIABLE log = 'log';
--
-- Every column has the name and the type that events/replay/README.md tells, in both formats. `data`,
-- `meta`, `events`, `types` and `state` are JSON: `data ->> 'attempts_left'`. `date` is the folder's
-- day; a WHERE on it reads those folders alone.

-- Days and hours are UTC's, as in the log, wherever the analyst sits.
SET TimeZone = 'UTC';

SET VARIABLE parquet_files = (SELECT list(file) FROM glob(getvariable('log') || '/*/*.parquet'));
SET VARIABLE jsonl_files = (SELECT list(file) FROM glob(getvariable('log') || '/*/*.jsonl'));

-- What the rows of JSON Lines can have. Never guessed from the first rows: many columns are rare.
SET VARIABLE log_columns = {
    'stream': 'VARCHAR', 'sequence': 'BIGINT', 'commit': 'BIGINT', 'id': 'VARCHAR', 'type': 'VARCHAR',
    'version': 'BIGINT', 'time': 'VARCHAR', 'aggregate': 'VARCHAR', 'account': 'VARCHAR',
    'device': 'VARCHAR', 'platform': 'VARCHAR', 'country': 'VARCHAR', 'method': 'VARCHAR',
    'purpose': 'VARCHAR', 'kind': 'VARCHAR', 'because': 'VARCHAR', 'data': 'JSON', 'request': 'VARCHAR',
    'actor': 'VARCHAR', 'function': 'VARCHAR', 'policy': 'BIGINT', 'meta': 'JSON', 'events': 'JSON',
    'types': 'JSON', 'state': 'JSON', 'state_schema': 'BIGINT', 'chain': 'VARCHAR', 'broken': 'VARCHAR'
};

-- A log without events has no files, and DuckDB reads no less than one: then there are no rows.
CREATE OR REPLACE TEMP VIEW log AS FROM query(CASE
    WHEN getvariable('parquet_files') IS NOT NULL THEN $$
        SELECT * EXCLUDE (time_text) REPLACE (
            data::JSON AS data, meta::JSON AS meta, events::JSON AS events, types::JSON AS types,
            state::JSON AS state
        )
        FROM read_parquet(
            getvariable('parquet_files'), hive_partitioning = true, hive_types = {'date': DATE}
        )
    $$
    WHEN getvariable('jsonl_files') IS NOT NULL THEN $$
        SELECT * REPLACE (try_cast(time AS TIMESTAMPTZ) AS time)
        FROM read_json(
            getvariable('jsonl_files'), format = 'newline_delimited',
            columns = getvariable('log_columns'), hive_partitioning = true, hive_types = {'date': DATE}
        )
    $$
    ELSE $$
        SELECT * REPLACE (time::TIMESTAMPTZ AS time), NULL::DATE AS date
        FROM (SELECT unnest(from_json('{}', getvariable('log_columns')::JSON)))
        WHERE false
    $$
END);
