"""What `tocsin watchdog` becomes: python -m watchdog."""

from worker import left_out

if __name__ == "__main__":
    left_out.of_this_process()
    from watchdog.turns import main

    main()
