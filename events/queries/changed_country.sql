-- From where to where do people seem to have moved when a new device signs in?
--
-- A new device's sign-in with a code, and where the account's sign-in before it, or its registration, came
-- from. A country is what an address suggests: a holiday, a VPN and an attacker look alike.
-- before       the country of before (ISO 3166-1 alpha-2), or `unknown`
-- now          the new device's
-- changed      whether both are known and differ
-- sign_ins     how many such sign-ins there were
-- accounts     of how many accounts
-- reported     how many of them the owner said afterwards, by a link in a mail, were not theirs
WITH compromised AS (
    -- Whose attempt it was that somebody reported; the name without what is before its slash.
    SELECT DISTINCT 'sign_in/' || split_part(data ->> 'stream', '/', -1) AS stream
    FROM log
    WHERE type = 'account.password_compromised'
), sessions AS (
    SELECT
        stream,
        any_value(account) AS account,
        min(time) FILTER (type IN ('sign_in.completed', 'verification.completed')) AS time,
        any_value(country) AS country,
        bool_or(
            type = 'sign_in.completed' AND json_contains(data -> 'amr', '"otp"')
        ) AS new_device
    FROM log
    WHERE aggregate IN ('sign_in', 'verification')
    GROUP BY stream
    HAVING bool_or(type = 'sign_in.completed')
        OR bool_or(type = 'verification.completed') AND any_value(purpose) = 'registration'
), moves AS (
    SELECT
        *,
        lag(country) OVER (PARTITION BY account ORDER BY time, stream) AS before
    FROM sessions
)
SELECT
    coalesce(before, 'unknown') AS before,
    coalesce(country, 'unknown') AS now,
    coalesce(before <> country, false) AS changed,
    count(*) AS sign_ins,
    count(DISTINCT account) AS accounts,
    count(compromised.stream) AS reported
FROM moves
LEFT JOIN compromised USING (stream)
WHERE new_device
GROUP BY ALL
ORDER BY changed DESC, sign_ins DESC, before, now;
