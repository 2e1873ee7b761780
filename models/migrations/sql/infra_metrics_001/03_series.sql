-- The raw time series, partitioned by day; docs/storage.md has what each index is for and what was tried.
-- No foreign keys: their checks would lock the host at every insert, and making a partition the whole table.
-- Rows come in the order of their keys, or nearly, so that full pages need leave no room for later ones.
-- Indexes on values hold only what is worth a look: over all rows they cost ten times the write-ahead log.

CREATE TABLE system_metrics_history (
    ts timestamptz NOT NULL,
    network_bytes_in_total bigint,
    network_bytes_out_total bigint,
    network_packets_in_total bigint,
    network_packets_out_total bigint,
    host_id integer NOT NULL,
    connections integer,
    network_errors_in_total integer,
    network_errors_out_total integer,
    network_drops_in_total integer,
    network_drops_out_total integer,
    uptime_s real NOT NULL,
    window_s real,
    cpu_percent real,
    cpu_percent_5m real,
    cpu_percent_15m real,
    cpu_frequency_mhz real,
    load_1m real,
    load_5m real,
    load_15m real,
    memory_used_gb real,
    memory_available_gb real,
    memory_percent real,
    swap_total_gb real,
    swap_percent real,
    disk_total_gb real,
    disk_used_gb real,
    disk_free_gb real,
    disk_percent real,
    network_bytes_in_per_s real,
    network_bytes_out_per_s real,
    cgroup_cpu_limit_cores real,
    cgroup_memory_limit_gb real,
    cgroup_memory_used_gb real,
    redis_response_ms real,
    CONSTRAINT pk_system_metrics_history PRIMARY KEY (host_id, ts) WITH (fillfactor = 100)
) PARTITION BY RANGE (ts);

COMMENT ON TABLE system_metrics_history IS
    'System metrics, one row per host and 5 s slot, by day; system_metrics() has packed days too';
COMMENT ON COLUMN system_metrics_history.ts IS 'The 5 s slot, on the database''s clock';
COMMENT ON COLUMN system_metrics_history.network_bytes_in_total IS
    'Bytes received since boot; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_bytes_out_total IS 'Bytes sent since boot; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_packets_in_total IS
    'Packets received since boot; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_packets_out_total IS
    'Packets sent since boot; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.host_id IS 'The host, a key of hosts';
COMMENT ON COLUMN system_metrics_history.connections IS 'TCP sockets in use';
COMMENT ON COLUMN system_metrics_history.network_errors_in_total IS
    'Receive errors since boot, modulo 2^31; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_errors_out_total IS
    'Send errors since boot, modulo 2^31; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_drops_in_total IS
    'Incoming packets dropped since boot, modulo 2^31; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.network_drops_out_total IS
    'Outgoing packets dropped since boot, modulo 2^31; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.uptime_s IS 'Seconds since boot';
COMMENT ON COLUMN system_metrics_history.window_s IS 'Seconds that CPU percent and rates cover';
COMMENT ON COLUMN system_metrics_history.cpu_percent IS 'CPU in use, percent of all cores';
COMMENT ON COLUMN system_metrics_history.cpu_percent_5m IS 'The same over the last 5 minutes';
COMMENT ON COLUMN system_metrics_history.cpu_percent_15m IS 'The same over the last 15 minutes';
COMMENT ON COLUMN system_metrics_history.cpu_frequency_mhz IS 'Mean current frequency in MHz';
COMMENT ON COLUMN system_metrics_history.load_1m IS 'Load average over 1 minute';
COMMENT ON COLUMN system_metrics_history.load_5m IS 'Load average over 5 minutes';
COMMENT ON COLUMN system_metrics_history.load_15m IS 'Load average over 15 minutes';
COMMENT ON COLUMN system_metrics_history.memory_used_gb IS
    'Memory in use, total less available, in GB of 2^30';
COMMENT ON COLUMN system_metrics_history.memory_available_gb IS
    'Memory that can be had without swapping, GB of 2^30';
COMMENT ON COLUMN system_metrics_history.memory_percent IS 'Memory in use, percent of total';
COMMENT ON COLUMN system_metrics_history.swap_total_gb IS 'Swap space in GB of 2^30; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.swap_percent IS 'Swap in use, percent';
COMMENT ON COLUMN system_metrics_history.disk_total_gb IS
    'All real partitions together, GB of 2^30; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.disk_used_gb IS 'In use on all real partitions, GB of 2^30';
COMMENT ON COLUMN system_metrics_history.disk_free_gb IS
    'Available to users on all real partitions, GB of 2^30';
COMMENT ON COLUMN system_metrics_history.disk_percent IS 'In use on all real partitions, percent';
COMMENT ON COLUMN system_metrics_history.network_bytes_in_per_s IS
    'Bytes received per second over the window';
COMMENT ON COLUMN system_metrics_history.network_bytes_out_per_s IS 'Bytes sent per second over the window';
COMMENT ON COLUMN system_metrics_history.cgroup_cpu_limit_cores IS
    'CPU limit of the collector''s cgroup, in cores; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.cgroup_memory_limit_gb IS
    'Memory limit of the collector''s cgroup, GB of 2^30; in 30 s slots';
COMMENT ON COLUMN system_metrics_history.cgroup_memory_used_gb IS
    'Memory in use in the collector''s cgroup, GB of 2^30';
COMMENT ON COLUMN system_metrics_history.redis_response_ms IS
    'Round trip from the host to Redis in milliseconds';

CREATE INDEX idx_system_cpu ON system_metrics_history (cpu_percent) WHERE cpu_percent >= 90;
CREATE INDEX idx_system_memory ON system_metrics_history (memory_percent) WHERE memory_percent >= 90;
-- Of one host, an hour is 14 pages, and a range of 128 would be half a day.
CREATE INDEX idx_system_ts ON system_metrics_history USING brin (ts) WITH (pages_per_range = 16);

CREATE TABLE disk_metrics_history (
    ts timestamptz NOT NULL,
    host_id integer NOT NULL,
    total_gb real NOT NULL,
    used_gb real NOT NULL,
    free_gb real NOT NULL,
    percent real NOT NULL,
    mount text NOT NULL,
    device text NOT NULL,
    filesystem text NOT NULL,
    CONSTRAINT idx_system_disk_ts PRIMARY KEY (ts, host_id, mount) WITH (fillfactor = 100)
) PARTITION BY RANGE (ts);

COMMENT ON TABLE disk_metrics_history IS
    'Usage of real partitions, one row per host, 30 s slot and mount, partitioned by day';
COMMENT ON COLUMN disk_metrics_history.ts IS 'The 30 s slot, on the database''s clock';
COMMENT ON COLUMN disk_metrics_history.host_id IS 'The host, a key of hosts';
COMMENT ON COLUMN disk_metrics_history.total_gb IS 'Size in GB of 2^30';
COMMENT ON COLUMN disk_metrics_history.used_gb IS 'In use in GB of 2^30';
COMMENT ON COLUMN disk_metrics_history.free_gb IS 'Available to users in GB of 2^30';
COMMENT ON COLUMN disk_metrics_history.percent IS 'In use, percent of what users can have';
COMMENT ON COLUMN disk_metrics_history.mount IS 'Mount point';
COMMENT ON COLUMN disk_metrics_history.device IS 'Device that is mounted there';
COMMENT ON COLUMN disk_metrics_history.filesystem IS 'Type of file system';

CREATE TABLE process_metrics_history (
    ts timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    host_id integer NOT NULL,
    pid integer NOT NULL,
    cpu_percent real,
    memory_mb real NOT NULL,
    memory_percent real NOT NULL,
    threads integer NOT NULL,
    file_descriptors integer,
    own boolean NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    CONSTRAINT idx_process_ts PRIMARY KEY (ts, host_id, pid) WITH (fillfactor = 100)
) PARTITION BY RANGE (ts);

COMMENT ON TABLE process_metrics_history IS
    'Top processes and Tocsin''s own, one row per host, 30 s slot and pid, by day';
COMMENT ON COLUMN process_metrics_history.ts IS 'The 30 s slot, on the database''s clock';
COMMENT ON COLUMN process_metrics_history.created_at IS 'When the process started, by its host''s clock';
COMMENT ON COLUMN process_metrics_history.host_id IS 'The host, a key of hosts';
COMMENT ON COLUMN process_metrics_history.pid IS 'Process id';
COMMENT ON COLUMN process_metrics_history.cpu_percent IS
    'CPU in use, percent of one core, null at first sight';
COMMENT ON COLUMN process_metrics_history.memory_mb IS 'Resident memory in MB of 2^20';
COMMENT ON COLUMN process_metrics_history.memory_percent IS 'Resident memory, percent of the host''s';
COMMENT ON COLUMN process_metrics_history.threads IS 'Threads';
COMMENT ON COLUMN process_metrics_history.file_descriptors IS
    'Open file descriptors, null where not permitted';
COMMENT ON COLUMN process_metrics_history.own IS 'Whether it is one of Tocsin''s own';
COMMENT ON COLUMN process_metrics_history.name IS 'Name of the executable';
COMMENT ON COLUMN process_metrics_history.status IS 'State, as running or sleeping';

CREATE INDEX idx_process_cpu ON process_metrics_history (cpu_percent) WHERE cpu_percent >= 90;
CREATE INDEX idx_process_memory ON process_metrics_history (memory_percent) WHERE memory_percent >= 25;
