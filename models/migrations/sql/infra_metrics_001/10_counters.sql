-- What is counted for ever, whatever retention removes.
--
-- An increment is a row of its own, written in the transaction that did the thing: nobody waits for anybody,
-- and two transactions that count the same things in another order cannot lock each other out. Now and then
-- the increments are folded into the totals. Total and increments together are the count, in any snapshot.

CREATE TABLE counters (
    value double precision NOT NULL,
    name text NOT NULL,
    labels jsonb NOT NULL,
    CONSTRAINT pk_counters PRIMARY KEY (name, labels)
);

COMMENT ON TABLE counters IS 'Totals that only go up, but for counter_increments';
COMMENT ON COLUMN counters.value IS 'The total, in the unit of the counter';
COMMENT ON COLUMN counters.name IS 'As alert_events; Prometheus sees tocsin_alert_events_total';
COMMENT ON COLUMN counters.labels IS 'What tells it from others of the name, as {"kind": "opened"}';

CREATE TABLE counter_increments (
    id bigint GENERATED ALWAYS AS IDENTITY,
    value double precision NOT NULL,
    name text NOT NULL,
    labels jsonb NOT NULL,
    CONSTRAINT pk_counter_increments PRIMARY KEY (id)
);

COMMENT ON TABLE counter_increments IS 'What was counted since counters was brought up to date';
COMMENT ON COLUMN counter_increments.id IS 'Key';
COMMENT ON COLUMN counter_increments.value IS 'By how much it went up';
COMMENT ON COLUMN counter_increments.name IS 'As in counters';
COMMENT ON COLUMN counter_increments.labels IS 'As in counters';

CREATE FUNCTION count_alert_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counter_increments (name, labels, value)
    SELECT 'alert_events', jsonb_build_object('kind', kind), count(*) FROM new_rows GROUP BY kind;
    RETURN NULL;
END $$;

CREATE TRIGGER count_new AFTER INSERT ON alert_events
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_alert_events();

CREATE FUNCTION count_decisions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counter_increments (name, labels, value)
    SELECT 'notification_decisions', jsonb_build_object('verdict', verdict, 'cause', cause), count(*)
      FROM new_rows GROUP BY verdict, cause;
    RETURN NULL;
END $$;

CREATE TRIGGER count_new AFTER INSERT ON notification_decisions
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_decisions();

CREATE FUNCTION count_attempts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO counter_increments (name, labels, value)
    SELECT 'delivery_attempts', jsonb_build_object('destination', d.destination, 'outcome', n.outcome), count(*)
      FROM new_rows AS n JOIN notification_deliveries AS d ON d.id = n.delivery_id
     GROUP BY d.destination, n.outcome
     UNION ALL
    SELECT 'delivery_attempt_seconds', jsonb_build_object('destination', d.destination), sum(n.duration_ms) / 1000
      FROM new_rows AS n JOIN notification_deliveries AS d ON d.id = n.delivery_id
     GROUP BY d.destination;
    RETURN NULL;
END $$;

CREATE TRIGGER count_new AFTER INSERT ON notification_attempts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_attempts();

-- A delivery ends when it gets its finished_at; one that somebody makes pending again ends once more.
CREATE FUNCTION count_ended_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO counter_increments (name, labels, value)
        SELECT 'deliveries', jsonb_build_object('destination', destination, 'outcome', state), count(*)
          FROM new_rows WHERE finished_at IS NOT NULL GROUP BY destination, state;
    ELSE
        WITH ended AS (
            SELECT n.destination, n.state, n.finished_at - n.created_at AS took
              FROM new_rows AS n JOIN old_rows AS o USING (id)
             WHERE n.finished_at IS NOT NULL AND o.finished_at IS NULL
        )
        INSERT INTO counter_increments (name, labels, value)
        SELECT 'deliveries', jsonb_build_object('destination', destination, 'outcome', state), count(*)
          FROM ended GROUP BY destination, state
         UNION ALL
        SELECT 'delivery_delay_seconds', jsonb_build_object('destination', destination),
               greatest(sum(extract(epoch FROM took)), 0)
          FROM ended WHERE state = 'delivered' GROUP BY destination;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER count_ended_at_once AFTER INSERT ON notification_deliveries
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_ended_deliveries();

CREATE TRIGGER count_ended AFTER UPDATE ON notification_deliveries
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_ended_deliveries();
