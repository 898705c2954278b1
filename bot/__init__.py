"""The running program: command line, settings, composition, dispatch, planner, demo."""
