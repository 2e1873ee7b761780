-- What people want kept beyond its retention.

CREATE TABLE holds (
    id bigint GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz DEFAULT now() NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    ended_at timestamptz,
    name text NOT NULL,
    created_by text NOT NULL,
    ended_by text,
    reason text NOT NULL,
    CONSTRAINT pk_holds PRIMARY KEY (id),
    CONSTRAINT ck_holds_order CHECK (starts_at < ends_at)
);

COMMENT ON TABLE holds IS 'Times whose history stays whatever its retention, until somebody ends the hold';
COMMENT ON COLUMN holds.id IS 'Key';
COMMENT ON COLUMN holds.created_at IS 'When it was set';
COMMENT ON COLUMN holds.starts_at IS 'Start of the time whose history stays';
COMMENT ON COLUMN holds.ends_at IS 'End of that time, which is left out';
COMMENT ON COLUMN holds.ended_at IS 'When the hold was ended; null while it holds';
COMMENT ON COLUMN holds.name IS 'What people call it; one that holds has its name to itself';
COMMENT ON COLUMN holds.created_by IS 'Who set it';
COMMENT ON COLUMN holds.ended_by IS 'Who ended it';
COMMENT ON COLUMN holds.reason IS 'Why';

CREATE UNIQUE INDEX uq_holds_name ON holds (name) WHERE ended_at IS NULL;
