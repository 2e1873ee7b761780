"""How `tocsin up` and the commands of single processes start what they start."""
