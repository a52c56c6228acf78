-- How many devices does an account trust, at the end of the log?
--
-- devices   trusted devices of one account
-- accounts  how many accounts have so many; erased ones have no row
-- percent   the same, of a hundred accounts
WITH changes AS (
    SELECT account, sequence, device, true AS trusted
    FROM log
    WHERE type = 'account.device_trusted'
    UNION ALL
    SELECT account, sequence, device, false
    FROM log
    WHERE type = 'account.device_revoked'
    UNION ALL
    SELECT account, sequence, unnest((data -> 'revoked')::VARCHAR[]), false
    FROM log
    WHERE type IN (
        'account.signed_out_everywhere', 'account.signed_out_by_operator', 'account.password_changed',
        'account.password_reset', 'account.two_step_disabled'
    )
), kept AS (
    SELECT account
    FROM changes
    GROUP BY account, device
    HAVING arg_max(trusted, sequence)
), accounts AS (
    SELECT account FROM log WHERE type = 'account.registered'
    EXCEPT
    SELECT account FROM log WHERE type = 'account.erased'
), counted AS (
    SELECT accounts.account, count(kept.account) AS devices
    FROM accounts
    LEFT JOIN kept USING (account)
    GROUP BY accounts.account
)
SELECT
    devices,
    count(*) AS accounts,
    round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS percent
FROM counted
GROUP BY devices
ORDER BY devices;
