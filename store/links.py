"""Which browser a viewer's personal link belongs to."""

from sqlalchemy import Connection, text

from store.pseudonyms import Pseudonyms

_BIND = text("""
    INSERT INTO link_bindings (live_id, platform, viewer_id, browser)
    VALUES (:live_id, :platform, :viewer_id, :browser) ON CONFLICT DO NOTHING
""")
_BOUND = text("""
    SELECT browser FROM link_bindings
    WHERE live_id = :live_id AND platform = :platform AND viewer_id IN (:viewer_id, :hidden)
""")


class Links:
    """The personal links of one unit of work."""

    def __init__(self, connection: Connection, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self._pseudonyms = pseudonyms

    def bind(self, live_id: int, platform: str, viewer_id: str, browser: str) -> bool:
        """Give the viewer's link to `browser`, unless another has it; True when `browser` has it now."""
        _, hidden = self._pseudonyms.known(platform, viewer_id)
        key = {"live_id": live_id, "platform": platform, "viewer_id": viewer_id, "hidden": hidden}
        bound = self._connection.execute(_BOUND, key).scalar()
        if bound is None:
            self._connection.execute(_BIND, {**key, "browser": browser})
            bound = self._connection.execute(_BOUND, key).scalar_one()
        return bool(bound == browser)
