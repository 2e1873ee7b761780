-- The results of health checks, partitioned by day.

CREATE TABLE infrastructure_health (
    checked_at timestamptz NOT NULL,
    host_id integer NOT NULL,
    score real,
    response_ms real,
    status healthstatus NOT NULL,
    component text NOT NULL,
    level text,
    warnings jsonb NOT NULL,
    criticals jsonb NOT NULL,
    parts jsonb NOT NULL,
    CONSTRAINT pk_infrastructure_health PRIMARY KEY (host_id, checked_at, component)
) PARTITION BY RANGE (checked_at);

COMMENT ON TABLE infrastructure_health IS
    'Health checks: one row per host, component and check, partitioned by day';
COMMENT ON COLUMN infrastructure_health.checked_at IS 'The 15 s slot of the check';
COMMENT ON COLUMN infrastructure_health.host_id IS 'The host, a key of hosts';
COMMENT ON COLUMN infrastructure_health.score IS '0 to 100 by the client''s formula, null without fresh data';
COMMENT ON COLUMN infrastructure_health.response_ms IS 'How long the component took to answer, milliseconds';
COMMENT ON COLUMN infrastructure_health.status IS 'What the thresholds say';
COMMENT ON COLUMN infrastructure_health.component IS 'machine, database or redis';
COMMENT ON COLUMN infrastructure_health.level IS
    'What the score says: healthy, degraded, warning or critical';
COMMENT ON COLUMN infrastructure_health.warnings IS 'Sentences, one for each warning';
COMMENT ON COLUMN infrastructure_health.criticals IS 'Sentences, one for each critical';
COMMENT ON COLUMN infrastructure_health.parts IS 'The points that each part took off, or facts of a service';

CREATE INDEX idx_infra_checked_at ON infrastructure_health USING brin (checked_at);
CREATE INDEX idx_infra_score ON infrastructure_health (score) WHERE score < 70;
CREATE INDEX idx_infra_status ON infrastructure_health (status) WHERE status <> 'healthy';
