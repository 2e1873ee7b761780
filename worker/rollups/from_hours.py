"""A day whose raw rows are gone, from its hours: what can be pooled exactly, and nothing that cannot.

Count, minimum, maximum, sum, mean and deviation of a day follow from those of its hours. A median of medians
is nobody's median, so that the percentiles of such a day are null, and the row says that it is from hours.
"""

from sqlalchemy import text

# Takes `start` and `end` of the day, `now`, and `final`. A row that was computed from raw rows knows more,
# and stays. The deviation of the whole is that within the hours and that of their means from the whole's.
STATEMENT = text("""
    INSERT INTO metric_aggregations AS old (
           host_id, metric_id, period, subject, bucket, count, expected, min, max, avg, sum,
           squared_deviation, stddev, computed_at, final, from_raw)
    SELECT host_id, metric_id, 'day', subject, :start, sum(count), 24 * max(expected), min(min), max(max),
           max(mean), sum(sum), sum(apart), sqrt(sum(apart) / nullif(sum(count) - 1, 0)), :now, :final, false
      FROM (SELECT *, squared_deviation + count * (sum / count - mean) ^ 2 AS apart
              FROM (SELECT *, sum(sum) OVER one / sum(count) OVER one AS mean
                      FROM metric_aggregations
                     WHERE period = 'hour' AND bucket >= :start AND bucket < :end
                    WINDOW one AS (PARTITION BY host_id, metric_id, subject)) AS hours) AS pooled
     GROUP BY host_id, metric_id, subject
    ON CONFLICT (host_id, metric_id, period, subject, bucket) DO UPDATE
       SET count = EXCLUDED.count, expected = EXCLUDED.expected, min = EXCLUDED.min, max = EXCLUDED.max,
           avg = EXCLUDED.avg, sum = EXCLUDED.sum, squared_deviation = EXCLUDED.squared_deviation,
           stddev = EXCLUDED.stddev, computed_at = EXCLUDED.computed_at, final = EXCLUDED.final
     WHERE NOT old.from_raw
""")
