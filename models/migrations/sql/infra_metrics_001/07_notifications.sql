-- The outbox, messages to be edited, attempts, decisions and silences.

CREATE TABLE notification_deliveries (
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id bigint NOT NULL,
    alert_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    due_at timestamptz NOT NULL,
    lease_until timestamptz,
    finished_at timestamptz,
    lease_token uuid,
    step smallint DEFAULT '0' NOT NULL,
    attempts smallint DEFAULT '0' NOT NULL,
    destination text NOT NULL,
    recipient text DEFAULT '' NOT NULL,
    kind text NOT NULL,
    severity text NOT NULL,
    state text DEFAULT 'pending' NOT NULL,
    reason text NOT NULL,
    digest_id bigint,
    fallback_for text,
    summary text,
    provider_id text,
    rendered jsonb,
    CONSTRAINT pk_notification_deliveries PRIMARY KEY (id),
    CONSTRAINT uq_notification_deliveries_event_id_destination_recipient_step
        UNIQUE (event_id, destination, recipient, step),
    CONSTRAINT ck_notification_deliveries_state
        CHECK (state IN ('pending', 'sending', 'delivered', 'superseded', 'dead')),
    CONSTRAINT fk_notification_deliveries_event_id FOREIGN KEY (event_id)
        REFERENCES alert_events (id) ON DELETE CASCADE,
    CONSTRAINT fk_notification_deliveries_alert_id FOREIGN KEY (alert_id)
        REFERENCES infrastructure_alerts (id) ON DELETE CASCADE
);

COMMENT ON TABLE notification_deliveries IS
    'The outbox: one row per event, destination, recipient and escalation step';
COMMENT ON COLUMN notification_deliveries.id IS 'Key, and the number in the message''s identity';
COMMENT ON COLUMN notification_deliveries.event_id IS 'The event to tell of';
COMMENT ON COLUMN notification_deliveries.alert_id IS 'Its alert';
COMMENT ON COLUMN notification_deliveries.incident_id IS 'First alert of the incident: the cooldown''s key';
COMMENT ON COLUMN notification_deliveries.created_at IS 'When it was planned';
COMMENT ON COLUMN notification_deliveries.due_at IS 'Not to be sent before this moment';
COMMENT ON COLUMN notification_deliveries.lease_until IS 'Until when a sender has it to itself';
COMMENT ON COLUMN notification_deliveries.finished_at IS 'When it ended, whichever way';
COMMENT ON COLUMN notification_deliveries.lease_token IS
    'The sender''s token: only it may record the outcome';
COMMENT ON COLUMN notification_deliveries.step IS 'Escalation step, 0 for the first';
COMMENT ON COLUMN notification_deliveries.attempts IS 'How often it was tried';
COMMENT ON COLUMN notification_deliveries.destination IS 'Name of the destination';
COMMENT ON COLUMN notification_deliveries.recipient IS 'Mail address, where the destination has several';
COMMENT ON COLUMN notification_deliveries.kind IS 'Kind of the event';
COMMENT ON COLUMN notification_deliveries.severity IS 'Severity that the message speaks of';
COMMENT ON COLUMN notification_deliveries.state IS 'pending, sending, delivered, superseded or dead';
COMMENT ON COLUMN notification_deliveries.reason IS 'Why it is in that state, in one sentence';
COMMENT ON COLUMN notification_deliveries.digest_id IS
    'First delivery of the digest that told of this one among others';
COMMENT ON COLUMN notification_deliveries.fallback_for IS
    'Destination that could not be reached and that this one stands in for';
COMMENT ON COLUMN notification_deliveries.summary IS 'First line of the message, as it was sent';
COMMENT ON COLUMN notification_deliveries.provider_id IS
    'What the provider calls it, as Message-ID or Slack ts';
COMMENT ON COLUMN notification_deliveries.rendered IS
    'What was sent: summary, subject, text, Slack''s layout; null until then and in a digest';

CREATE INDEX idx_deliveries_alert ON notification_deliveries (alert_id);
CREATE INDEX idx_deliveries_created_at ON notification_deliveries (created_at);
CREATE INDEX idx_deliveries_due ON notification_deliveries (due_at) WHERE state IN ('pending', 'sending');
CREATE INDEX idx_deliveries_incident ON notification_deliveries (incident_id, destination, recipient);

CREATE TABLE first_messages (
    delivery_id bigint NOT NULL,
    incident_id bigint NOT NULL,
    shown_event_id bigint NOT NULL,
    due_at timestamptz NOT NULL,
    failures smallint DEFAULT '0' NOT NULL,
    place text NOT NULL,
    answer text,
    CONSTRAINT pk_first_messages PRIMARY KEY (delivery_id),
    CONSTRAINT fk_first_messages_delivery_id FOREIGN KEY (delivery_id)
        REFERENCES notification_deliveries (id) ON DELETE CASCADE
);

COMMENT ON TABLE first_messages IS
    'First messages of incidents that are edited as their incident goes on';
COMMENT ON COLUMN first_messages.delivery_id IS 'The delivery that sent it';
COMMENT ON COLUMN first_messages.incident_id IS 'First alert of the incident';
COMMENT ON COLUMN first_messages.shown_event_id IS
    'Newest event that it shows, or could not be made to show';
COMMENT ON COLUMN first_messages.due_at IS 'Not to be edited before this moment';
COMMENT ON COLUMN first_messages.failures IS 'Edits that failed since the last that did not';
COMMENT ON COLUMN first_messages.place IS 'Where it stands, as Slack''s id of the channel';
COMMENT ON COLUMN first_messages.answer IS 'What the last edit met, without secrets';

CREATE INDEX idx_first_messages_incident ON first_messages (incident_id);

CREATE TABLE notification_attempts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    delivery_id bigint NOT NULL,
    started_at timestamptz NOT NULL,
    duration_ms real NOT NULL,
    outcome text NOT NULL,
    answer text NOT NULL,
    CONSTRAINT pk_notification_attempts PRIMARY KEY (id),
    CONSTRAINT fk_notification_attempts_delivery_id FOREIGN KEY (delivery_id)
        REFERENCES notification_deliveries (id) ON DELETE CASCADE
);

COMMENT ON TABLE notification_attempts IS 'One row per attempt to deliver: when, how long, what answer';
COMMENT ON COLUMN notification_attempts.id IS 'Key';
COMMENT ON COLUMN notification_attempts.delivery_id IS 'The delivery';
COMMENT ON COLUMN notification_attempts.started_at IS 'When it began';
COMMENT ON COLUMN notification_attempts.duration_ms IS 'How long it took, milliseconds';
COMMENT ON COLUMN notification_attempts.outcome IS 'delivered, retry, ambiguous or permanent';
COMMENT ON COLUMN notification_attempts.answer IS 'What the other side said, without secrets';

CREATE INDEX idx_attempts_delivery ON notification_attempts (delivery_id);
CREATE INDEX idx_attempts_started_at ON notification_attempts USING brin (started_at);

CREATE TABLE notification_decisions (
    id bigint GENERATED ALWAYS AS IDENTITY,
    event_id bigint NOT NULL,
    alert_id bigint NOT NULL,
    at timestamptz DEFAULT now() NOT NULL,
    until timestamptz,
    step smallint DEFAULT '0' NOT NULL,
    destination text NOT NULL,
    recipient text DEFAULT '' NOT NULL,
    verdict text NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_notification_decisions PRIMARY KEY (id),
    CONSTRAINT ck_notification_decisions_verdict CHECK (verdict IN ('send', 'hold', 'skip')),
    CONSTRAINT fk_notification_decisions_event_id FOREIGN KEY (event_id)
        REFERENCES alert_events (id) ON DELETE CASCADE,
    CONSTRAINT fk_notification_decisions_alert_id FOREIGN KEY (alert_id)
        REFERENCES infrastructure_alerts (id) ON DELETE CASCADE
);

COMMENT ON TABLE notification_decisions IS
    'Every decision to send, to hold back or to leave out, with its reason';
COMMENT ON COLUMN notification_decisions.id IS 'Key';
COMMENT ON COLUMN notification_decisions.event_id IS 'The event';
COMMENT ON COLUMN notification_decisions.alert_id IS 'Its alert';
COMMENT ON COLUMN notification_decisions.at IS 'When it was decided';
COMMENT ON COLUMN notification_decisions.until IS 'Until when a held message is held';
COMMENT ON COLUMN notification_decisions.step IS 'Escalation step';
COMMENT ON COLUMN notification_decisions.destination IS 'Name of the destination';
COMMENT ON COLUMN notification_decisions.recipient IS 'Mail address, where there are several';
COMMENT ON COLUMN notification_decisions.verdict IS 'send, hold or skip';
COMMENT ON COLUMN notification_decisions.cause IS
    'The kind of reason, in one word, as cooldown or silence';
COMMENT ON COLUMN notification_decisions.reason IS 'Why, in one sentence';

CREATE INDEX idx_decisions_alert ON notification_decisions (alert_id);
CREATE INDEX idx_decisions_at ON notification_decisions USING brin (at);
CREATE INDEX idx_decisions_event ON notification_decisions (event_id);

CREATE TABLE destination_states (
    destination text NOT NULL,
    refilled_at timestamptz NOT NULL,
    tokens real NOT NULL,
    open_until timestamptz,
    failures integer DEFAULT '0' NOT NULL,
    last_error text,
    CONSTRAINT pk_destination_states PRIMARY KEY (destination)
);

COMMENT ON TABLE destination_states IS 'Rate limit and circuit breaker of each destination';
COMMENT ON COLUMN destination_states.destination IS 'Name of the destination';
COMMENT ON COLUMN destination_states.refilled_at IS 'When tokens was true';
COMMENT ON COLUMN destination_states.tokens IS 'Messages that it may get at once';
COMMENT ON COLUMN destination_states.open_until IS
    'Not tried before this moment, because it failed again and again; null while it works';
COMMENT ON COLUMN destination_states.failures IS 'Failures since the last success';
COMMENT ON COLUMN destination_states.last_error IS 'What the last failure was, without secrets';

CREATE TABLE silences (
    id bigint GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz DEFAULT now() NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    matchers jsonb NOT NULL,
    recurrence jsonb,
    created_by text NOT NULL,
    ended_by text,
    reason text NOT NULL,
    CONSTRAINT pk_silences PRIMARY KEY (id)
);

COMMENT ON TABLE silences IS 'Silences and maintenance windows set by people';
COMMENT ON COLUMN silences.id IS 'Key';
COMMENT ON COLUMN silences.created_at IS 'When it was set';
COMMENT ON COLUMN silences.starts_at IS 'From when it holds';
COMMENT ON COLUMN silences.ends_at IS
    'Until when it holds; brought forward when it is ended';
COMMENT ON COLUMN silences.matchers IS 'What it silences: host, component, severity';
COMMENT ON COLUMN silences.recurrence IS
    'Where it holds again and again: start (UTC), minutes, days of the week; else null';
COMMENT ON COLUMN silences.created_by IS 'Who set it';
COMMENT ON COLUMN silences.ended_by IS 'Who ended it early';
COMMENT ON COLUMN silences.reason IS 'Why';
