-- Whose phones are asked again and again by somebody who has the password?
--
-- An account and a day (UTC) on which an attempt was denied or locked:
-- attempts   attempts that needed a code
-- pushes     codes that went to the app, resent ones too
-- denied     attempts that the owner denied on a trusted device
-- locked     attempts that too many wrong codes ended
-- let_in     attempts that led to a session with a code all the same: look at these first
WITH attempts AS (
    SELECT
        stream,
        any_value(account) AS account,
        min(time)::DATE AS day,
        count(*) FILTER (
            type IN ('sign_in.code_issued', 'sign_in.code_resent') AND method = 'app'
        ) AS pushes,
        bool_or(type = 'sign_in.denied') AS was_denied,
        bool_or(type = 'sign_in.locked') AS was_locked,
        bool_or(type = 'sign_in.completed') AS was_let_in
    FROM log
    WHERE aggregate = 'sign_in'
    GROUP BY stream
    HAVING bool_or(
        type = 'sign_in.attempted'
        AND data ->> '$.inputs.trusted' = 'false' AND data ->> '$.inputs.two_step' = 'true'
    )
)
SELECT
    account,
    day,
    count(*) AS attempts,
    sum(pushes)::BIGINT AS pushes,
    count(*) FILTER (was_denied) AS denied,
    count(*) FILTER (was_locked) AS locked,
    count(*) FILTER (was_let_in) AS let_in
FROM attempts
GROUP BY ALL
HAVING bool_or(was_denied OR was_locked)
ORDER BY denied + locked DESC, account, day;
