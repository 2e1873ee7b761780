-- Metrics that people and their programs write, with names and labels of their own.

CREATE TABLE custom_series (
    id integer GENERATED ALWAYS AS IDENTITY,
    host_id integer NOT NULL,
    last_at timestamptz NOT NULL,
    metric_id smallint NOT NULL,
    subject text NOT NULL,
    labels jsonb NOT NULL,
    CONSTRAINT pk_custom_series PRIMARY KEY (id),
    CONSTRAINT uq_custom_series_host_id_metric_id_subject UNIQUE (host_id, metric_id, subject),
    CONSTRAINT fk_custom_series_host_id FOREIGN KEY (host_id) REFERENCES hosts (id),
    CONSTRAINT fk_custom_series_metric_id FOREIGN KEY (metric_id) REFERENCES metrics (id)
);

COMMENT ON TABLE custom_series IS 'One row for each host, custom metric and set of labels';
COMMENT ON COLUMN custom_series.id IS 'Short key used by custom_metrics_history';
COMMENT ON COLUMN custom_series.host_id IS 'The host';
COMMENT ON COLUMN custom_series.last_at IS 'Time of its newest value';
COMMENT ON COLUMN custom_series.metric_id IS 'The metric, whose type is custom';
COMMENT ON COLUMN custom_series.subject IS 'The labels in one text, as in roll-ups; empty without any';
COMMENT ON COLUMN custom_series.labels IS 'The labels';

CREATE TABLE custom_metrics_history (
    ts timestamptz NOT NULL,
    value double precision NOT NULL,
    series_id integer NOT NULL,
    CONSTRAINT pk_custom_metrics_history PRIMARY KEY (series_id, ts) WITH (fillfactor = 100)
) PARTITION BY RANGE (ts);

COMMENT ON TABLE custom_metrics_history IS
    'Custom metrics, one row per series and second, partitioned by day';
COMMENT ON COLUMN custom_metrics_history.ts IS 'The second of arrival, on the database''s clock';
COMMENT ON COLUMN custom_metrics_history.value IS 'The value, in whatever unit its writer meant';
COMMENT ON COLUMN custom_metrics_history.series_id IS 'The series, a key of custom_series';
