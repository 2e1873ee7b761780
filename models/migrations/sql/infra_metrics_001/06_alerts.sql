-- Alerts, their events, and what is remembered between two samples.

CREATE TABLE infrastructure_alerts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    incident_id bigint,
    opened_at timestamptz DEFAULT now() NOT NULL,
    breach_since timestamptz NOT NULL,
    acknowledged_at timestamptz,
    resolved_at timestamptz,
    host_id integer NOT NULL,
    value real NOT NULL,
    peak real NOT NULL,
    threshold real NOT NULL,
    seq integer DEFAULT '0' NOT NULL,
    is_drill boolean DEFAULT false NOT NULL,
    component text NOT NULL,
    rule text NOT NULL,
    metric text NOT NULL,
    unit text NOT NULL,
    severity text NOT NULL,
    message text NOT NULL,
    acknowledged_by text,
    snapshot jsonb NOT NULL,
    CONSTRAINT pk_infrastructure_alerts PRIMARY KEY (id),
    CONSTRAINT ck_infrastructure_alerts_severity CHECK (severity IN ('warning', 'critical')),
    CONSTRAINT fk_infrastructure_alerts_incident_id FOREIGN KEY (incident_id)
        REFERENCES infrastructure_alerts (id),
    CONSTRAINT fk_infrastructure_alerts_host_id FOREIGN KEY (host_id) REFERENCES hosts (id)
);

COMMENT ON TABLE infrastructure_alerts IS
    'Alert history: one row per alert, open while resolved_at is null';
COMMENT ON COLUMN infrastructure_alerts.id IS 'The number that people see';
COMMENT ON COLUMN infrastructure_alerts.incident_id IS
    'First alert of the incident when this one fired again within the cooldown, else null';
COMMENT ON COLUMN infrastructure_alerts.opened_at IS 'When it fired';
COMMENT ON COLUMN infrastructure_alerts.breach_since IS 'First sample of the breach that opened it';
COMMENT ON COLUMN infrastructure_alerts.acknowledged_at IS 'When somebody took it';
COMMENT ON COLUMN infrastructure_alerts.resolved_at IS 'When it was over; null while it is open';
COMMENT ON COLUMN infrastructure_alerts.host_id IS 'The host';
COMMENT ON COLUMN infrastructure_alerts.value IS 'Value at the last event, in unit';
COMMENT ON COLUMN infrastructure_alerts.peak IS 'Worst value while it was open, in unit';
COMMENT ON COLUMN infrastructure_alerts.threshold IS 'Threshold in force at the last event, in unit';
COMMENT ON COLUMN infrastructure_alerts.seq IS 'Number of its newest event';
COMMENT ON COLUMN infrastructure_alerts.is_drill IS 'Whether somebody rang the bell to try it';
COMMENT ON COLUMN infrastructure_alerts.component IS 'cpu, memory, disk:/mount, host, database, redis';
COMMENT ON COLUMN infrastructure_alerts.rule IS 'Name of the rule';
COMMENT ON COLUMN infrastructure_alerts.metric IS 'What was measured';
COMMENT ON COLUMN infrastructure_alerts.unit IS 'Unit of value, peak and threshold';
COMMENT ON COLUMN infrastructure_alerts.severity IS 'warning or critical, at present';
COMMENT ON COLUMN infrastructure_alerts.message IS 'What is the matter, in one sentence';
COMMENT ON COLUMN infrastructure_alerts.acknowledged_by IS 'Who took it';
COMMENT ON COLUMN infrastructure_alerts.snapshot IS 'The system at the moment it fired';

CREATE INDEX idx_alerts_day ON infrastructure_alerts (((opened_at AT TIME ZONE 'UTC')::date));
CREATE INDEX idx_alerts_host_component ON infrastructure_alerts (host_id, component, opened_at);
CREATE INDEX idx_alerts_incident ON infrastructure_alerts (incident_id);
CREATE UNIQUE INDEX idx_alerts_open_identity ON infrastructure_alerts (host_id, component, rule)
    WHERE resolved_at IS NULL;
CREATE INDEX idx_alerts_opened_at ON infrastructure_alerts (opened_at);
CREATE INDEX idx_alerts_severity ON infrastructure_alerts (severity, opened_at);

CREATE TABLE alert_events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    alert_id bigint NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    planned_at timestamptz,
    seq integer NOT NULL,
    step smallint,
    value real,
    threshold real,
    kind text NOT NULL,
    severity text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    trace text,
    snapshot jsonb,
    CONSTRAINT pk_alert_events PRIMARY KEY (id),
    CONSTRAINT uq_alert_events_alert_id_seq UNIQUE (alert_id, seq),
    CONSTRAINT fk_alert_events_alert_id FOREIGN KEY (alert_id)
        REFERENCES infrastructure_alerts (id) ON DELETE CASCADE
);

COMMENT ON TABLE alert_events IS 'Every change of state of every alert, in order';
COMMENT ON COLUMN alert_events.id IS 'Key';
COMMENT ON COLUMN alert_events.alert_id IS 'The alert';
COMMENT ON COLUMN alert_events.at IS 'When, on the database''s clock';
COMMENT ON COLUMN alert_events.planned_at IS 'When it was decided who hears of it; null until then';
COMMENT ON COLUMN alert_events.seq IS '1, 2, 3 … within the alert';
COMMENT ON COLUMN alert_events.step IS 'Escalation step, counted from 1, where the event is one';
COMMENT ON COLUMN alert_events.value IS 'Value at that moment, in the alert''s unit';
COMMENT ON COLUMN alert_events.threshold IS 'Threshold in force, in the alert''s unit';
COMMENT ON COLUMN alert_events.kind IS
    'What happened, as opened or resolved: see the on-call guide';
COMMENT ON COLUMN alert_events.severity IS 'Severity after the event';
COMMENT ON COLUMN alert_events.actor IS 'Who or what did it';
COMMENT ON COLUMN alert_events.reason IS 'Why, in one sentence';
COMMENT ON COLUMN alert_events.trace IS 'The work that made it, as a W3C traceparent';
COMMENT ON COLUMN alert_events.snapshot IS 'The system at that moment, where it was looked at';

CREATE INDEX idx_alerts_events_at ON alert_events (at);
CREATE INDEX idx_alerts_events_unplanned ON alert_events (id) WHERE planned_at IS NULL;

CREATE TABLE alert_watches (
    host_id integer NOT NULL,
    component text NOT NULL,
    rule text NOT NULL,
    severity text,
    warning_since timestamptz,
    critical_since timestamptz,
    below_critical_since timestamptz,
    clear_since timestamptz,
    last_at timestamptz,
    peak real,
    CONSTRAINT pk_alert_watches PRIMARY KEY (host_id, component, rule),
    CONSTRAINT fk_alert_watches_host_id FOREIGN KEY (host_id) REFERENCES hosts (id)
);

COMMENT ON TABLE alert_watches IS
    'Breaches in the making and the state of open alerts, one row per identity';
COMMENT ON COLUMN alert_watches.host_id IS 'The host';
COMMENT ON COLUMN alert_watches.component IS 'As in infrastructure_alerts';
COMMENT ON COLUMN alert_watches.rule IS 'As in infrastructure_alerts';
COMMENT ON COLUMN alert_watches.severity IS 'Of the open alert, null while none is open';
COMMENT ON COLUMN alert_watches.warning_since IS 'At or above the warning threshold since';
COMMENT ON COLUMN alert_watches.critical_since IS 'At or above the critical threshold since';
COMMENT ON COLUMN alert_watches.below_critical_since IS 'Clear of the critical threshold since';
COMMENT ON COLUMN alert_watches.clear_since IS 'Clear of every threshold since';
COMMENT ON COLUMN alert_watches.last_at IS 'Time of the last observation';
COMMENT ON COLUMN alert_watches.peak IS 'Worst value so far, in the rule''s unit';
