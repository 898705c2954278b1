"""The console's pages: a module each, with `async def build(desk: Desk) -> None`."""
