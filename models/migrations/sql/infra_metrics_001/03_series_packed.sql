-- Days of system_metrics_history that are over, an hour of a host in a row; 12_packing.sql packs and unpacks.
-- Its columns follow those of the raw table, each holding the values of the hour in the order of their times.

DO $$
DECLARE
    one record;
    columns text := (SELECT string_agg(format('%I bit varying', attname), ', ' ORDER BY attnum)
                       FROM pg_attribute
                      WHERE attrelid = 'system_metrics_history'::regclass AND attnum > 0 AND attname <> 'host_id');
BEGIN
    EXECUTE format('CREATE TABLE system_metrics_packed (hour timestamptz NOT NULL, host_id integer NOT NULL,'
                   ' samples integer NOT NULL, %s,'
                   ' CONSTRAINT pk_system_metrics_packed PRIMARY KEY (host_id, hour)) PARTITION BY RANGE (hour)',
                   columns);
    FOR one IN SELECT attname FROM pg_attribute
                WHERE attrelid = 'system_metrics_packed'::regclass AND attnum > 3
    LOOP
        EXECUTE format('COMMENT ON COLUMN system_metrics_packed.%I IS %L', one.attname, 'Packed, the hour''s ' || one.attname);
    END LOOP;
END $$;

COMMENT ON TABLE system_metrics_packed IS
    'Days of system_metrics_history that are over, one row per host and hour; system_metrics() reads both';
COMMENT ON COLUMN system_metrics_packed.hour IS 'Start of the hour in UTC';
COMMENT ON COLUMN system_metrics_packed.host_id IS 'The host, a key of hosts';
COMMENT ON COLUMN system_metrics_packed.samples IS 'Rows that are packed in this one';
