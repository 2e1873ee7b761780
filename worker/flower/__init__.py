"""What we bring to Flower, which shows workers and tasks to people."""
