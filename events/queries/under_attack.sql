-- Which accounts does somebody try to get into, and on which day?
--
-- An account and a day (UTC) with at least `many_passwords` wrong passwords or `many_codes` wrong codes:
-- change the two numbers below.
-- wrong_passwords  wrong passwords for the account
-- countries        from how many countries they came
-- attempts         attempts with the right password, on keys that weren't trusted
-- wrong_codes      wrong codes of sign-ins, registrations, resets and other processes
-- locked           attempts and processes that too many wrong codes ended
-- paused           how often code entry was paused
-- got_in           attempts that led to a session with a code: the owner, or somebody who had one
WITH days AS (
    SELECT
        account,
        time::DATE AS day,
        count(*) FILTER (type = 'sign_in.refused') AS wrong_passwords,
        count(DISTINCT country) FILTER (type = 'sign_in.refused') AS countries,
        count(*) FILTER (
            type = 'sign_in.attempted' AND data ->> '$.inputs.trusted' = 'false'
        ) AS attempts,
        count(*) FILTER (
            type IN ('sign_in.code_rejected', 'verification.code_rejected')
        ) AS wrong_codes,
        count(*) FILTER (type IN ('sign_in.locked', 'verification.locked')) AS locked,
        count(*) FILTER (type = 'account.code_entry_paused') AS paused,
        count(*) FILTER (
            type = 'sign_in.completed' AND json_contains(data -> 'amr', '"otp"')
        ) AS got_in
    FROM log
    WHERE account IS NOT NULL
    GROUP BY ALL
), thresholds AS (
    SELECT 8 AS many_passwords, 5 AS many_codes
)
SELECT days.*
FROM days, thresholds
WHERE wrong_passwords >= many_passwords OR wrong_codes >= many_codes
ORDER BY wrong_passwords + wrong_codes DESC, account, day;
