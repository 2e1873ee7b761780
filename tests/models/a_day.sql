-- A day of machines that are busy or in a bad way now and then: enough that the planner has a choice.
-- :day is its start.

INSERT INTO system_metrics_history (ts, host_id, uptime_s, cpu_percent, memory_percent)
SELECT CAST(:day AS timestamptz) + n * interval '60 s', host_id, 1,
       CASE WHEN n % 300 = 0 THEN 96 ELSE 20 END, CASE WHEN n % 299 = 0 THEN 96 ELSE 20 END
  FROM generate_series(0, 1439) AS n, generate_series(1, 15) AS host_id ORDER BY n, host_id;

INSERT INTO process_metrics_history (
       ts, created_at, host_id, pid, cpu_percent, memory_mb, memory_percent, threads, own, name, status)
SELECT CAST(:day AS timestamptz) + n * interval '30 s', :day, host_id, pid, CASE WHEN n % 200 = 0 THEN 96 ELSE 1 END,
       1, CASE WHEN n % 199 = 0 THEN 31 ELSE 1 END, 1, false, 'x', 'x'
  FROM generate_series(0, 1999) AS n, generate_series(1, 2) AS host_id, generate_series(1, 5) AS pid
 ORDER BY n, host_id, pid;

INSERT INTO disk_metrics_history (ts, host_id, total_gb, used_gb, free_gb, percent, mount, device, filesystem)
SELECT CAST(:day AS timestamptz) + n * interval '30 s', 1, 1, 1, 1, 1, '/', 'x', 'x'
  FROM generate_series(0, 1999) AS n;

INSERT INTO infrastructure_health (checked_at, host_id, score, status, component, warnings, criticals, parts)
SELECT CAST(:day AS timestamptz) + n * interval '60 s', host_id, CASE WHEN n % 200 = 0 THEN 40 ELSE 99 END,
       CASE WHEN n % 199 = 0 THEN 'unhealthy' ELSE 'healthy' END::healthstatus, 'machine', '[]', '[]', '{}'
  FROM generate_series(0, 1439) AS n, generate_series(1, 15) AS host_id ORDER BY n, host_id;

INSERT INTO metric_aggregations (
       host_id, metric_id, period, bucket, computed_at, sum, squared_deviation, count, expected, min, max, avg,
       median, p95, p99, final)
SELECT host.id, metric.id, 'hour', CAST(:day AS timestamptz) + n * interval '1 hour', now(), 1, 1, 1, 1, 1, 1, 1,
       1, 1, 1, true
  FROM generate_series(0, 99) AS n, metrics AS metric, hosts AS host;

INSERT INTO rollup_dues (bucket, period)
SELECT CAST(:day AS timestamptz) - n * interval '1 hour', 'day' FROM generate_series(0, 999) AS n;

INSERT INTO task_runs (task, started_at, origin, outcome, arguments)
SELECT 'x', CAST(:day AS timestamptz) - n * interval '1 hour', 'beat', 'done', '{}'
  FROM generate_series(0, 999) AS n;

INSERT INTO outages (part, began_at, ended_at, reason, remedy)
SELECT 'x', CAST(:day AS timestamptz) - n * interval '1 hour', :day, 'x', 'x' FROM generate_series(0, 999) AS n;
