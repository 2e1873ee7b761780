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
COMMENT ON COLUMN heartbeats.component IS 'As task:collect.system or recorder';
COMMENT ON COLUMN heartbeats.instance IS 'Which one, by host';
COMMENT ON COLUMN heartbeats.at IS 'When it was last seen at work';
COMMENT ON COLUMN heartbeats.since IS 'From when it has been at work without a break';
COMMENT ON COLUMN heartbeats.detail IS 'Outcome, duration and figures of that work';

CREATE TABLE task_runs (
    id bigint GENERATED ALWAYS AS IDENTITY,
    task text NOT NULL,
    tick timestamptz,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    origin text NOT NULL,
    outcome text NOT NULL,
    arguments jsonb NOT NULL,
    result jsonb,
    CONSTRAINT pk_task_runs PRIMARY KEY (id),
    CONSTRAINT uq_task_runs_task_tick UNIQUE (task, tick)
);

COMMENT ON TABLE task_runs IS 'Ledger of chores: every run, who started it, what it did';
COMMENT ON COLUMN task_runs.id IS 'Key';
COMMENT ON COLUMN task_runs.task IS 'Name of the task, as Flower shows it';
COMMENT ON COLUMN task_runs.tick IS 'Tick of the schedule that it claims; null for a run by hand';
COMMENT ON COLUMN task_runs.started_at IS 'When it began';
COMMENT ON COLUMN task_runs.finished_at IS 'When it ended; null while it runs or if it died';
COMMENT ON COLUMN task_runs.origin IS 'Who or what started it';
COMMENT ON COLUMN task_runs.outcome IS 'running, done, skipped or failed';
COMMENT ON COLUMN task_runs.arguments IS 'Its arguments';
COMMENT ON COLUMN task_runs.result IS 'What it did, or the error';

CREATE INDEX idx_task_runs_started_at ON task_runs (started_at);
