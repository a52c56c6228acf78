-- Where and when are wrong passwords given?
--
-- country          what the address suggests (ISO 3166-1 alpha-2), or `unknown`
-- hour             the hour of the day, UTC
-- refused          wrong passwords, also for addresses that nobody has
-- without_account  those for addresses that nobody has
-- accounts         how many accounts the others were for
SELECT
    coalesce(country, 'unknown') AS country,
    hour(time) AS hour,
    count(*) AS refused,
    count(*) FILTER (account IS NULL) AS without_account,
    count(DISTINCT account) AS accounts
FROM log
WHERE type = 'sign_in.refused'
GROUP BY ALL
ORDER BY country, hour;
