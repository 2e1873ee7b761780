-- Making and dropping days, for workers that own no table. What these may be asked for is little: a day of a
-- table that is partitioned by day, and to drop it only what is rolled up for good and held by nobody.

CREATE FUNCTION partition_state(parent text, child text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT c.relispartition THEN 'detached' WHEN i.inhdetachpending THEN 'detaching' ELSE 'attached' END
      FROM pg_class AS c
      LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid AND i.inhparent = parent::regclass
     WHERE c.oid = to_regclass(child) AND c.relkind = 'r'
$$;
COMMENT ON FUNCTION partition_state(text, text) IS
    'attached, detaching or detached; null where there is no such table';

CREATE FUNCTION partition_name(parent text, day date) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = to_regclass(quote_ident(parent))) THEN
        RAISE 'no table % is partitioned by day', parent;
    END IF;
    RETURN format('%s_%s', parent, to_char(day, 'YYYYMMDD'));
END $$;
COMMENT ON FUNCTION partition_name(text, date) IS 'What the partition of a day (UTC) is called; refuses other tables';

-- Made apart and then attached: CREATE TABLE … PARTITION OF would lock everybody out of the parent.
CREATE FUNCTION make_partition(parent text, day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    child text := partition_name(parent, day);
    state text;
BEGIN
    -- With the lock in hand, look: who was here before us may have made it.
    EXECUTE format('LOCK TABLE ONLY %I IN SHARE UPDATE EXCLUSIVE MODE', parent);
    state := partition_state(parent, child);
    IF state = 'attached' THEN
        RETURN false;
    ELSIF state = 'detaching' THEN
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I FINALIZE', parent, child);
    ELSIF state IS NULL THEN
        EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES)', child, parent);
        EXECUTE format('COMMENT ON TABLE %I IS %L', child, format('%s (UTC) of %s', day, parent));
        IF parent = 'system_metrics_history'
           AND partition_state('system_metrics_packed', partition_name('system_metrics_packed', day)) = 'attached' THEN
            EXECUTE format('CREATE TRIGGER skip_packed BEFORE INSERT ON %I FOR EACH ROW EXECUTE FUNCTION skip_packed()',
                           child);
        END IF;
    END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   parent, child, day || ' 00:00+00', day + 1 || ' 00:00+00');
    RETURN true;
END $$;
COMMENT ON FUNCTION make_partition(text, date) IS 'Makes the partition of a day (UTC); false when it was there';

-- The lock on the parent is held for milliseconds; whoever has to wait for it lets others pass soon.
CREATE FUNCTION drop_partition(parent text, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '500ms' AS $$
DECLARE
    child text := partition_name(parent, day);
    state text := partition_state(parent, child);
    start timestamptz := day || ' 00:00+00';
    has_rows boolean;
BEGIN
    IF state IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I)', child) INTO has_rows;
    IF has_rows AND state = 'attached' THEN
        IF NOT EXISTS (SELECT FROM rollup_windows WHERE period = 'day' AND bucket = start AND final) THEN
            RAISE '% is not dropped: its day is not rolled up for good', child
                USING ERRCODE = 'object_not_in_prerequisite_state';
        ELSIF EXISTS (SELECT FROM holds WHERE ended_at IS NULL AND starts_at < start + interval '1 day'
                                          AND ends_at > start) THEN
            RAISE '% is not dropped: a hold is on its day', child
                USING ERRCODE = 'object_not_in_prerequisite_state';
        END IF;
    ELSIF state = 'detaching' THEN
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I FINALIZE', parent, child);
    END IF;
    EXECUTE format('DROP TABLE %I', child);
END $$;
COMMENT ON FUNCTION drop_partition(text, date) IS
    'Drops the partition of a day (UTC) that is rolled up for good; gives up when the table is in use';
