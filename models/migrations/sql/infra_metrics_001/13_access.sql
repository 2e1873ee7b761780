-- Who may do what. The roles belong to the server and are made by deploy/postgres/accounts.sql; where they are
-- not, as under `tocsin up`, there is nothing to give.

CREATE FUNCTION grant_access() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    -- Temporary tables come last, where nobody can put one in the place of ours.
    home text := format('%I, pg_catalog, pg_temp', current_schema());
    one record;
BEGIN
    FOR one IN SELECT oid::regprocedure AS name, prosecdef FROM pg_proc
                WHERE proname IN ('make_partition', 'drop_partition', 'partition_name', 'partition_state',
                                  'pack_day', 'rewrite_keys', 'grant_access')
                  AND pronamespace = current_schema()::regnamespace
    LOOP
        IF one.prosecdef THEN
            EXECUTE format('ALTER FUNCTION %s SET search_path = %s', one.name, home);
        END IF;
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', one.name);
    END LOOP;

    IF to_regrole('tocsin_reader') IS NOT NULL THEN
        -- Everything but to whom messages went; the views show by which destination.
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO tocsin_reader', current_schema());
        REVOKE SELECT ON notification_deliveries, notification_decisions FROM tocsin_reader;
        FOR one IN SELECT attrelid::regclass AS name, string_agg(quote_ident(attname), ', ') AS columns
                     FROM pg_attribute
                    WHERE attrelid IN ('notification_deliveries'::regclass, 'notification_decisions'::regclass)
                      AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('recipient', 'rendered')
                    GROUP BY attrelid
        LOOP
            EXECUTE format('GRANT SELECT (%s) ON %s TO tocsin_reader', one.columns, one.name);
        END LOOP;
    END IF;

    IF to_regrole('tocsin_writer') IS NOT NULL THEN
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO tocsin_writer', current_schema());
        GRANT EXECUTE ON FUNCTION make_partition, drop_partition, pack_day, rewrite_keys TO tocsin_writer;
        -- What is seen is never changed, and goes by whole days.
        GRANT INSERT ON system_metrics_history, disk_metrics_history, process_metrics_history,
                        infrastructure_health, custom_metrics_history, metrics TO tocsin_writer;
        -- What is said is never changed, and goes with what it is about.
        GRANT INSERT, DELETE ON notification_attempts, notification_decisions, rollup_dues, counter_increments
            TO tocsin_writer;
        GRANT INSERT, UPDATE, DELETE ON hosts, custom_series, metric_aggregations, rollup_windows, infrastructure_alerts,
                                        alert_events, alert_watches, notification_deliveries, first_messages,
                                        destination_states, silences, holds, heartbeats, outages, task_runs,
                                        task_minutes TO tocsin_writer;
        GRANT INSERT, UPDATE ON counters TO tocsin_writer;
        IF current_setting('server_version_num')::integer >= 170000 THEN
            -- To vacuum what rows were deleted from.
            GRANT MAINTAIN ON hosts, custom_series, metric_aggregations, rollup_windows, infrastructure_alerts, alert_events,
                              alert_watches, notification_deliveries, notification_attempts,
                              notification_decisions, first_messages, destination_states, silences, holds,
                              heartbeats, outages, task_runs, task_minutes TO tocsin_writer;
        END IF;
    END IF;
END $$;
COMMENT ON FUNCTION grant_access() IS 'Gives tocsin_writer and tocsin_reader what they need, and no more';

SELECT grant_access();
