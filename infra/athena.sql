-- Athena's tables over exports on S3, made by `postern export`: one over Parquet, one over JSON Lines.
--
-- Put the bucket and the folders of your exports in the place of EXAMPLE-BUCKET/log and …/log-jsonl, and the
-- day of your first event in the place of 2026-01-01. Athena takes one statement at a time.
--
-- Days are projected: no crawler and no ALTER TABLE. A WHERE on `date` reads those days alone, and a range
-- without one asks S3 for every day up to today. Rows whose time can't be read lie in
-- date=__HIVE_DEFAULT_PARTITION__, which no projection reaches.
--
-- Names between backticks are reserved words here or there; in SELECT they stand between double quotes.

CREATE EXTERNAL TABLE IF NOT EXISTS postern_log (
    `stream` string COMMENT 'The stream, as aggregate/identifier',
    `sequence` bigint COMMENT 'The place of the event in its stream, from 1',
    `commit` bigint COMMENT 'The sequence of the first event of its commit',
    `id` string COMMENT 'The name of the event, evt_ and a ULID',
    `type` string COMMENT 'What happened, such as sign_in.code_rejected',
    `version` bigint COMMENT 'The version of its data',
    `time` timestamp COMMENT 'When it was decided, UTC, in milliseconds',
    `aggregate` string COMMENT 'What the stream begins with: account, sign_in, verification, message or support',
    `account` string COMMENT 'Whose stream it is, as far as it is known by then',
    `device` string COMMENT 'The device that the event is about',
    `platform` string COMMENT 'Its platform: ios, android, web or other; of a push endpoint, its push service',
    `country` string COMMENT 'The country that the address suggests, ISO 3166-1 alpha-2',
    `method` string COMMENT 'How a code or a message travels: app or email',
    `purpose` string COMMENT 'What a code is for',
    `kind` string COMMENT 'What a message says, on every row of the message',
    `because` string COMMENT 'Why it happened, where the event says so',
    `data` string COMMENT 'The data of the event, JSON',
    `request` string COMMENT 'The request that led to it',
    `actor` string COMMENT 'Who acted',
    `function` string COMMENT 'The function that decided',
    `policy` bigint COMMENT 'The version of the policy',
    `meta` string COMMENT 'On the first row of a commit: its metadata, JSON',
    `events` string COMMENT 'On the first row, where the rows do not tell it to the letter: the text of its events',
    `types` string COMMENT 'On the last row of a commit: its wire names, a JSON array',
    `state` string COMMENT 'On the last row: the state that the commit led to, JSON',
    `state_schema` bigint COMMENT 'On the last row: the shape of that state',
    `chain` string COMMENT 'On the last row: its link of the chain, base64',
    `broken` string COMMENT 'Why a commit can not be read; such a row has no event',
    `time_text` string COMMENT 'The time as text, only where the column time does not tell it to the letter'
)
COMMENT 'The log of Postern, a row an event'
PARTITIONED BY (`date` string COMMENT 'The day of the event, UTC, such as 2026-11-24')
STORED AS PARQUET
LOCATION 's3://EXAMPLE-BUCKET/log/'
TBLPROPERTIES (
    'classification' = 'parquet',
    'parquet.compression' = 'SNAPPY',
    'projection.enabled' = 'true',
    'projection.date.type' = 'date',
    'projection.date.format' = 'yyyy-MM-dd',
    'projection.date.range' = '2026-01-01,NOW',
    'projection.date.interval' = '1',
    'projection.date.interval.unit' = 'DAYS',
    'storage.location.template' = 's3://EXAMPLE-BUCKET/log/date=${date}/'
);

-- What is an object or an array in a line is read as its text: json_extract_scalar(data, '$.attempts_left').
CREATE EXTERNAL TABLE IF NOT EXISTS postern_log_jsonl (
    `stream` string COMMENT 'The stream, as aggregate/identifier',
    `sequence` bigint COMMENT 'The place of the event in its stream, from 1',
    `commit` bigint COMMENT 'The sequence of the first event of its commit',
    `id` string COMMENT 'The name of the event, evt_ and a ULID',
    `type` string COMMENT 'What happened, such as sign_in.code_rejected',
    `version` bigint COMMENT 'The version of its data',
    `time` string COMMENT 'When it was decided, UTC, RFC 3339: from_iso8601_timestamp reads it',
    `aggregate` string COMMENT 'What the stream begins with: account, sign_in, verification, message or support',
    `account` string COMMENT 'Whose stream it is, as far as it is known by then',
    `device` string COMMENT 'The device that the event is about',
    `platform` string COMMENT 'Its platform: ios, android, web or other; of a push endpoint, its push service',
    `country` string COMMENT 'The country that the address suggests, ISO 3166-1 alpha-2',
    `method` string COMMENT 'How a code or a message travels: app or email',
    `purpose` string COMMENT 'What a code is for',
    `kind` string COMMENT 'What a message says, on every row of the message',
    `because` string COMMENT 'Why it happened, where the event says so',
    `data` string COMMENT 'The data of the event, JSON',
    `request` string COMMENT 'The request that led to it',
    `actor` string COMMENT 'Who acted',
    `function` string COMMENT 'The function that decided',
    `policy` bigint COMMENT 'The version of the policy',
    `meta` string COMMENT 'On the first row of a commit: its metadata, JSON',
    `events` string COMMENT 'On the first row, where the rows do not tell it to the letter: the text of its events',
    `types` string COMMENT 'On the last row of a commit: its wire names, a JSON array',
    `state` string COMMENT 'On the last row: the state that the commit led to, JSON',
    `state_schema` bigint COMMENT 'On the last row: the shape of that state',
    `chain` string COMMENT 'On the last row: its link of the chain, base64',
    `broken` string COMMENT 'Why a commit can not be read; such a row has no event'
)
COMMENT 'The log of Postern, a row an event'
PARTITIONED BY (`date` string COMMENT 'The day of the event, UTC, such as 2026-11-24')
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
WITH SERDEPROPERTIES (
    'ignore.malformed.json' = 'false',
    'case.insensitive' = 'false'
)
STORED AS INPUTFORMAT 'org.apache.hadoop.mapred.TextInputFormat'
OUTPUTFORMAT 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'
LOCATION 's3://EXAMPLE-BUCKET/log-jsonl/'
TBLPROPERTIES (
    'classification' = 'json',
    'projection.enabled' = 'true',
    'projection.date.type' = 'date',
    'projection.date.format' = 'yyyy-MM-dd',
    'projection.date.range' = '2026-01-01,NOW',
    'projection.date.interval' = '1',
    'projection.date.interval.unit' = 'DAYS',
    'storage.location.template' = 's3://EXAMPLE-BUCKET/log-jsonl/date=${date}/'
);
