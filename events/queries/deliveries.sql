-- What became of messages, by channel, and why did some not arrive?
--
-- channel   `app` (a push) or `email`
-- what      `claimed`: taken up by a sender; `sent`: taken by the carrier; the others went wrong:
--           `deferred`, `failed`, `bounced`, `complained`, `rejected`
-- because   the reason, where there is one; of a bounce, its kind
-- messages  how many messages it happened to
-- times     how often it happened
-- percent   of a hundred messages of the channel, how many it happened to
WITH told AS (
    SELECT
        stream, method AS channel, split_part(type, '.', 2) AS what,
        coalesce(because, data ->> 'bounce') AS because
    FROM log
    WHERE type IN (
        'message.claimed', 'message.sent', 'message.deferred', 'message.failed', 'message.bounced',
        'message.complained', 'message.rejected'
    )
), figures AS (
    SELECT channel, what, because, count(DISTINCT stream) AS messages, count(*) AS times
    FROM told
    GROUP BY ALL
), taken_up AS (
    SELECT channel, messages AS of FROM figures WHERE what = 'claimed'
)
SELECT figures.*, round(100.0 * messages / taken_up.of, 2) AS percent
FROM figures
LEFT JOIN taken_up USING (channel)
ORDER BY channel, messages DESC, what, because;
