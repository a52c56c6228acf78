-- How far do sign-ins get, by day and by the way their code went?
--
-- A row is a day (UTC) of attempts behind the right password. Its columns are what `postern stats` counts:
-- method        how the newest code went: `app`, `email`; `none` where nothing reached the owner,
--               `not needed` on trusted keys and where two-step verification is off
-- attempts      attempts that began on the day
-- code_needed   those that needed a code
-- code_issued   those that got one
-- verified      those whose right code, or a recovery code in its place, was given
-- completed     those that led to a session with it
-- trusted       those whose device is trusted since
-- denied … locked  how others were ended
-- expired       those that nobody ended within ten minutes
-- still_open    those whose ten minutes go on after the log's last event
WITH attempts AS (
    SELECT
        stream,
        min(time) FILTER (type = 'sign_in.attempted') AS began,
        bool_or(
            data ->> '$.inputs.trusted' = 'false' AND data ->> '$.inputs.two_step' = 'true'
        ) FILTER (type = 'sign_in.attempted') AS needed,
        arg_max(method, sequence) FILTER (type = 'sign_in.code_issued') AS method,
        bool_or(type = 'sign_in.code_issued') AS issued,
        bool_or(type = 'sign_in.code_verified') AS by_code,
        bool_or(type IN ('sign_in.code_verified', 'sign_in.recovery_code_used')) AS verified,
        bool_or(type = 'sign_in.completed') AS completed,
        bool_or(
            data ->> 'trusted' = 'true' AND json_contains(data -> 'amr', '"otp"')
        ) FILTER (type = 'sign_in.completed') AS trusted,
        arg_min(
            if(type = 'sign_in.cancelled' AND because IS NOT NULL, 'superseded', split_part(type, '.', 2)),
            sequence
        ) FILTER (
            type IN ('sign_in.denied', 'sign_in.reported', 'sign_in.cancelled', 'sign_in.locked')
        ) AS ended
    FROM log
    WHERE aggregate = 'sign_in'
    GROUP BY stream
    HAVING bool_or(type = 'sign_in.attempted')
), judged AS (
    SELECT
        *,
        needed AND NOT completed AS lost,
        needed AND issued AND NOT by_code AND NOT completed AND ended IS NULL AS ran_out,
        began + INTERVAL 10 MINUTES <= (SELECT max(time) FROM log) AS over
    FROM attempts
)
SELECT
    began::DATE AS day,
    if(needed, coalesce(method, 'none'), 'not needed') AS method,
    count(*) AS attempts,
    count(*) FILTER (needed) AS code_needed,
    count(*) FILTER (needed AND issued) AS code_issued,
    count(*) FILTER (needed AND verified) AS verified,
    count(*) FILTER (needed AND completed) AS completed,
    count(*) FILTER (needed AND trusted) AS trusted,
    count(*) FILTER (lost AND ended = 'denied') AS denied,
    count(*) FILTER (lost AND ended = 'reported') AS reported,
    count(*) FILTER (lost AND ended = 'cancelled') AS cancelled,
    count(*) FILTER (lost AND ended = 'superseded') AS superseded,
    count(*) FILTER (lost AND ended = 'locked') AS locked,
    count(*) FILTER (ran_out AND over) AS expired,
    count(*) FILTER (ran_out AND NOT over) AS still_open
FROM judged
GROUP BY ALL
ORDER BY day, method;
