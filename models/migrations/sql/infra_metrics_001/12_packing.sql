-- Packing: whole numbers as their differences, or the differences of these, less the smallest of them, over their
-- greatest common divisor, in as few bits as the largest takes. Steady counters and what does not change take no
-- bits at all; noise takes what it is made of. Nothing is rounded: what comes out is what went in.

-- A 4-byte figure by its bits (IEEE 754): of two that are near each other, the numbers are near, too.
CREATE FUNCTION real_to_bits(figure real) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ('x' || encode(float4send(figure), 'hex'))::bit(32)::integer
$$;
COMMENT ON FUNCTION real_to_bits(real) IS 'The 32 bits of a figure, as a signed number';

CREATE FUNCTION bits_to_real(bits bigint) RETURNS real
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE bits & x'7f800000'::integer
           WHEN x'7f800000'::integer THEN
                CASE WHEN bits & x'7fffff'::integer <> 0 THEN 'NaN'::real
                     WHEN bits < 0 THEN '-Infinity' ELSE 'Infinity' END
           -- Without an exponent there is no leading 1, either.
           WHEN 0 THEN (sign(bits + 0.5::float8) * (bits & x'7fffff'::integer) * 2::float8 ^ (-149))::real
           ELSE (sign(bits + 0.5::float8) * (x'800000'::integer + (bits & x'7fffff'::integer))
                 * 2::float8 ^ ((bits >> 23 & 255) - 150))::real
           END
$$;
COMMENT ON FUNCTION bits_to_real(bigint) IS 'The figure that these 32 bits are';

-- What it makes: how many values (32 bits), differences of which order (2), bits of each (7), length of what says
-- which values are not null (32) and that itself, packed likewise; first value and first difference as far as the order
-- wants them (64 each), smallest (64), divisor (64), and the bits.
CREATE FUNCTION pack_series(series bigint[]) RETURNS bit varying
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    numbers bigint[] := array_remove(series, NULL);
    known bit varying := B'';
    firsts bit varying := B'';
    differences bigint[];
    one bigint;
    range bigint;
    lowest bigint := min(n) FROM unnest(numbers) AS n;
    highest bigint := max(n) FROM unnest(numbers) AS n;
    divisor bigint := 0;
    level integer := 0;
    width integer;
    bits bit varying;
BEGIN
    IF lowest IS NULL THEN
        RETURN NULL;
    ELSIF cardinality(numbers) < cardinality(series) THEN
        known := pack_series(ARRAY(SELECT at FROM unnest(series) WITH ORDINALITY AS s (n, at) WHERE n IS NOT NULL));
    END IF;
    IF lowest <= -(2::bigint ^ 60) OR highest >= 2::bigint ^ 60 THEN
        -- The differences of such numbers may be too large for a number.
        lowest := 0; divisor := 1; width := 64;
    ELSE
        FOR order_ IN 1 .. 2 LOOP
            EXIT WHEN highest = lowest OR cardinality(numbers) = 1;
            differences := ARRAY(SELECT n - lag(n) OVER () FROM unnest(numbers) AS n OFFSET 1);
            SELECT max(n) - min(n) INTO range FROM unnest(differences) AS n;
            EXIT WHEN range >= highest - lowest;
            firsts := firsts || numbers[1]::bit(64);
            numbers := differences;
            level := order_;
            SELECT min(n), max(n) INTO lowest, highest FROM unnest(numbers) AS n;
        END LOOP;
        FOREACH one IN ARRAY numbers LOOP
            divisor := gcd(divisor, one - lowest);
            EXIT WHEN divisor = 1;
        END LOOP;
        divisor := greatest(divisor, 1);
        range := (highest - lowest) / divisor;
        width := CASE range WHEN 0 THEN 0 ELSE 65 - position(B'1' IN range::bit(64)) END;
    END IF;
    bits := string_agg(substring(((n - lowest) / divisor)::bit(64) FROM 65 - width)::text, '')
       FROM unnest(numbers) AS n;
    RETURN cardinality(series)::bit(32) || level::bit(2) || width::bit(7) || length(known)::bit(32) || known
           || firsts || lowest::bit(64) || divisor::bit(64) || bits;
END $$;
COMMENT ON FUNCTION pack_series(bigint[]) IS 'Whole numbers in few bits, for unpack_series; null where all are null';

CREATE FUNCTION unpack_series(packed bit varying) RETURNS bigint[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    flat bit varying := packed || B'';  -- taken out of its compressed form once, not at every look
    total integer := substring(flat FROM 1 FOR 32)::integer;
    level integer := substring(flat FROM 33 FOR 2)::integer;
    width integer := substring(flat FROM 35 FOR 7)::integer;
    length integer := substring(flat FROM 42 FOR 32)::integer;
    known bigint[] := unpack_series(nullif(substring(flat FROM 74 FOR length), B''));
    place integer := 74 + length + 64 * level;
    lowest bigint := substring(flat FROM place FOR 64)::bigint;
    divisor bigint := substring(flat FROM place + 64 FOR 64)::bigint;
    numbers bigint[] := ARRAY(
        SELECT lowest + divisor * substring(flat FROM place + 128 + width * at FOR width)::bigint
          FROM generate_series(0, coalesce(cardinality(known), total) - level - 1) AS at);
    sums bigint[];
    sum bigint;
    step bigint;
BEGIN
    FOR order_ IN REVERSE level .. 1 LOOP
        sum := substring(flat FROM 74 + length + 64 * (order_ - 1) FOR 64)::bigint;
        sums := ARRAY[sum];
        FOREACH step IN ARRAY numbers LOOP
            sum := sum + step;
            sums := sums || sum;
        END LOOP;
        numbers := sums;
    END LOOP;
    IF known IS NULL THEN
        RETURN numbers;
    END IF;
    sums := array_fill(NULL::bigint, ARRAY[total]);
    FOR at IN 1 .. cardinality(known) LOOP
        sums[known[at]] := numbers[at];
    END LOOP;
    RETURN sums;
END $$;
COMMENT ON FUNCTION unpack_series(bit varying) IS 'The whole numbers that pack_series packed';

CREATE FUNCTION pack_reals(series real[]) RETURNS bit varying
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pack_series(ARRAY(SELECT real_to_bits(figure) FROM unnest(series) AS figure))
$$;
COMMENT ON FUNCTION pack_reals(real[]) IS '4-byte figures in few bits, for unpack_reals; null where all are null';

CREATE FUNCTION unpack_reals(packed bit varying) RETURNS real[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN packed IS NOT NULL THEN
                ARRAY(SELECT bits_to_real(bits) FROM unnest(unpack_series(packed)) AS bits) END
$$;
COMMENT ON FUNCTION unpack_reals(bit varying) IS 'The figures that pack_reals packed';

-- What each column of a raw row becomes in the packed one, and how it is read from there.
CREATE FUNCTION packed_columns(OUT name name, OUT packed text, OUT unpacked text, OUT value text) RETURNS SETOF record
LANGUAGE sql STABLE AS $$
    SELECT attname,
           CASE WHEN attname = 'host_id' THEN 'host_id'
                WHEN attname = 'ts'
                THEN 'pack_series(array_agg((extract(epoch FROM ts - hour) * 1000000)::bigint ORDER BY ts))'
                WHEN atttypid = 'real'::regtype THEN format('pack_reals(array_agg(%I ORDER BY ts))', attname)
                ELSE format('pack_series(array_agg(%I::bigint ORDER BY ts))', attname) END,
           CASE WHEN attname = 'host_id' THEN 'host_id'
                WHEN atttypid = 'real'::regtype THEN format('unpack_reals(%1$I) AS %1$I', attname)
                ELSE format('unpack_series(%1$I) AS %1$I', attname) END,
           CASE WHEN attname = 'host_id' THEN 'p.host_id'
                WHEN attname = 'ts' THEN 'p.hour + p.ts[n] * interval ''1 microsecond'''
                ELSE format('p.%I[n]::%s', attname, format_type(atttypid, NULL)) END
      FROM pg_attribute
     WHERE attrelid = 'system_metrics_history'::regclass AND attnum > 0 AND NOT attisdropped
     ORDER BY attnum
$$;
COMMENT ON FUNCTION packed_columns() IS 'How each column of system_metrics_history is packed and unpacked';

-- Written out for the planner, which makes it a part of the query that asks: only days between the two moments are
-- looked at, only hosts that are asked for, and only columns that are asked for are unpacked. The grouping does
-- nothing but have each of them unpacked once for an hour, not once for a row.
DO $make$
BEGIN
    EXECUTE (SELECT format($function$
        CREATE FUNCTION system_metrics(since timestamptz, until timestamptz) RETURNS SETOF system_metrics_history
        LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT * FROM system_metrics_history WHERE ts >= since AND ts < until
             UNION ALL
            SELECT %s
              FROM (SELECT hour, samples, %s
                      FROM system_metrics_packed
                     WHERE hour > since - interval '1 hour' AND hour < until
                     GROUP BY host_id, hour) AS p
             CROSS JOIN LATERAL generate_series(1, p.samples) AS n
             WHERE p.hour + p.ts[n] * interval '1 microsecond' >= since
               AND p.hour + p.ts[n] * interval '1 microsecond' < until
        $$ $function$, string_agg(value, ', '), string_agg(unpacked, ', ')) FROM packed_columns());
END $make$;
COMMENT ON FUNCTION system_metrics(timestamptz, timestamptz) IS
    'Rows of system_metrics_history from one moment up to another, those of packed days included';

-- A tick of a packed day that comes a second time is stored once, as always: the key of a day that was made anew
-- for a late sample does not know what is packed already.
CREATE FUNCTION skip_packed() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM system_metrics_packed AS p
                WHERE p.host_id = NEW.host_id AND p.hour = date_trunc('hour', NEW.ts, 'UTC')
                  AND (extract(epoch FROM NEW.ts - p.hour) * 1000000)::bigint = ANY (unpack_series(p.ts))) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
COMMENT ON FUNCTION skip_packed() IS 'Leaves out a row that is there already, packed';

-- One transaction: whatever ends it early leaves the day as it was. What came late for a packed day lies in a raw
-- day beside it until this is called again.
CREATE FUNCTION pack_day(day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '500ms' AS $$
DECLARE
    child text := partition_name('system_metrics_history', day);
    start timestamptz := day || ' 00:00+00';
    before bigint;
    after bigint;
BEGIN
    -- Two at once would wait for each other's rows; the second finds nothing left to do.
    LOCK TABLE ONLY system_metrics_packed IN SHARE UPDATE EXCLUSIVE MODE;
    IF partition_state('system_metrics_history', child) IS DISTINCT FROM 'attached' THEN
        RETURN 0;
    ELSIF NOT EXISTS (SELECT FROM rollup_windows WHERE period = 'day' AND bucket = start AND final) THEN
        RAISE '% is not packed: its day is not rolled up for good', child
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    PERFORM make_partition('system_metrics_packed', day);
    EXECUTE format('SELECT count(*) FROM %I', child) INTO before;
    EXECUTE (SELECT format($pack$
        INSERT INTO system_metrics_packed (hour, samples, %1$s)
        SELECT hour, count(*), %2$s
          FROM (SELECT date_trunc('hour', ts, 'UTC') AS hour, * FROM system_metrics($1, $1 + interval '1 day')) AS s
         WHERE (host_id, hour) IN (SELECT host_id, date_trunc('hour', ts, 'UTC') FROM %4$I)
         GROUP BY host_id, hour
            ON CONFLICT (host_id, hour) DO UPDATE SET samples = excluded.samples, %3$s
        $pack$, string_agg(quote_ident(name), ', '), string_agg(packed, ', '),
                string_agg(format('%1$I = excluded.%1$I', name), ', ') FILTER (WHERE name <> 'host_id'), child)
               FROM packed_columns()) USING start;
    -- Nobody adds to the day while it is looked at and dropped. Who began to write to the table before has to be
    -- waited for, and may want the day: each try lets go of it soon, before the two wait for each other.
    FOR attempt IN 1 .. 5 LOOP
        BEGIN
            EXECUTE format('LOCK TABLE %I IN SHARE MODE', child);
            EXECUTE format('SELECT count(*) FROM %I', child) INTO after;
            IF after <> before THEN
                RAISE '% is not packed: rows were added to it meanwhile', child
                    USING ERRCODE = 'object_not_in_prerequisite_state';
            END IF;
            EXECUTE format('DROP TABLE %I', child);
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 5 THEN
                RAISE;
            END IF;
        END;
    END LOOP;
    RETURN after;
END $$;
COMMENT ON FUNCTION pack_day(date) IS
    'Packs the raw system rows of a day (UTC) that is rolled up for good, and answers how many there were';

-- Rows of many hosts come in turns and split the pages of a key that begins with the host. Once their day is over
-- the key can be made anew with full pages; its file has another name then, by which it is known.
CREATE FUNCTION rewrite_keys(parent text, day date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET lock_timeout = '500ms' AS $$
DECLARE
    child text := partition_name(parent, day);
    before bigint := pg_indexes_size(child::regclass);
BEGIN
    EXECUTE format('REINDEX TABLE %I', child);
    RETURN before - pg_indexes_size(child::regclass);
END $$;
COMMENT ON FUNCTION rewrite_keys(text, date) IS
    'Makes the indexes of a day (UTC) anew, which is for one that is over, and answers how many bytes that freed';
