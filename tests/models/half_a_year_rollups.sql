-- One period of roll-ups of three machines, and its ledger.
INSERT INTO metric_aggregations (host_id, metric_id, period, subject, bucket, computed_at, sum, squared_deviation, count,
                                  expected, min, max, avg, median, stddev, p95, p99, final)
 SELECT h.id, m.id, :period, m.subject, bucket, bucket, value * n, n, n, :expected, least(value, m.low), value * 1.2, value,
        value, 1, value * 1.1, value * 1.1, true
   FROM hosts AS h,
        (SELECT id, name, CASE WHEN name LIKE 'mount%' THEN '/' ELSE '' END AS subject,
                CASE name WHEN 'uptime_s' THEN 60 ELSE 1e9 END AS low FROM metrics) AS m,
        generate_series(CAST(:first AS timestamptz), :now, CAST(:step AS interval)) AS bucket,
LATERAL (SELECT CASE m.name
                WHEN 'cpu_percent' THEN 20 + 40 * (extract(hour FROM bucket AT TIME ZONE 'UTC') BETWEEN 8 AND 19)::integer
                WHEN 'mount_used_gb' THEN 300 + :fills * extract(epoch FROM bucket - CAST(:now AS timestamptz)) / 86400
                WHEN 'mount_percent' THEN 50 + 10 * (extract(day FROM bucket)::integer % 2)
                WHEN 'uptime_s' THEN 864000
                ELSE 50 END::float8 AS value,
                CASE WHEN bucket = CAST(:half AS timestamptz) THEN :expected / 2 ELSE :expected END AS n) AS v
  WHERE h.kind = 'host';

INSERT INTO rollup_windows (period, bucket, computed_at, rows, final)
SELECT :period, bucket, bucket, 60, bucket < CAST(:now AS timestamptz) - interval '4 days'
  FROM generate_series(CAST(:first AS timestamptz), :now, CAST(:step AS interval)) AS bucket;
