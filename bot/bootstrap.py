"""The one place where concrete classes meet."""

from collections.abc import Sequence
from datetime import datetime

from bot.dispatch import KnownViewers
from bot.settings import Settings
from domain.answers import Answer
from domain.chat import Message
from store.database import Database
