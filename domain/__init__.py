"""The words of the field as frozen dataclasses, the rules as pure functions, the ports. No I/O."""
