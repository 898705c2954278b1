"""The unit of work: one transaction and everything that can be done in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from store.asks import Asks
from store.audit import Audit
from store.codes import Codes
from store.forgetting import Forgetting
from store.gauges import Gauges
from store.grants import Grants
from store.hour_sums import HourSums
from store.links import Links
from store.live_products import LiveProducts
from store.lives import Lives
from store.memories import Memories
from store.mentions import Mentions
from store.notices import Notices
from store.offer_stands import OfferStands
from store.offers import Offers
from store.products import Products
from store.pseudonyms import Pseudonyms
from store.redemption_log import RedemptionLog
from store.redemptions import Redemptions
from store.refusals import in_our_words
from store.reports import Reports
from store.said import SaidLog
from store.seal import Seal
from store.segments import Announced, Segments
from store.shop_codes import ShopCodes
from store.tokens import Tokens
from store.users import Users
from store.viewers import Viewers


class UnitOfWork:
    """The repositories of one transaction; made by `Database.unit()`, never kept past it."""

    def __init__(self, connection: Connection, seal: Seal, pseudonyms: Pseudonyms) -> None:
        self._connection = connection
        self.lives = Lives(connection)
        self.live_products = LiveProducts(connection)
        self.products = Products(connection)
        self.segments = Segments(connection)
        self.announced = Announced(connection)
        self.offers = Offers(connection)
        self.offer_stands = OfferStands(connection)
        self.codes = Codes(connection)
        self.grants = Grants(connection, pseudonyms)
        self.asks = Asks(connection)
        self.mentions = Mentions(connection)
        self.viewers = Viewers(connection, pseudonyms)
        self.forgetting = Forgetting(connection, pseudonyms)
        self.said = SaidLog(connection)
        self.tokens = Tokens(connection, seal)
        self.memories = Memories(connection)
        self.links = Links(connection, pseudonyms)
        self.shop_codes = ShopCodes(connection)
        self.redemptions = Redemptions(connection)
        self.redemption_log = RedemptionLog(connection)
        self.hour_sums = HourSums(connection)
        self.notices = Notices(connection)
        self.users = Users(connection)
        self.audit = Audit(connection)
        self.reports = Reports(connection)
        self.gauges = Gauges(connection)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the unit that is undone alone when it raises; the rest goes on."""
        try:
            with self._connection.begin_nested():
                yield
        except DBAPIError as error:
            raise in_our_words(error) from None
