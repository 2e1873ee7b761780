-- Roll-ups, their metrics and their ledger.

CREATE TABLE metrics (
    id smallint NOT NULL,
    name text NOT NULL,
    type metrictype NOT NULL,
    unit text NOT NULL,
    description text NOT NULL,
    CONSTRAINT pk_metrics PRIMARY KEY (id),
    CONSTRAINT uq_metrics_name UNIQUE (name)
);

COMMENT ON TABLE metrics IS 'The metrics that are rolled up, with their units';
COMMENT ON COLUMN metrics.id IS 'Short key';
COMMENT ON COLUMN metrics.name IS 'Name, as cpu_percent';
COMMENT ON COLUMN metrics.type IS 'What it is about';
COMMENT ON COLUMN metrics.unit IS 'Unit of its values';
COMMENT ON COLUMN metrics.description IS 'What it says, in one sentence';

INSERT INTO metrics (id, name, type, unit, description) VALUES
    (1, 'cpu_percent', 'system', 'percent', 'CPU in use, of all cores'),
    (2, 'load_1m', 'system', 'processes', 'Load average over 1 minute'),
    (3, 'cpu_frequency_mhz', 'system', 'MHz', 'Mean frequency of the cores'),
    (4, 'memory_percent', 'system', 'percent', 'Memory in use, of the total'),
    (5, 'memory_used_gb', 'system', 'GB', 'Memory in use, total less available, GB of 2^30'),
    (6, 'swap_percent', 'system', 'percent', 'Swap space in use'),
    (7, 'uptime_s', 'system', 'seconds', 'Time since boot; its count is the number of samples'),
    (8, 'cgroup_memory_used_gb', 'system', 'GB', 'Memory in use in the collector''s cgroup, GB of 2^30'),
    (20, 'disk_percent', 'disk', 'percent', 'In use on all real partitions together'),
    (21, 'disk_used_gb', 'disk', 'GB', 'In use on all real partitions together, GB of 2^30'),
    (22, 'mount_percent', 'disk', 'percent', 'In use on one partition; subject is its mount point'),
    (23, 'mount_used_gb', 'disk', 'GB', 'In use on one partition, GB of 2^30; subject is its mount point'),
    (40, 'network_bytes_in_per_s', 'network', 'bytes/s', 'Received on all interfaces but loopback'),
    (41, 'network_bytes_out_per_s', 'network', 'bytes/s', 'Sent on all interfaces but loopback'),
    (42, 'connections', 'network', 'sockets', 'TCP sockets in use'),
    (43, 'redis_response_ms', 'network', 'ms', 'Round trip from the host to Redis'),
    (60, 'tocsin_cpu_percent', 'process', 'percent', 'CPU of Tocsin''s own processes, of one core'),
    (61, 'tocsin_memory_mb', 'process', 'MB', 'Resident memory of Tocsin''s own processes, MB of 2^20'),
    (80, 'health_score', 'custom', 'points', 'Health of the machine by the client''s formula, 0 to 100');

-- What Postgres itself keeps behind avg() and var_pop(), which show one figure of it each. To count() beside them
-- takes a tenth of a roll-up's time, and sum() over real loses digits.
CREATE AGGREGATE moments(double precision) (
    SFUNC = float8_accum, STYPE = double precision[], INITCOND = '{0,0,0}', COMBINEFUNC = float8_combine,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE moments(double precision) IS 'Count, sum, and sum of squared deviations from the mean';

CREATE TABLE metric_aggregations (
    host_id integer NOT NULL,
    metric_id smallint NOT NULL,
    period text NOT NULL,
    subject text DEFAULT '' NOT NULL,
    bucket timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    sum double precision NOT NULL,
    squared_deviation double precision NOT NULL,
    count integer NOT NULL,
    expected integer NOT NULL,
    min real NOT NULL,
    max real NOT NULL,
    avg real NOT NULL,
    median real,
    stddev real,
    p95 real,
    p99 real,
    final boolean NOT NULL,
    from_raw boolean DEFAULT true NOT NULL,
    -- What a chart shows is in the index, where a series lies side by side; in the table it is strewn over hours.
    CONSTRAINT pk_metric_aggregations PRIMARY KEY (host_id, metric_id, period, subject, bucket)
        INCLUDE (count, min, max, avg, sum),
    CONSTRAINT ck_metric_aggregations_period CHECK (period IN ('hour', 'day')),
    CONSTRAINT ck_metric_aggregations_percentiles CHECK (NOT from_raw OR num_nulls(median, p95, p99) = 0),
    CONSTRAINT fk_metric_aggregations_host_id FOREIGN KEY (host_id) REFERENCES hosts (id),
    CONSTRAINT fk_metric_aggregations_metric_id FOREIGN KEY (metric_id) REFERENCES metrics (id)
);

COMMENT ON TABLE metric_aggregations IS 'Hourly and daily roll-ups of every metric of every host';
COMMENT ON COLUMN metric_aggregations.host_id IS 'The host';
COMMENT ON COLUMN metric_aggregations.metric_id IS 'The metric';
COMMENT ON COLUMN metric_aggregations.period IS 'hour or day';
COMMENT ON COLUMN metric_aggregations.subject IS 'Which one of several, as a mount; empty where there is one';
COMMENT ON COLUMN metric_aggregations.bucket IS 'Start of the hour or day in UTC';
COMMENT ON COLUMN metric_aggregations.computed_at IS 'When this row was computed';
COMMENT ON COLUMN metric_aggregations.sum IS 'Sum of the values';
COMMENT ON COLUMN metric_aggregations.squared_deviation IS 'Sum of squared deviations from the average';
COMMENT ON COLUMN metric_aggregations.count IS 'Values that there were';
COMMENT ON COLUMN metric_aggregations.expected IS 'Values that a complete period has';
COMMENT ON COLUMN metric_aggregations.min IS 'Smallest value';
COMMENT ON COLUMN metric_aggregations.max IS 'Largest value';
COMMENT ON COLUMN metric_aggregations.avg IS 'Mean';
COMMENT ON COLUMN metric_aggregations.median IS 'Median, interpolated; null when not from raw';
COMMENT ON COLUMN metric_aggregations.stddev IS 'Sample standard deviation, null for one value';
COMMENT ON COLUMN metric_aggregations.p95 IS '95th percentile, interpolated; null when not from raw';
COMMENT ON COLUMN metric_aggregations.p99 IS '99th percentile, interpolated; null when not from raw';
COMMENT ON COLUMN metric_aggregations.final IS
    'Whether the period was over, with time for late data, when computed';
COMMENT ON COLUMN metric_aggregations.from_raw IS
    'Whether it comes from raw rows; else a day from its hours, because its raw rows were gone';

CREATE INDEX idx_infra_aggregations_bucket ON metric_aggregations (period, bucket);

CREATE TABLE rollup_windows (
    period text NOT NULL,
    bucket timestamptz NOT NULL,
    computed_at timestamptz NOT NULL,
    rows integer NOT NULL,
    final boolean NOT NULL,
    CONSTRAINT pk_rollup_windows PRIMARY KEY (period, bucket),
    CONSTRAINT ck_rollup_windows_period CHECK (period IN ('hour', 'day'))
);

COMMENT ON TABLE rollup_windows IS
    'Ledger of the roll-ups: one row per hour and day that was rolled up, of all hosts';
COMMENT ON COLUMN rollup_windows.period IS 'hour or day';
COMMENT ON COLUMN rollup_windows.bucket IS 'Start of the hour or day in UTC';
COMMENT ON COLUMN rollup_windows.computed_at IS 'When it was last rolled up';
COMMENT ON COLUMN rollup_windows.rows IS 'Rows of metric_aggregations that came out of it';
COMMENT ON COLUMN rollup_windows.final IS
    'Whether the period was over, with time for late data, when computed';

CREATE TABLE rollup_dues (
    id bigint GENERATED ALWAYS AS IDENTITY,
    bucket timestamptz NOT NULL,
    marked_at timestamptz DEFAULT now() NOT NULL,
    period text NOT NULL,
    CONSTRAINT pk_rollup_dues PRIMARY KEY (id),
    CONSTRAINT ck_rollup_dues_period CHECK (period IN ('hour', 'day'))
);

COMMENT ON TABLE rollup_dues IS
    'Hours and days to roll up again because data came late; a row goes when that is done';
COMMENT ON COLUMN rollup_dues.id IS 'Key: a roll-up takes away the notes that it saw, and no later one';
COMMENT ON COLUMN rollup_dues.bucket IS 'Start of the hour or day in UTC';
COMMENT ON COLUMN rollup_dues.marked_at IS 'When the data came';
COMMENT ON COLUMN rollup_dues.period IS 'hour or day';

CREATE INDEX idx_rollup_dues_window ON rollup_dues (period, bucket);
