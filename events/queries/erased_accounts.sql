-- Which accounts were erased, when and by whom, and what is left of them?
--
-- account          its name, which is all that tells it; what is personal can't be opened any more
-- registered_at    when it was opened
-- erased_at        when it was erased
-- days             whole days between the two
-- by               `owner`, or `operator`
-- events           rows of the log that name it
-- messages_failed  messages that were not sent any more because it was erased
-- goodbye          whether the last message was sent
SELECT
    account,
    min(time) FILTER (type = 'account.registered') AS registered_at,
    min(time) FILTER (type = 'account.erased') AS erased_at,
    date_sub('day', registered_at, erased_at) AS days,
    if(
        bool_or(data ->> 'by' IS NOT NULL) FILTER (type = 'account.erased'), 'owner', 'operator'
    ) AS by,
    count(*) AS events,
    count(*) FILTER (type = 'message.failed' AND because = 'recipient_erased') AS messages_failed,
    coalesce(bool_or(kind = 'account_erased') FILTER (type = 'message.sent'), false) AS goodbye
FROM log
WHERE account IS NOT NULL
GROUP BY account
HAVING bool_or(type = 'account.erased')
ORDER BY erased_at, account;
