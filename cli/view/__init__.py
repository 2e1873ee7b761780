"""What is the case at one moment, read and shown: for `tocsin up`, `status`, `check` and `top`."""
