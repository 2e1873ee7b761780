"""What the project claims about speed, as ratios to a floor that runs in the same minute."""
