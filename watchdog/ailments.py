"""What is said of a part that has stopped: what is the matter, where that is not plain, and what to do."""

REDIS = "start it, or correct REDIS_URL (tocsin doctor looks closer); what is to be told is kept in Postgres"
BEAT = (
    "no tick of beat has been worked on {ago}",
    "start one with tocsin beat, on any host, and see with tocsin doctor that Redis takes messages",
)
QUEUE = "start {command}, or start the one anew that hangs"
RECORDER = (
    "no sample has been stored {ago}",
    "see the log of the worker for record.samples, and with tocsin doctor whether Postgres takes writes",
)
EVALUATION = (
    "no host has been checked {ago}, so no alert opens or ends",
    "see the log of the worker for health.check, and run tocsin check",
)
COLLECTORS = "start tocsin collector there"
SWEEP = (
    "nobody has looked for messages to send {ago}",
    "see the log of the worker for notifications.deliver, and run tocsin deliveries list",
)
BUTTONS = "start tocsin buttons where Postgres can be reached; its log says what Slack answered"
OUTBOX = "tocsin deliveries list shows it, and the log of the worker for notifications.deliver says why"
