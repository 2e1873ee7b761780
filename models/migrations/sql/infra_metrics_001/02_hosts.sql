-- The watched machines.

CREATE TABLE hosts (
    id integer GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL,
    kind text DEFAULT 'host' NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz,
    clock_skew_s real,
    system text,
    release text,
    architecture text,
    python_version text,
    boot_time timestamptz,
    contested_at timestamptz,
    retired_at timestamptz,
    cpu_count smallint,
    memory_total_gb real,
    missing jsonb,
    CONSTRAINT pk_hosts PRIMARY KEY (id),
    CONSTRAINT uq_hosts_name UNIQUE (name)
);

COMMENT ON TABLE hosts IS
    'One row for each watched machine, and one named tocsin for Tocsin itself';
COMMENT ON COLUMN hosts.id IS 'Short key used by every series';
COMMENT ON COLUMN hosts.name IS 'HOST_NAME of its collector';
COMMENT ON COLUMN hosts.kind IS 'host, or self for Tocsin''s own services';
COMMENT ON COLUMN hosts.first_seen_at IS 'When its first sample arrived';
COMMENT ON COLUMN hosts.last_seen_at IS 'Time of its newest system sample';
COMMENT ON COLUMN hosts.clock_skew_s IS
    'Seconds by which its clock was ahead of the database''s at its newest sample';
COMMENT ON COLUMN hosts.system IS 'Operating system, as Linux';
COMMENT ON COLUMN hosts.release IS 'Release of the kernel';
COMMENT ON COLUMN hosts.architecture IS 'Machine architecture, as x86_64';
COMMENT ON COLUMN hosts.python_version IS 'Python that its collector runs on';
COMMENT ON COLUMN hosts.boot_time IS 'When it started, by its own clock';
COMMENT ON COLUMN hosts.contested_at IS
    'When two machines sent under this name: after one boot came a sample of an earlier one';
COMMENT ON COLUMN hosts.retired_at IS
    'Since when its samples are awaited no more, by tocsin hosts retire; empty again with the next one';
COMMENT ON COLUMN hosts.cpu_count IS 'Logical CPUs';
COMMENT ON COLUMN hosts.memory_total_gb IS 'Physical memory in GB of 2^30 bytes';
COMMENT ON COLUMN hosts.missing IS 'What its newest sample could not read, and why';
