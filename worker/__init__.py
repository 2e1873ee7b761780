"""Does the work: the Celery app, the tasks, collectors, recording, evaluation, roll-ups, retention."""
