-- How long do codes take, by channel?
--
-- channel       `app` or `email`
-- what          `sent`: from the decision to the carrier's word that it took the message; `delivered`: to
--               the recipient's server, which nobody tells of a push; `verified`: from a sign-in's newest
--               code to the right answer
-- count         how many there were
-- p50_ms … p99_ms  so many of a hundred were at least so fast, in milliseconds
-- max_ms        the slowest
WITH asked AS (
    SELECT
        stream,
        arg_min(method, sequence) AS channel,
        arg_min(data ->> 'asked_by', sequence) AS asked_by
    FROM log
    WHERE type = 'message.claimed' AND kind IN (
        'registration_code', 'sign_in_code', 'sign_in_request', 'step_up_code', 'password_reset_code',
        'email_change_code'
    )
    GROUP BY stream
), arrived AS (
    SELECT stream, split_part(type, '.', 2) AS what, min(time) AS time
    FROM log
    WHERE type IN ('message.sent', 'message.delivered')
    GROUP BY stream, type
), verified AS (
    SELECT
        arg_max(method, sequence) FILTER (type = 'sign_in.code_issued') AS channel,
        max(time) FILTER (type = 'sign_in.code_issued') AS began,
        max(time) FILTER (type = 'sign_in.code_verified') AS ended
    FROM log
    WHERE type IN ('sign_in.code_issued', 'sign_in.code_verified')
    GROUP BY stream
    HAVING bool_or(type = 'sign_in.code_verified')
), took AS (
    SELECT channel, what, date_diff('millisecond', cause.time, arrived.time) AS ms
    FROM arrived
    JOIN asked USING (stream)
    JOIN log AS cause ON cause.id = asked.asked_by
    UNION ALL
    SELECT channel, 'verified', date_diff('millisecond', began, ended) FROM verified
)
SELECT
    channel,
    what,
    count(*) AS count,
    quantile_disc(ms, 0.5) AS p50_ms,
    quantile_disc(ms, 0.9) AS p90_ms,
    quantile_disc(ms, 0.99) AS p99_ms,
    max(ms) AS max_ms
FROM took
GROUP BY ALL
ORDER BY channel, what;
