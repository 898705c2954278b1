"""The console: what moderators and marketers open in a browser, on NiceGUI.

A page is a module in `web/console/pages/` with `async def build(desk: Desk) -> None`, a line in
`web/console/registry.py`, and its texts in `web/console/texts/{fr,en}/<page>.toml`. `Desk` is all that a page
gets: who looks, what to say, how to read the store and how to change it.
"""
