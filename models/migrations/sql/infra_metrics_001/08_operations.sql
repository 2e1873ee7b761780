-- Signs of life and the ledger of chores.

CREATE TABLE heartbeats (
    component text NOT NULL,
    instance text NOT NULL,
    at timestamptz NOT NULL,
    since timestamptz NOT NULL,
    detail jsonb NOT NULL,
    CONSTRAINT pk_heartbeats PRIMARY KEY (component, instance)
);

COMMENT ON TABLE heartbeats IS 'Last sign of life of every part of Tocsin';
COMMENT ON COLUMN heartbeats.component IS 'As task:health.check, queue:notify or recorder';
COMMENT ON COLUMN heartbeats.instance IS 'Which one, by host';
COMMENT ON COLUMN heartbeats.at IS 'When it was last seen at work';
COMMENT ON COLUMN heartbeats.since IS 'From when it has been at work without a break';
COMMENT ON COLUMN heartbeats.detail IS 'Outcome, duration and figures of that work';

CREATE TABLE task_runs (
    id bigint GENERATED ALWAYS AS IDENTITY,
    task text NOT NULL,
    tick timestamptz,
    task_id text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    origin text NOT NULL,
    outcome text NOT NULL,
    arguments jsonb NOT NULL,
    "window" text,
    rows bigint,
    result jsonb,
    error text,
    CONSTRAINT pk_task_runs PRIMARY KEY (id),
    CONSTRAINT uq_task_runs_task_tick UNIQUE (task, tick)
);

COMMENT ON TABLE task_runs IS 'Ledger of tasks: every run of a chore or by hand, who started it, what it did';
COMMENT ON COLUMN task_runs.id IS 'Key';
COMMENT ON COLUMN task_runs.task IS 'Name of the task, as Flower shows it';
COMMENT ON COLUMN task_runs.tick IS 'Tick of the schedule that it claims; null for a run by hand';
COMMENT ON COLUMN task_runs.task_id IS 'Celery''s id of the message that asked for it, as Flower shows it; null without Celery';
COMMENT ON COLUMN task_runs.started_at IS 'When it began';
COMMENT ON COLUMN task_runs.finished_at IS 'When it ended; null while it runs or if it died';
COMMENT ON COLUMN task_runs.origin IS 'Who or what started it';
COMMENT ON COLUMN task_runs.outcome IS 'running, done, skipped, refused or failed';
COMMENT ON COLUMN task_runs.arguments IS 'Its arguments, without what might be a secret';
COMMENT ON COLUMN task_runs."window" IS 'From when to when it worked, if it worked on times';
COMMENT ON COLUMN task_runs.rows IS 'How many rows it wrote or removed, if that is its work';
COMMENT ON COLUMN task_runs.result IS 'What it did, or why it was skipped';
COMMENT ON COLUMN task_runs.error IS 'Why it failed or was refused';

CREATE INDEX idx_task_runs_started_at ON task_runs (started_at);

-- A message that is delivered twice is done once.
CREATE UNIQUE INDEX uq_task_runs_task_id ON task_runs (task_id)
    WHERE tick IS NULL AND outcome IN ('running', 'done', 'failed');

CREATE TABLE task_minutes (
    task text NOT NULL,
    minute timestamptz NOT NULL,
    runs integer NOT NULL,
    failed integer NOT NULL,
    total_ms real NOT NULL,
    longest_ms real NOT NULL,
    last_error text,
    CONSTRAINT pk_task_minutes PRIMARY KEY (task, minute)
);

COMMENT ON TABLE task_minutes IS 'Ledger of frequent tasks: totals of each minute';
COMMENT ON COLUMN task_minutes.task IS 'Name of the task, as Flower shows it';
COMMENT ON COLUMN task_minutes.minute IS 'Start of the minute';
COMMENT ON COLUMN task_minutes.runs IS 'How many runs ended in it';
COMMENT ON COLUMN task_minutes.failed IS 'How many of them failed';
COMMENT ON COLUMN task_minutes.total_ms IS 'How long they took together, ms';
COMMENT ON COLUMN task_minutes.longest_ms IS 'How long the longest took, ms';
COMMENT ON COLUMN task_minutes.last_error IS 'Why the last of those that failed did';

CREATE TABLE outages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    part text NOT NULL,
    began_at timestamptz NOT NULL,
    seen_at timestamptz,
    ended_at timestamptz,
    reason text NOT NULL,
    remedy text NOT NULL,
    told_at timestamptz,
    end_told_at timestamptz,
    CONSTRAINT pk_outages PRIMARY KEY (id)
);

COMMENT ON TABLE outages IS 'Stops of parts of Tocsin itself, as the watchdog saw them';
COMMENT ON COLUMN outages.id IS 'Key';
COMMENT ON COLUMN outages.part IS 'As beat, redis, queue health, recorder, evaluation or outbox';
COMMENT ON COLUMN outages.began_at IS 'When the watchdog called it stopped';
COMMENT ON COLUMN outages.seen_at IS 'When it was last seen at work before';
COMMENT ON COLUMN outages.ended_at IS 'When it was at work again; null until then';
COMMENT ON COLUMN outages.reason IS 'What was seen, in one sentence';
COMMENT ON COLUMN outages.remedy IS 'What to do';
COMMENT ON COLUMN outages.told_at IS 'When people were last told that it goes on';
COMMENT ON COLUMN outages.end_told_at IS 'When people were told that it was over';

CREATE UNIQUE INDEX uq_outages_part ON outages (part) WHERE ended_at IS NULL;
CREATE INDEX idx_outages_began_at ON outages (began_at);
