-- The client's two enums.

CREATE TYPE metrictype AS ENUM ('system', 'process', 'network', 'disk', 'custom');
COMMENT ON TYPE metrictype IS 'What a metric is about';

CREATE TYPE healthstatus AS ENUM ('healthy', 'degraded', 'unhealthy', 'unknown');
COMMENT ON TYPE healthstatus IS
    'What the thresholds say: nothing over one, over a warning, over a critical, no fresh data';
