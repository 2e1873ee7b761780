-- Half a year of history of three machines; see half_a_year.py. Statements are divided by lines of dashes.

-- hosts
INSERT INTO hosts (name, kind, first_seen_at, last_seen_at, cpu_count)
VALUES ('web-1', 'host', now() - interval '200 days', now(), 4), ('web-2', 'host', now() - interval '200 days', now(), 4),
       ('db-1', 'host', now() - interval '200 days', now(), 8), ('tocsin', 'self', now(), NULL, NULL);

-- A reading every five minutes instead of five seconds: what is asked of plans does not depend on it.
INSERT INTO system_metrics_history (ts, host_id, uptime_s, cpu_percent, memory_percent, load_1m, disk_free_gb,
                                    network_bytes_in_per_s)
SELECT ts, h.id, 86400, 20 + 40 * (extract(hour FROM ts AT TIME ZONE 'UTC') BETWEEN 8 AND 19)::integer, 50, 1, 50, 1e6
  FROM hosts AS h, generate_series(:first, :now, interval '5 minutes') AS ts WHERE h.kind = 'host';

-- disks
INSERT INTO disk_metrics_history (ts, host_id, total_gb, used_gb, free_gb, percent, mount, device, filesystem)
SELECT ts, h.id, 200, 150, :free, 75, '/', '/dev/vda1', 'ext4'
  FROM hosts AS h, generate_series(CAST(:now AS timestamptz) - interval '2 hours', :now, interval '5 minutes') AS ts
 WHERE h.kind = 'host';

-- processes
INSERT INTO process_metrics_history (ts, host_id, pid, name, status, cpu_percent, memory_mb, memory_percent, threads,
                                     created_at, own)
SELECT ts, h.id, pid, 'python', 'running', pid, 100, 1, 1, ts - interval '1 day', pid = 1
  FROM hosts AS h, generate_series(CAST(:first AS timestamptz), :now, interval '10 minutes') AS ts,
       generate_series(1, 3) AS pid
 WHERE h.kind = 'host';

-- health
INSERT INTO infrastructure_health (checked_at, host_id, score, status, component, level, warnings, criticals, parts)
SELECT ts, h.id, 80, CASE WHEN extract(minute FROM ts) < 15 THEN 'degraded' ELSE 'healthy' END::healthstatus, 'machine',
       'degraded', '[]', '[]', '{}'
  FROM hosts AS h, generate_series(CAST(:first AS timestamptz), :now, interval '5 minutes') AS ts WHERE h.kind = 'host';

-- alerts
INSERT INTO infrastructure_alerts (opened_at, breach_since, acknowledged_at, acknowledged_by, resolved_at, host_id, value,
                                   peak, threshold, seq, component, rule, metric, unit, severity, message, snapshot)
SELECT at, at - interval '1 minute', CASE WHEN n % 3 = 0 THEN at + interval '5 minutes' END,
       CASE WHEN n % 3 = 0 THEN 'ada' END, CASE WHEN n > 0 THEN at + interval '20 minutes' END, h.id, 95, 99, 90, 3,
       CASE WHEN n % 2 = 0 THEN 'cpu' ELSE 'memory' END, CASE WHEN n % 2 = 0 THEN 'cpu-busy' ELSE 'memory-short' END,
       'cpu_percent', '%', CASE WHEN n % 4 = 0 THEN 'critical' ELSE 'warning' END, 'busy', '{}'
  FROM generate_series(0, 1000) AS n
 CROSS JOIN LATERAL (SELECT CAST(:now AS timestamptz) - n * interval '3 hours' - interval '1 minute' AS at) AS moment
  JOIN hosts AS h ON h.name = CASE WHEN n % 5 = 0 THEN 'web-2' ELSE 'web-1' END;

-- events
INSERT INTO alert_events (alert_id, at, planned_at, seq, step, value, threshold, kind, severity, actor, reason)
SELECT a.id, a.opened_at + n * interval '1 minute', a.opened_at, n, CASE WHEN n = 2 THEN 1 END, 95, 90,
       (ARRAY['opened', 'escalated', 'resolved'])[n], a.severity, 'tocsin', 'it was busy'
  FROM infrastructure_alerts AS a, generate_series(1, 3) AS n WHERE n <> 2 OR a.id % 4 = 0;

-- One in a hundred messages is dead, and of one alert in a hundred, a critical, nobody hears.
INSERT INTO notification_deliveries (event_id, alert_id, incident_id, created_at, due_at, finished_at, destination, kind,
                                     severity, state, reason, attempts, summary)
SELECT e.id, a.id, a.id, e.at, e.at, e.at + (2 + a.id % 7) * interval '1 second', d, e.kind, a.severity,
       CASE WHEN a.id % 100 = 8 THEN 'dead' ELSE 'delivered' END, 'new', 1, 'busy'
  FROM alert_events AS e JOIN infrastructure_alerts AS a ON a.id = e.alert_id, unnest(ARRAY['slack', 'email']) AS d
 WHERE a.id % 100 <> 5;

-- attempts
INSERT INTO notification_attempts (delivery_id, started_at, duration_ms, outcome, answer)
SELECT id, created_at, 80, CASE WHEN id % 9 = 0 THEN 'retry' ELSE 'delivered' END,
       CASE WHEN id % 9 = 0 THEN '503' ELSE '200 ok' END
  FROM notification_deliveries;

-- decisions
INSERT INTO notification_decisions (event_id, alert_id, at, until, destination, verdict, cause, reason)
SELECT e.id, e.alert_id, e.at, e.at + interval '15 minutes', 'slack',
       CASE e.id % 3 WHEN 0 THEN 'send' WHEN 1 THEN 'hold' ELSE 'skip' END,
       CASE e.id % 3 WHEN 0 THEN 'news' WHEN 1 THEN 'cooldown' ELSE 'silence' END, 'because'
  FROM alert_events AS e;

-- and the rest
INSERT INTO silences (starts_at, ends_at, matchers, created_by, reason)
VALUES (now() - interval '1 day', now() + interval '1 day', '{"host": "web-1"}', 'ada', 'upgrade');
INSERT INTO task_runs (task, started_at, finished_at, origin, outcome, arguments)
SELECT 'aggregate.hourly', at, at + interval '2 seconds', 'beat', CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'done' END, '{}'
  FROM generate_series(1, 200) AS n, LATERAL (SELECT now() - n * interval '1 hour' AS at) AS moment;
INSERT INTO heartbeats (component, instance, at, since, detail)
VALUES ('recorder', 'web-1', now() - interval '5 seconds', now() - interval '1 day', '{}');
