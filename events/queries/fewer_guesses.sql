-- What if GUESSES_PER_ATTEMPT were 3?
--
-- The log holds every wrong code, so a smaller number can be tried on what happened; a larger one can't,
-- as nobody knows what would have been guessed. Change `guesses` below.
--
-- what            `sign_in`, or the purpose of a process
-- policy          the policy's version that was in force
-- with_code       attempts and processes that got a code
-- wrong_codes     wrong codes, as it was
-- locked          those that too many wrong codes ended, as it was
-- would_lock      those that the smaller number would have ended
-- owners_lost     of these, those whose right code came later: people who would have had to begin again
-- guesses_spared  wrong codes that would not have been compared any more
WITH trial AS (
    SELECT 3 AS guesses
), numbered AS (
    SELECT
        *,
        count(*) FILTER (type IN ('sign_in.code_rejected', 'verification.code_rejected')) OVER (
            PARTITION BY stream ORDER BY sequence
        ) AS wrong_so_far
    FROM log
    WHERE aggregate IN ('sign_in', 'verification')
), attempts AS (
    SELECT
        stream,
        arg_min(coalesce(purpose, aggregate), sequence) AS what,
        arg_min(policy, sequence) AS policy,
        bool_or(type IN ('sign_in.code_issued', 'verification.code_issued')) AS with_code,
        max(wrong_so_far) AS wrong,
        bool_or(type IN ('sign_in.locked', 'verification.locked')) AS locked,
        bool_or(
            type IN (
                'sign_in.code_verified', 'sign_in.recovery_code_used', 'verification.code_verified'
            )
            AND wrong_so_far >= (FROM trial)
        ) AS right_too_late
    FROM numbered
    GROUP BY stream
)
SELECT
    what,
    policy,
    count(*) AS with_code,
    sum(wrong)::BIGINT AS wrong_codes,
    count(*) FILTER (locked) AS locked,
    count(*) FILTER (wrong >= guesses) AS would_lock,
    count(*) FILTER (right_too_late) AS owners_lost,
    sum(greatest(wrong - guesses, 0))::BIGINT AS guesses_spared
FROM attempts, trial
WHERE with_code
GROUP BY ALL
ORDER BY what, policy;
